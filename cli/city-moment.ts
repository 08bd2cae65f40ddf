import { CITY_OFFSET, cityClock } from '../contract/city-time.ts'
import { Mistake } from './mistake.ts'

const DAY = /^\d{4}-\d{2}-\d{2}$/
const CLOCK = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)$/

/** Date.parse takes 30 February for 2 March: a meter would be moved on a day that nobody typed. */
function isInCalendar(text: string): boolean {
  const day = /\d{4}-\d{2}-\d{2}/.exec(text)?.[0]
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, day?.length) === day
}

/** A time as it is typed: 2026-11-20, "2026-11-20 14:30" (the city's clock), or ISO 8601 with a zone. ms since 1970. */
export function readMoment(text: string): number {
  const clock = CLOCK.exec(text)
  const iso = DAY.test(text)
    ? `${text}T00:00:00${CITY_OFFSET}`
    : clock === null
      ? text
      : `${clock[1]}T${clock[2]}${CITY_OFFSET}`
  const at = isInCalendar(text) ? Date.parse(iso) : Number.NaN
  if (Number.isNaN(at))
    throw new Mistake(`"${text}" is no time. Type it as 2026-11-20, "2026-11-20 14:30" or 2026-11-20T06:30:00Z.`)
  return at
}

/** The end of something: a day that is named without an hour belongs to it. ms since 1970 */
export const readEnd = (text: string): number => readMoment(DAY.test(text) ? `${text} 23:59:59` : text)

const MINUTE_CHARS = '2026-11-20T14:30'.length

/** A time as it is typed, by the city's clock: `2026-11-20 14:30`. */
export const showMoment = (at: number): string => cityClock(at).toISOString().slice(0, MINUTE_CHARS).replace('T', ' ')
