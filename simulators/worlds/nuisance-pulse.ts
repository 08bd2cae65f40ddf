import { normal, type Random } from '../random.ts'

/** What rises, stays and fades away: the shape of everything that is no fire. Seconds. */
export interface Pulse {
  readonly peak: number
  readonly riseS: number
  readonly holdS: number
  /** Time constant of the fading. */
  readonly decayS: number
}

/** A quarter sine up, a plateau, an exponential down: air that fills, is mixed, and is changed. */
export function pulseAt({ peak, riseS, holdS, decayS }: Pulse, seconds: number): number {
  if (seconds <= 0) return 0
  if (seconds < riseS) return peak * Math.sin((Math.PI / 2) * (seconds / riseS))
  if (seconds < riseS + holdS) return peak
  return peak * Math.exp(-(seconds - riseS - holdS) / decayS)
}

/** Until next to nothing is left of it, seconds. */
export const lengthOf = ({ riseS, holdS, decayS }: Pulse): number => riseS + holdS + 3 * decayS

/** Lognormal: most are small, a few are large. `sigma` is that of the logarithm. */
export const lognormal = (random: Random, median: number, sigma: number): number =>
  median * Math.exp(sigma * normal(random))

export const between = (random: Random, low: number, high: number): number => low + (high - low) * random()
