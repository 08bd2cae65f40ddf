import type { Value } from '../contract/quantities.ts'
import type { Field, Readings } from '../contract/readings.ts'

/** The rows from `from` up to `to`, without fields that are empty there; undefined when nothing is left. */
export function rowsOf(readings: Readings, from: number, to: number): Readings | undefined {
  if (from >= to) return undefined
  const whole = from === 0 && to === readings.at.length
  const fields: Field[] = []
  for (const field of readings.fields) {
    const values = whole ? field.values : field.values.slice(from, to)
    if (hasReading(values)) fields.push(whole ? field : { quantity: field.quantity, values })
  }
  if (fields.length === 0) return undefined
  return { ...readings, at: whole ? readings.at : readings.at.slice(from, to), fields }
}

/** First row at or after `time`; the number of rows where there is none. Times ascend. */
export function firstRowAt(at: readonly number[], time: number): number {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}

const hasReading = (values: readonly (Value | null)[]): boolean => {
  for (const value of values) if (value !== null) return true
  return false
}

/** How many values there are, null not counted. */
export function countReadings(readings: Readings): number {
  let count = 0
  for (const { values } of readings.fields) for (const value of values) if (value !== null) count++
  return count
}
