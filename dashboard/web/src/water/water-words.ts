import type { ZoneRow } from '../../../../contract/water-api.ts'
import { judgedM3h, type NIGHT_VERDICTS, type ZoneNight } from '../../../../contract/zones.ts'
import { formatNumber } from '../format/amount.ts'
import { formatDate, formatDay, formatMinute } from '../format/time.ts'
import type { Text } from '../i18n/text.ts'
import { litresWords } from './litres-words.ts'

/** Figures of the water pages as an engineer reads them. Nothing is reckoned here, only written. */

const DAY_MS = 86_400_000
/** Above it a second decimal of m³/h says nothing. */
const COARSE_M3H = 10
const LITRES_PER_M3 = 1000
/** Below it a tenth of a yuan is worth saying. */
const FINE_YUAN = 10

/** What a night said of a zone; of one without a bulk meter nothing can be said. `more-inflow`: it may be lost or used. `high`: beyond its band, and not for long enough to be told. */
export type Standing = (typeof NIGHT_VERDICTS)[number] | 'high' | 'more-inflow' | 'unmeasured'

/** In a column, where figures stand below each other. */
export const flowFigure = (m3h: number): string => formatNumber(m3h, Math.abs(m3h) < COARSE_M3H ? 2 : 1)
/** What of a night is judged, as it stands in a column. */
export const nightFigure = (night: ZoneNight): string => {
  const m3h = judgedM3h(night)
  return m3h === null ? '–' : flowFigure(m3h)
}
/** Alone, or in a sentence. */
export const flowShort = (m3h: number): string => formatNumber(m3h, Math.abs(m3h) < COARSE_M3H ? 2 : 1, 0)
export const nightWords = (night: ZoneNight): string => `${nightFigure(night)} m³/h`
export const flowWords = (m3h: number): string => `${flowShort(m3h)} m³/h`
/** In l/h, or in m³/h where it is more than a thousand. */
export const leakWords = (lph: number): string =>
  lph < LITRES_PER_M3 ? litresWords(lph) : flowWords(lph / LITRES_PER_M3)
export const volumeFigure = (m3: number): string => formatNumber(m3, Math.abs(m3) < COARSE_M3H ? 1 : 0, 0)
export const yuanFigure = (yuan: number): string => formatNumber(yuan, Math.abs(yuan) < FINE_YUAN ? 1 : 0, 0)
export const percentFigure = (percent: number): string => formatNumber(percent, 1)
/** A share of 0…1 as percent; 100 only where nothing is missing. */
export const shareFigure = (share: number): string => formatNumber(Math.floor(share * 1000) / 10, 1, 0)

/** "11-21" of a night. @param day days since 1970 in the city's time */
export const nightDay = (day: number): string => formatDay(day * DAY_MS)
export const nightDate = (day: number): string => formatDate(day * DAY_MS)

export const isMeasured = ({ unjudged }: Pick<ZoneRow, 'unjudged'>): boolean => unjudged !== 'no-bulk-meter'

export function standingOf({
  open,
  unjudged,
  tonight,
  onlyInflow,
}: Pick<ZoneRow, 'open' | 'unjudged' | 'tonight' | 'onlyInflow'>): Standing {
  if (open !== null) return onlyInflow ? 'more-inflow' : 'loss'
  if (unjudged === 'no-bulk-meter') return 'unmeasured'
  if (unjudged === 'learning') return 'learning'
  return unjudged === null && tonight !== null ? verdictOf(tonight) : 'not-judged'
}
export function verdictOf(night: Pick<ZoneNight, 'verdict' | 'lossM3h' | 'nightM3h' | 'highM3h'>): Standing {
  const { verdict, lossM3h, highM3h } = night
  if (verdict === 'loss') return lossM3h === null ? 'more-inflow' : verdict
  return verdict === 'quiet' && highM3h !== null && (judgedM3h(night) ?? 0) > highM3h ? 'high' : verdict
}

/** How a zone stands, in one sentence for a tired person. */
export function zoneSentence(zone: ZoneRow, t: Text): string {
  if (zone.onlyInflow) return inflowSentence(zone, t)
  const { name, open, tonight } = zone
  if (open !== null)
    return t('zone.loss', {
      name,
      flow: flowWords(open.lossM3h),
      since: formatDay(open.since),
      yuan: yuanFigure(open.yuanPerDay),
      lost: volumeFigure(open.lostM3),
    })
  const standing = standingOf(zone)
  if (standing === 'unmeasured') return t('zone.unmeasured', { name })
  if (tonight === null) return t('zone.noNight', { name })
  if (standing === 'not-judged')
    return t('zone.notJudged', {
      name,
      reported: shareFigure(tonight.reported),
      bulk: shareFigure(tonight.bulkReported),
    })
  const flow = nightWords(tonight)
  const { lowM3h, highM3h } = tonight
  if (standing === 'learning' || lowM3h === null || highM3h === null) return t('zone.learning', { name, flow })
  const band = { name, flow, low: flowFigure(lowM3h), high: flowFigure(highM3h) }
  return t(standing === 'high' ? 'zone.high' : 'zone.quiet', band)
}

/** Of a zone of which only the inflow is measured: what runs in, and never that it is lost. */
function inflowSentence(zone: ZoneRow, t: Text): string {
  const { name, open, tonight } = zone
  if (open !== null)
    return t('zone.moreInflow', {
      name,
      flow: flowWords(open.lossM3h),
      since: `${formatDay(open.since)} ${formatMinute(open.since)}`,
      yuan: yuanFigure(open.yuanPerDay),
      lost: volumeFigure(open.lostM3),
    })
  if (tonight === null) return t('zone.noNight', { name })
  const standing = standingOf(zone)
  const { nightM3h, lowM3h, highM3h } = tonight
  if (standing === 'not-judged' || nightM3h === null)
    return t('zone.notJudgedInflow', { name, bulk: shareFigure(tonight.bulkReported) })
  const flow = flowWords(nightM3h)
  if (standing === 'learning' || lowM3h === null || highM3h === null) return t('zone.learningInflow', { name, flow })
  const band = { name, flow, low: flowFigure(lowM3h), high: flowFigure(highM3h) }
  return t(nightM3h > highM3h ? 'zone.highInflow' : nightM3h < lowM3h ? 'zone.lowInflow' : 'zone.quietInflow', band)
}
