import { seeded } from '../../simulators/random.ts'

/** A leak as it truly was, and an alarm as it was raised; times in hours. */
export interface TrueLeak {
  readonly place: string
  readonly start: number
  /** Where it ran before it was large enough to count: an alarm is right from here on. */
  readonly began?: number
  /** Repaired, or the end of the record. */
  readonly end: number
  readonly kind: 'abrupt' | 'incipient'
  readonly m3h: number
}

export interface Alarm {
  readonly place: string
  readonly at: number
  /** An open alarm has been told as clearly larger: it may find a leak, and is no alarm of its own where it does not. */
  readonly update?: boolean
}

export interface Score {
  readonly hits: number
  readonly of: number
  /** Hours from start to alarm, of each leak; undefined: missed. */
  readonly delays: readonly (number | undefined)[]
  readonly falseAlarms: number
}

/**
 * Gives each alarm to the newest leak of its place that runs, began within `credit` and has none yet; an alarm that finds no
 * leak is false. Alarms of one leak beyond the first are false too.
 */
export function score(leaks: readonly TrueLeak[], alarms: readonly Alarm[], credit: (leak: TrueLeak) => number): Score {
  const delays: (number | undefined)[] = leaks.map(() => undefined)
  let falseAlarms = 0
  for (const { place, at, update } of alarms.toSorted((a, b) => a.at - b.at)) {
    let best = -1
    for (const [i, leak] of leaks.entries()) {
      if (leak.place !== place || delays[i] !== undefined) continue
      if (at < (leak.began ?? leak.start) || at > Math.min(leak.end, leak.start + credit(leak))) continue
      if (best < 0 || leak.start > leaks[best]!.start) best = i
    }
    if (best < 0) falseAlarms += update === true ? 0 : 1
    else delays[best] = Math.max(0, at - leaks[best]!.start)
  }
  return { hits: delays.filter((delay) => delay !== undefined).length, of: leaks.length, delays, falseAlarms }
}

/** As many alarms as were raised, at random times and places: the mean of its hits is what time alone is worth. */
export function randomHits(
  leaks: readonly TrueLeak[],
  raised: number,
  places: readonly string[],
  span: readonly [number, number],
  credit: (leak: TrueLeak) => number,
  seed: number,
): number {
  const random = seeded(seed)
  let hits = 0
  for (let run = 0; run < RANDOM_RUNS; run++) {
    const alarms = Array.from({ length: raised }, () => ({
      place: places[Math.floor(random() * places.length)]!,
      at: span[0] + random() * (span[1] - span[0]),
    }))
    hits += score(leaks, alarms, credit).hits
  }
  return hits / RANDOM_RUNS
}

/** Percent. */
export const f1Of = (hits: number, misses: number, falseAlarms: number): number =>
  hits === 0 ? 0 : (200 * hits) / (2 * hits + misses + falseAlarms)

/** LeakDB's early detection of one leak, 0…1: 1 at once, a half after a fifth of the time it runs; 0 where it was missed. */
export const earlyScore = (delay: number | undefined, lasts: number): number =>
  delay === undefined || lasts <= 0 ? 0 : 2 / (1 + Math.exp((STEEPNESS / lasts) * delay))
/** LeakDB's scoring function (Vrachimis et al. 2018). */
const STEEPNESS = 5

const RANDOM_RUNS = 400
const RESAMPLES = 1000
const TAIL = 0.025

/** 95 % interval of a statistic, its samples drawn again with replacement. */
export function bootstrap<T>(
  samples: readonly T[],
  statistic: (samples: readonly T[]) => number,
  seed: number,
): readonly [number, number] {
  if (samples.length === 0) return [Number.NaN, Number.NaN]
  const random = seeded(seed)
  const drawn = Array.from({ length: RESAMPLES }, () =>
    statistic(samples.map(() => samples[Math.floor(random() * samples.length)]!)),
  ).sort((a, b) => a - b)
  return [drawn[Math.floor(RESAMPLES * TAIL)]!, drawn[Math.ceil(RESAMPLES * (1 - TAIL)) - 1]!]
}

/** The share that a quantile asks for; what was missed counts as later than everything. */
export function quantile(values: readonly (number | undefined)[], share: number): number {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!
}
