import type { FrameTime } from '../../../contract/gb26875/frame.ts'

/** Frames carry local time without a zone; all of China keeps UTC+8, without summer time. */
const CHINA_OFFSET_MS = 8 * 3_600_000
const FIRST_YEAR = 2000

const two = (part: number): string => String(part).padStart(2, '0')

/** ms since 1970; undefined where the six bytes are no date, as of a clock that was never set. */
function timeOf({ year, month, day, hour, minute, second }: FrameTime): number | undefined {
  const text = `${FIRST_YEAR + year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.000Z`
  const ms = Date.parse(text)
  // 30 February is read as 1 March.
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? undefined : ms - CHINA_OFFSET_MS
}

/** How far a panel's clock is ahead of ours, whole seconds; `unset` where it shows no date. */
export function clockOffset(time: FrameTime, arrivedAt: number): number | 'unset' {
  const ms = timeOf(time)
  return ms === undefined ? 'unset' : Math.round((ms - arrivedAt) / 1000)
}

/** As the panel shows it: 2012-09-26 09:58:02. */
export const clockText = ({ year, month, day, hour, minute, second }: FrameTime): string =>
  `${FIRST_YEAR + year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`
