import { cityDayOf } from '../../contract/city-time.ts'
import { judgedM3h, NIGHT, type ZoneNight } from '../../contract/zones.ts'

const DAY_HOURS = 24
const HOUR_MS = 3_600_000
/** Judged nights of each of the two weeks that a change is told from. */
const LEAST_NIGHTS = 3

/**
 * m³ lost beyond what quiet nights lose, from day `from` to day `to`, both included: each night stands for its 24 hours, a
 * night that was not judged for what the one before it was. Undefined where none was judged against what is usual.
 */
export function lossByNights(nights: readonly ZoneNight[], from: number, to: number): number | undefined {
  const byDay = new Map(nights.map((night) => [night.day, night]))
  let last: number | undefined
  let m3 = 0
  for (let day = from; day <= to; day++) {
    const night = byDay.get(day)
    const m3h = night === undefined || night.verdict === 'not-judged' ? null : judgedM3h(night)
    if (m3h !== null && night !== undefined && night.expectedM3h !== null) last = Math.max(0, m3h - night.expectedM3h)
    m3 += (last ?? 0) * DAY_HOURS
  }
  return last === undefined ? undefined : m3
}

/**
 * The nights that say what was lost from `since` to `until` (ms; null: it goes on): from the first that had not ended then. A
 * night whose end the loss did not see is sound again. @param newest the newest night, days since 1970
 */
export const nightsOfLoss = (since: number, until: number | null, newest: number) => ({
  from: cityDayOf(since + (DAY_HOURS - NIGHT.to) * HOUR_MS),
  to: until === null ? newest : cityDayOf(until - NIGHT.to * HOUR_MS - 1),
})

/** Mean loss of the newer half − of the older half, m³/h; null where too few nights of either were judged. */
export function changeWithin(trend: readonly (number | null)[]): number | null {
  const half = trend.length / 2
  const before = meanOf(trend.slice(0, half))
  const after = meanOf(trend.slice(half))
  return before === undefined || after === undefined ? null : after - before
}

function meanOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null)
  if (known.length < LEAST_NIGHTS) return undefined
  return known.reduce((sum, value) => sum + value, 0) / known.length
}
