/**
 * Seeded randomness. Every model takes its random numbers from here, so that the same seed always gives the same city,
 * the same households and the same day.
 */
export type Random = () => number

/** Mixes whole numbers into one 32-bit seed (the finaliser of MurmurHash3): neighbouring seeds give unrelated streams. */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash >>> 0
}

/** Uniform in [0, 1): mulberry32, a 32-bit generator that is good enough for water taps. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One uniform number in [0, 1) that belongs to these parts. */
export const fraction = (...parts: readonly number[]): number => mix(...parts) / 2 ** 32

/** Standard normal by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** A count with this mean (Knuth's product of uniforms; meant for means below a few hundred). */
export function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}

/** Index into `weights`, each as probable as its weight. */
export function weighted(random: Random, weights: readonly number[]): number {
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, weight] of weights.entries()) {
    rest -= weight
    if (rest < 0) return index
  }
  return weights.length - 1
}
