import type { AloneRow, DayUse } from '../../../../contract/alone.ts'
import { CITY_OFFSET_MS } from '../../../../contract/city-time.ts'
import { formatSpan } from '../format/age.ts'
import { formatCount } from '../format/amount.ts'
import { formatDate, formatDay, formatMinute } from '../format/time.ts'
import type { Text } from '../i18n/text.ts'

const DAY_MS = 86_400_000

/** "yesterday 07:00" */
function whenWords(at: number, now: number, t: Text): string {
  const time = formatMinute(at)
  const day = formatDate(at)
  if (day === formatDate(now)) return t('alone.today', { time })
  if (day === formatDate(now - DAY_MS)) return t('alone.yesterday', { time })
  return t('alone.day', { day: formatDay(at), time })
}

/** "6 l since yesterday 07:00"; of who draws just now only when that was */
export function stillWords({ still, lastAt }: Pick<AloneRow, 'still' | 'lastAt'>, now: number, t: Text): string {
  if (still === null) return t('alone.neverHeard')
  const when = whenWords(still.since, now, t)
  if (lastAt !== null && still.since >= lastAt) return when
  const n = formatCount(still.litres)
  return n === formatCount(0) ? t('alone.nothingSince', { when }) : t('alone.still', { n, when })
}

/** How they are, in a few words behind the name of their state. */
export function stateWords(row: AloneRow, now: number, t: Text): string | null {
  const { state, lastAt, away, overdue } = row
  if (state === 'unknown')
    return lastAt === null ? t('alone.neverHeard') : t('alone.notKnown', { span: formatSpan(now - lastAt, t) })
  if (away === null) return null
  if (overdue && away.until !== null) return t('alone.overdue', { day: formatDay(away.until) })
  if (state !== 'away') return null
  return away.until === null ? t('alone.awayOpen') : t('alone.awayUntil', { day: formatDay(away.until) })
}

/** Noon of a day of the city. */
const noonOf = (day: number): number => day * DAY_MS - CITY_OFFSET_MS + DAY_MS / 2

export function dayWords({ day, litres, away }: DayUse, t: Text): string {
  const name = formatDay(noonOf(day))
  if (litres === null) return t('alone.barsUnknown', { day: name })
  return away ? t('alone.barsAway', { day: name }) : t('alone.barsDay', { day: name, n: formatCount(litres) })
}
