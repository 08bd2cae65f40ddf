/** When somebody is on duty, in local time of the city. */

/** China has one time zone, and no summer time since 1991; home staff and channels think in it. */
export const CITY_TIME_ZONE = 'Asia/Shanghai'

export interface Shift {
  /** `HH:MM`. */
  readonly from: string
  /** `HH:MM`, not included; at or before `from` runs over midnight, the same as `from` is the whole day. */
  readonly to: string
  /** Days on which the shift begins, 1 is Monday; empty: every day. */
  readonly days: readonly number[]
}

/** `at` in ms since 1970; `timeZone` as in the IANA database. */
export function isInShift(shift: Shift, at: number, timeZone: string): boolean {
  const { day, minute } = localTime(at, timeZone)
  const from = minuteOf(shift.from)
  const to = minuteOf(shift.to)
  const begins = (on: number): boolean => shift.days.length === 0 || shift.days.includes(on)
  if (from < to) return begins(day) && minute >= from && minute < to
  return (begins(day) && minute >= from) || (begins(dayBefore(day)) && minute < to)
}

const MINUTES_PER_HOUR = 60
const minuteOf = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * MINUTES_PER_HOUR + minutes
}

const WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const dayBefore = (day: number): number => (day === 1 ? WEEK.length : day - 1)

/** Making a format takes longer than everything that is done with it. */
const formats = new Map<string, Intl.DateTimeFormat>()

function localTime(at: number, timeZone: string): { readonly day: number; readonly minute: number } {
  let format = formats.get(timeZone)
  if (format === undefined) {
    const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat('en-GB', options)
    formats.set(timeZone, format)
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return {
    day: WEEK.indexOf(parts.get('weekday') ?? '') + 1,
    minute: minuteOf(`${parts.get('hour')}:${parts.get('minute')}`),
  }
}
