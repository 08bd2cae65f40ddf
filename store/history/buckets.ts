import type { HistoryBucket } from '../../contract/api.ts'

/**
 * Buckets of `stepMs` from `from`, the last one ending at `to`; only those that hold a reading.
 * @param at ascending, ms; readings up to one step before `from` and after `to` serve the edges of a register
 * @param values one per time, in the quantity's unit
 */
export function bucketize(
  at: readonly number[],
  values: readonly number[],
  from: number,
  to: number,
  stepMs: number,
  isRegister: boolean,
): HistoryBucket[] {
  const growth = isRegister ? growthOf(values) : undefined
  const buckets: HistoryBucket[] = []
  let i = 0
  while (i < at.length && (at[i] as number) < from) i++
  while (i < at.length && (at[i] as number) < to) {
    const start = from + Math.floor(((at[i] as number) - from) / stepMs) * stepMs
    const end = Math.min(start + stepMs, to)
    const first = i
    let min = Number.POSITIVE_INFINITY
    let max = Number.NEGATIVE_INFINITY
    let sum = 0
    for (; i < at.length && (at[i] as number) < end; i++) {
      const value = values[i] as number
      if (value < min) min = value
      if (value > max) max = value
      sum += value
    }
    let consumption: number | null = null
    if (growth !== undefined) {
      const before = growthAt(at, growth, first, start, stepMs)
      const after = growthAt(at, growth, i, end, stepMs)
      // Differences of interpolated growth may fall below zero by rounding only.
      if (before !== null && after !== null) consumption = Math.max(0, after - before)
    }
    const count = i - first
    buckets.push({ at: start, min, max, mean: sum / count, last: values[i - 1] as number, count, consumption })
  }
  return buckets
}

/**
 * What a register has counted since the first of the readings: never falls.
 *
 * - A fall is a rollover or an exchanged meter. What passed around it is unknown and counts as nothing; counting goes on
 *   from the new level.
 * - A register that falls and then jumps back over its old level in one step was misread: only what lies above counts.
 * - A single reading above both its neighbours (a misread, or water that swung to and fro) is levelled to the later one.
 */
export function growthOf(values: readonly number[]): Float64Array {
  const growth = new Float64Array(values.length)
  /** The level before the newest fall, and the lowest since: while the register has not come back above it. */
  let levelBefore = Number.NaN
  let lowest = 0
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number
    const before = values[i - 1] as number
    let total = growth[i - 1] as number
    if (value >= before) {
      const jump = value - before
      const isBack = value >= levelBefore && jump >= (levelBefore - lowest) / 2
      total += isBack ? value - levelBefore : jump
      if (value >= levelBefore) levelBefore = Number.NaN
    } else {
      const beforeThat = i > 1 ? (values[i - 2] as number) : Number.NaN
      if (value >= beforeThat && before > beforeThat) {
        total = (growth[i - 2] as number) + (value - beforeThat)
        growth[i - 1] = Math.min(growth[i - 1] as number, total)
      } else if (Number.isNaN(levelBefore)) {
        levelBefore = before
        lowest = value
      }
      if (!Number.isNaN(levelBefore)) lowest = Math.min(lowest, value)
    }
    growth[i] = total
  }
  return growth
}

/**
 * Growth at the time `edge`, linear between the readings around it; null where none lies within a step on either side.
 * @param i index of the first reading at or after `edge`
 */
function growthAt(at: readonly number[], growth: Float64Array, i: number, edge: number, stepMs: number): number | null {
  const after = at[i]
  if (after === edge) return growth[i] as number
  const before = at[i - 1]
  if (after === undefined || before === undefined || edge - before > stepMs || after - edge > stepMs) return null
  const low = growth[i - 1] as number
  return low + (((growth[i] as number) - low) * (edge - before)) / (after - before)
}
