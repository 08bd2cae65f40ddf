/** What the soak found of one quantity: is it flat? Pure. */

export interface Point {
  /** Minutes since the start. */
  readonly minutes: number
  readonly value: number
}

/** What still counts as flat. */
export interface Allowed {
  /** Trough and crest of the second half may lie this share above those of the first … */
  readonly share: number
  /** … or this much, whichever is more, in the quantity's own unit. */
  readonly least: number
}

export interface Trend {
  /** Medians of the first and second half of the time after the warm-up. */
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

/** Shares of the looks that lie below the trough and above the crest: one odd look is neither. */
const EDGE = 0.05

/**
 * What the garbage collector owns goes up for a quarter of an hour and falls in one step (ingest: 170 to 280 MB), so that
 * where in its period a run begins and ends decides every mean and median. A leak lifts troughs and crests alike.
 * @param points in order of time
 */
export function trendOf(points: readonly Point[], warmUp: number, allowed: Allowed): Trend {
  const warm = points.filter(({ minutes }) => minutes >= warmUp)
  const middle = ((warm[0]?.minutes ?? 0) + (warm.at(-1)?.minutes ?? 0)) / 2
  const early = sorted(warm.filter(({ minutes }) => minutes < middle))
  const late = sorted(warm.filter(({ minutes }) => minutes >= middle))
  const rises = (share: number): boolean => {
    const before = at(early, share)
    return at(late, share) > before + Math.max(before * allowed.share, allowed.least)
  }
  return {
    first: at(early, 0.5),
    last: at(late, 0.5),
    slopePerHour: slopePerHour(warm),
    max: Math.max(...warm.map(({ value }) => value)),
    flat: !rises(EDGE) && !rises(1 - EDGE),
  }
}

const sorted = (points: readonly Point[]): readonly number[] => points.map(({ value }) => value).sort((a, b) => a - b)

const at = (values: readonly number[], share: number): number =>
  values[Math.round((values.length - 1) * share)] ?? Number.NaN

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
