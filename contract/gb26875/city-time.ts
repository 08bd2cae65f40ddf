import { CITY_TIME_ZONE } from '../shifts.ts'
import type { FrameTime } from './frame.ts'

const FIRST_YEAR = 2000
/** Making a format takes longer than everything that is done with it. */
let format: Intl.DateTimeFormat | undefined

/** The six bytes of a time tag: the standard knows no zone, and every clock it sets shows the city's time. @param at ms since 1970 */
export function cityTime(at: number): FrameTime {
  format ??= new Intl.DateTimeFormat('en-GB', {
    timeZone: CITY_TIME_ZONE,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return {
    second: part('second'),
    minute: part('minute'),
    hour: part('hour'),
    day: part('day'),
    month: part('month'),
    year: part('year') - FIRST_YEAR,
  }
}
