import type { Complaint, Readings } from '../contract/readings.ts'
import { firstRowAt, rowsOf } from './readings.ts'

/** How far ahead of the arrival a time may lie (device contract). Milliseconds. */
const FUTURE_LIMIT_MS = 24 * 3_600_000
/** No device of this system is older; a clock that was never set says 1970, 2000 or its firmware's build year. */
const FIRST_USABLE_TIME = Date.UTC(2010, 0, 1)

/**
 * Judges the times of one block. A single reading whose clock was never set is kept at the time of its arrival; a series
 * cannot be placed and is left out. Nothing here needs to know the device.
 */
export function validateTimes(
  readings: Readings,
  arrivedAt: number,
): { readonly readings: Readings | undefined; readonly complaints: readonly Complaint[] } {
  const { at } = readings
  const first = at[0] as number
  const last = at[at.length - 1] as number
  const latest = arrivedAt + FUTURE_LIMIT_MS
  if (first >= FIRST_USABLE_TIME && last <= latest) return { readings, complaints: [] }
  if (at.length === 1 && first < FIRST_USABLE_TIME)
    return {
      readings: { ...readings, at: [arrivedAt] },
      complaints: [{ reason: 'time.clock-unset', detail: `the device says ${asDate(first)}` }],
    }
  const complaints: Complaint[] = []
  const from = firstRowAt(at, FIRST_USABLE_TIME)
  if (from > 0)
    complaints.push({
      reason: 'time.clock-unset',
      detail: `${from} of ${at.length} times are before 2010, from ${asDate(first)}`,
      count: from,
    })
  const to = firstRowAt(at, latest + 1)
  if (to < at.length)
    complaints.push({
      reason: 'time.future',
      detail: `${at.length - to} of ${at.length} times are more than 24 h ahead, up to ${asDate(last)}`,
      count: at.length - to,
    })
  return { readings: rowsOf(readings, from, to), complaints }
}

/** Years beyond what a date can show happen: a clock in microseconds, for example. */
const asDate = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString()
}
