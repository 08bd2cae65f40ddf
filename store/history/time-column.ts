import type { ByteReader, ByteWriter } from './bytes.ts'

/**
 * Times of a block. Meters measure by the quarter-hour, so a step says it all. Sensors that drift store how much each
 * interval differs from the one before, in the largest unit that divides them all: a sensor of "about 10 s" that counts
 * whole seconds takes one byte.
 */
const REGULAR = 0
const DRIFTING = 1

/** `at`: whole milliseconds, strictly ascending, not empty. The first one is kept outside, in the row's key. */
export function packTimes(into: ByteWriter, at: readonly number[]): void {
  const n = at.length
  const first = at[0] as number
  const step = n > 1 ? (at[1] as number) - first : 0
  let regular = true
  for (let i = 2; i < n; i++) {
    if ((at[i] as number) - (at[i - 1] as number) !== step) {
      regular = false
      break
    }
  }
  into.reserve(16 + 8 * n)
  if (regular) {
    into.u8(REGULAR)
    into.varint(step)
    return
  }
  let unit = 0
  for (let i = 1; i < n && unit !== 1; i++)
    unit = greatestCommonDivisor((at[i] as number) - (at[i - 1] as number), unit)
  into.u8(DRIFTING)
  into.varint(unit)
  let before = 0
  for (let i = 1; i < n; i++) {
    const interval = ((at[i] as number) - (at[i - 1] as number)) / unit
    into.zigzag(interval - before)
    before = interval
  }
}

export function unpackTimes(from: ByteReader, start: number, count: number): number[] {
  const at = new Array<number>(count)
  at[0] = start
  if (from.u8() === REGULAR) {
    const step = from.varint()
    for (let i = 1; i < count; i++) at[i] = start + step * i
    return at
  }
  const unit = from.varint()
  let time = start
  let interval = 0
  for (let i = 1; i < count; i++) {
    interval += from.zigzag()
    time += interval * unit
    at[i] = time
  }
  return at
}

function greatestCommonDivisor(a: number, b: number): number {
  let [big, small] = [a, b]
  while (small !== 0) [big, small] = [small, big % small]
  return big
}
