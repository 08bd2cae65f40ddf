import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Field, Readings } from '../../contract/readings.ts'
import type { HistoryMessage } from './port.ts'

/** Messages tidied, several of a device as one; of what one device says twice, the later word counts. */
export function* mergeMessages(messages: readonly HistoryMessage[]): Generator<HistoryMessage> {
  const byDevice = new Map<string, { last: HistoryMessage; readonly parts: Readings[] }>()
  for (const message of messages) {
    const tidy = tidyReadings(message.readings)
    if (tidy === undefined) continue
    const before = byDevice.get(message.deviceId)
    if (before === undefined) byDevice.set(message.deviceId, { last: message, parts: [tidy] })
    else {
      before.last = message
      before.parts.push(tidy)
    }
  }
  for (const { last, parts } of byDevice.values()) yield { ...last, readings: mergeReadings(parts) }
}

/**
 * One set of readings from several, in the order they were written: for each quantity and time the last one that has a
 * value wins; a gap (null) never erases a value. Each part must ascend strictly.
 */
export function mergeReadings(parts: readonly Readings[]): Readings {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  const at = unionOfTimes(parts)
  const columns = new Map<Quantity, (Value | null)[]>()
  for (const part of parts) {
    for (const field of part.fields) {
      let column = columns.get(field.quantity)
      if (column === undefined) {
        column = new Array<Value | null>(at.length).fill(null)
        columns.set(field.quantity, column)
      }
      let row = firstNotBefore(at, part.at[0] ?? 0)
      for (let i = 0; i < part.at.length; i++) {
        const time = part.at[i] as number
        while ((at[row] as number) < time) row++
        const value = field.values[i]
        if (value !== null && value !== undefined) column[row] = value
      }
    }
  }
  return { at, fields: Array.from(columns, ([quantity, values]): Field => ({ quantity, values })) }
}

/** Readings in pieces of at most `maxCount` times that lie at most `maxSpanMs` apart, ascending. */
export function splitReadings(readings: Readings, maxCount: number, maxSpanMs: number): Readings[] {
  const { at } = readings
  const pieces: Readings[] = []
  for (let from = 0; from < at.length; ) {
    const latest = (at[from] as number) + maxSpanMs
    let to = Math.min(from + maxCount, at.length)
    if ((at[to - 1] as number) > latest) {
      to = from + 1
      while ((at[to] as number) <= latest) to++
    }
    if (from === 0 && to === at.length) return [readings]
    const fields: Field[] = []
    for (const field of readings.fields) {
      const values = field.values.slice(from, to)
      if (values.some((value) => value !== null)) fields.push({ quantity: field.quantity, values })
    }
    if (fields.length > 0) pieces.push({ at: at.slice(from, to), fields })
    from = to
  }
  return pieces
}

/**
 * Readings as the store wants them: whole milliseconds, strictly ascending, no column twice, none empty; undefined when
 * nothing is left. What codecs give is so already, and comes back as it is; anything else is put right here, because a
 * message that made the archive throw would hold up everything behind it.
 */
function tidyReadings(readings: Readings): Readings | undefined {
  const { at, fields } = readings
  const quantities = new Set<Quantity>()
  let isTidy = at.length > 0 && fields.length > 0
  for (let i = 0; i < at.length && isTidy; i++)
    isTidy = Number.isSafeInteger(at[i]) && (i === 0 || (at[i] as number) > (at[i - 1] as number))
  for (const { quantity, values } of fields) {
    if (values.length !== at.length || quantities.has(quantity) || values.every((value) => value === null))
      isTidy = false
    quantities.add(quantity)
  }
  if (isTidy) return readings

  const single: Readings[] = []
  for (let i = 0; i < at.length; i++) {
    const time = Math.round(at[i] as number)
    if (!Number.isSafeInteger(time)) continue
    for (const { quantity, values } of fields) {
      const value = values[i]
      if (value !== null && value !== undefined) single.push({ at: [time], fields: [{ quantity, values: [value] }] })
    }
  }
  return single.length === 0 ? undefined : mergeReadings(single)
}

function unionOfTimes(parts: readonly Readings[]): number[] {
  let ascending = true
  let last = Number.NEGATIVE_INFINITY
  for (const { at } of parts) {
    if (at.length === 0) continue
    if ((at[0] as number) <= last) {
      ascending = false
      break
    }
    last = at[at.length - 1] as number
  }
  const all: number[] = []
  for (const { at } of parts) for (let i = 0; i < at.length; i++) all.push(at[i] as number)
  if (ascending) return all
  const sorted = Float64Array.from(all).sort()
  const union: number[] = []
  for (const time of sorted) if (time !== union[union.length - 1]) union.push(time)
  return union
}

/** Index of the first of the ascending `at` that is ≥ `time`. */
export function firstNotBefore(at: readonly number[], time: number): number {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((at[middle] as number) < time) low = middle + 1
    else high = middle
  }
  return low
}
