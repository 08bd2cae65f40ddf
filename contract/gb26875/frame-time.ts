import { CITY_OFFSET_MS, cityClock } from '../city-time.ts'
import type { FrameTime } from './frame.ts'

/** The six bytes of a time tag: the standard knows no zone, and every clock it sets shows the city's time. */

const FIRST_YEAR = 2000

/** @param at ms since 1970 */
export function frameTime(at: number): FrameTime {
  const clock = cityClock(at)
  return {
    second: clock.getUTCSeconds(),
    minute: clock.getUTCMinutes(),
    hour: clock.getUTCHours(),
    day: clock.getUTCDate(),
    month: clock.getUTCMonth() + 1,
    year: clock.getUTCFullYear() - FIRST_YEAR,
  }
}

/** ms since 1970; undefined where the six bytes are no date, as of a clock that was never set. */
export function momentOf(time: FrameTime): number | undefined {
  const text = `${frameTimeText(time).replace(' ', 'T')}.000Z`
  const ms = Date.parse(text)
  // 30 February is read as 1 March.
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? undefined : ms - CITY_OFFSET_MS
}

const two = (part: number): string => String(part).padStart(2, '0')

/** As the panel shows it: 2012-09-26 09:58:02. */
export const frameTimeText = ({ year, month, day, hour, minute, second }: FrameTime): string =>
  `${FIRST_YEAR + year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`
