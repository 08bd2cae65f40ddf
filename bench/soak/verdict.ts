/** What the soak found of one quantity: is it flat? Pure. */

export interface Point {
  /** Minutes since the start. */
  readonly minutes: number
  readonly value: number
}

/** What still counts as flat. */
export interface Allowed {
  /** The median of the last quarter may lie this share above that of the first … */
  readonly share: number
  /** … or this much, whichever is more, in the quantity's own unit. */
  readonly least: number
}

export interface Trend {
  /** Medians of the first and last quarter of the time after the warm-up. */
  readonly first: number
  readonly last: number
  /** Least squares over the time after the warm-up. */
  readonly slopePerHour: number
  readonly max: number
  readonly flat: boolean
}

/**
 * The first tenth of the time, at least one minute and at most ten: caches fill, code is compiled, the young generation
 * takes its size.
 */
export const warmUpMinutes = (minutes: number): number => Math.min(minutes / 2, Math.min(10, Math.max(1, minutes / 10)))

/** @param points in order of time */
export function trendOf(points: readonly Point[], warmUp: number, allowed: Allowed): Trend {
  const warm = points.filter(({ minutes }) => minutes >= warmUp)
  const from = warm[0]?.minutes ?? 0
  const quarter = ((warm.at(-1)?.minutes ?? 0) - from) / 4
  const first = median(warm.filter(({ minutes }) => minutes <= from + quarter))
  const last = median(warm.filter(({ minutes }) => minutes >= from + 3 * quarter))
  return {
    first,
    last,
    slopePerHour: slopePerHour(warm),
    max: Math.max(...warm.map(({ value }) => value)),
    flat: last <= first + Math.max(first * allowed.share, allowed.least),
  }
}

function median(points: readonly Point[]): number {
  const sorted = points.map(({ value }) => value).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

function slopePerHour(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const meanMinutes = mean(({ minutes }) => minutes)
  const meanValue = mean(({ value }) => value)
  let covariance = 0
  let variance = 0
  for (const { minutes, value } of points) {
    covariance += (minutes - meanMinutes) * (value - meanValue)
    variance += (minutes - meanMinutes) ** 2
  }
  return variance === 0 ? 0 : (covariance / variance) * 60
}
