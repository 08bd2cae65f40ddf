import type { Alarm } from './alarms.ts'
import { cityDayOf } from './city-time.ts'
import { judgedM3h, NIGHT, type ZoneNight } from './zones.ts'

/** What runs away: by what an alarm says, and by what the nights of a zone say. */

const LITRES_PER_M3 = 1000
const DAY_HOURS = 24
const HOUR_MS = 3_600_000

/** l/h; 0 where a meter only says that it leaks. */
export function litresPerHour({ value, unit }: Pick<Alarm, 'value' | 'unit'>): number {
  if (value === null || value <= 0) return 0
  return unit === 'm³/h' ? value * LITRES_PER_M3 : unit === 'l/h' ? value : 0
}

/** m³ in a while of such a loss. @param ms how long */
export const lostIn = (alarm: Pick<Alarm, 'value' | 'unit'>, ms: number): number =>
  ((litresPerHour(alarm) / LITRES_PER_M3) * ms) / HOUR_MS

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

/** The newest night that any zone has, days since 1970; today where there is none. */
export function newestNight(nights: Iterable<Pick<ZoneNight, 'day'>>, today: number): number {
  let newest = Number.NEGATIVE_INFINITY
  // A meter whose clock is ahead must not make everybody else's night an old one.
  for (const { day } of nights) if (day > newest && day <= today) newest = day
  return newest === Number.NEGATIVE_INFINITY ? today : newest
}
