/**
 * Page's cumulative sum with a spread that is learnt: how far a series stays above what is expected of it, in units of its
 * own scatter. It finds a small lasting change sooner than any single value could.
 */
export interface Cusum {
  /** Scatter from one value to the next: a change that lasts is in it once, a slow one not at all. Undefined: not known yet. */
  spread: number | undefined
  last: number | undefined
  sum: number
  /** When the sum left zero, and the values since. */
  since: number
  values: number[]
}

interface CusumLimits {
  /** Half of the change to be found, in spreads: smaller deviations are forgotten again. */
  readonly slack: number
  /** The sum at which it is one, in spreads. */
  readonly decision: number
  /** No single value counts for more than so many spreads: one wild night is no leak. */
  readonly most: number
  /** Share of a new value in the spread. */
  readonly learning: number
  /** The spread is never believed to be smaller. */
  readonly leastSpread: number
}

export const newCusum = (): Cusum => ({ spread: undefined, last: undefined, sum: 0, since: 0, values: [] })

/** Mean absolute deviation → standard deviation, of a normal distribution. */
const SIGMA_OF_MEAN_ABSOLUTE = 1.2533
/** A value further away teaches the spread no more than this many spreads. */
const TEACHES_AT_MOST = 3

/** Takes one deviation from what was expected. @returns since when there has been a change; undefined: there is none */
export function step(cusum: Cusum, at: number, deviation: number, limits: CusumLimits): number | undefined {
  const spread = Math.max(limits.leastSpread, cusum.spread ?? limits.leastSpread)
  const z = Math.min(limits.most, deviation / spread)
  if (cusum.sum <= 0) {
    cusum.since = at
    cusum.values = []
  }
  cusum.sum = Math.max(0, cusum.sum + z - limits.slack)
  cusum.values.push(deviation)
  if (cusum.sum >= limits.decision) return cusum.since
  const before = cusum.last
  cusum.last = deviation
  if (before === undefined) return undefined
  const seen = (Math.abs(deviation - before) * SIGMA_OF_MEAN_ABSOLUTE) / Math.SQRT2
  cusum.spread = spread + limits.learning * (Math.min(seen, TEACHES_AT_MOST * spread) - spread)
  return undefined
}

export function restart(cusum: Cusum): void {
  cusum.sum = 0
  cusum.values = []
  cusum.last = undefined
}

/** The same scatter of values that are known already. */
export function scatterOf(values: readonly number[]): number {
  const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]!))
  return steps.length === 0 ? 0 : ((steps.reduce((a, b) => a + b) / steps.length) * SIGMA_OF_MEAN_ABSOLUTE) / Math.SQRT2
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
