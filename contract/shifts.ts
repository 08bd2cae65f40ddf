/** When somebody is on duty, in local time of the city. */

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

interface LocalTime {
  readonly day: number
  readonly minute: number
}

/** By zone. Making a format takes long, and asking one; a whole home's staff is looked at for the same moment. */
const clocks = new Map<string, { readonly format: Intl.DateTimeFormat; at: number; shows: LocalTime }>()

function localTime(at: number, timeZone: string): LocalTime {
  let clock = clocks.get(timeZone)
  if (clock === undefined) {
    const options = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    const format = new Intl.DateTimeFormat('en-GB', options)
    clock = { format, at: Number.NaN, shows: { day: 0, minute: 0 } }
    clocks.set(timeZone, clock)
  }
  if (clock.at !== at) {
    const parts = new Map(clock.format.formatToParts(at).map(({ type, value }) => [type, value]))
    clock.at = at
    clock.shows = {
      day: WEEK.indexOf(parts.get('weekday') ?? '') + 1,
      minute: minuteOf(`${parts.get('hour')}:${parts.get('minute')}`),
    }
  }
  return clock.shows
}
