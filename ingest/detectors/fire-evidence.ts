/**
 * What smoke, temperature and CO of one place say together. Each is weak alone long before its own limit: toast makes
 * smoke, a heater makes heat, a gas hob makes CO. A fire makes two of them rise within the same minute. Each sign counts
 * as a share of the limit at which it would be an alarm of its own; the shares are added.
 */

/** ms. Readings of different messages belong together when they are no further apart. */
export const JOIN_MS = 30_000
/** ms. What is older is no background of now: a heater's warming would count as a rise. */
const BACKGROUND_MS = 100_000
/** ms. What is younger may already be the fire. */
const YOUNGEST_MS = 4_000
/** ms. Points of the background are kept no closer, less a jitter of 0.1 s: thirteen of them at most. */
const SPACING_MS = 7_900
/** Numbers per point: time (ms), smoke (dB/m), temperature (°C; null: not measured). */
export const POINT = 3
/** A rise needs two points before it: one may be an outlier. */
const POINTS_NEEDED = 2

/** dB/m. Smoke that counts: twice the noise of NIST's smoke meters, the step of many detectors. */
const LEAST_SMOKE = 0.1
/** °C above the background. Shower steam brings 1 to 2 °C with it: at 2 °C it made four times as many pre-alarms. */
const LEAST_RISE = 3
/** ppm. Gas hobs and candles stay below; EN 50291 lets a sensor be wrong by so much. */
const LEAST_CO = 10
/** ppm. The lowest concentration that EN 50291 gives a time to alarm, and EN 54-26 a CO fire detector. */
const CO_LIMIT = 50
/** min. A rate of rise is judged over so long (EN 54-5: 30 s). */
const RISE_MINUTES = 0.5
/** The reading before must have shown a third of it: one reading out of line (a sagging battery, a reboot) is no fire. */
const SEEN_BEFORE = 1 / 3

export type Background = (number | null)[]

export interface Signs {
  /** dB/m */
  readonly smoke: number
  /** °C; NaN: not measured. */
  readonly temperature: number
  /** ppm; NaN: not measured. */
  readonly co: number
  /** dB/m that is the sensor's dust. */
  readonly dust: number
}

export interface AlarmLimits {
  /** dB/m */
  readonly smoke: number
  /** °C/min */
  readonly rise: number
  /** Shares of the limits that make a pre-alarm together. */
  readonly evidence: number
}

export interface Evidence {
  /** Sum of the shares; 0 where there is nothing to compare with. */
  readonly sum: number
  /** °C above the background; NaN: not known. */
  readonly rise: number
  /** Two signs at least, together beyond the limit, and not in one reading only. */
  readonly fire: boolean
}

/** Adds a point where it is due and forgets what is too old. The newest always stays: it says when the last one was. */
export function remember(background: Background, at: number, smoke: number, temperature: number): Background {
  const last = background[background.length - POINT]
  if (typeof last === 'number' && at - last < SPACING_MS) return background
  background.push(at, smoke, Number.isNaN(temperature) ? null : temperature)
  while (background.length > POINT && at - (background[0] as number) > BACKGROUND_MS) background.splice(0, POINT)
  return background
}

/** @param before the sum of the reading before */
export function weigh(background: Background, at: number, signs: Signs, limits: AlarmLimits, before: number): Evidence {
  const { smoke, temperature, co, dust } = signs
  const smokeRise = smoke - lowerQuartile(background, at, 1)
  const rise = temperature - lowerQuartile(background, at, 2)
  const ofCo = co > 0 ? co / CO_LIMIT : 0
  // With CO a smouldering fire is judged by its level: it rises more slowly than the background is forgotten.
  const slow = (smoke - dust) / limits.smoke + ofCo
  const fast = share(smokeRise / limits.smoke) + share(rise / (limits.rise * RISE_MINUTES)) + ofCo
  const enough = limits.evidence
  const fire =
    (smokeRise >= LEAST_SMOKE && (rise >= LEAST_RISE || co >= LEAST_CO) && fast >= enough) ||
    (smoke - dust >= LEAST_SMOKE && co >= LEAST_CO && slow >= enough)
  const sum = Math.max(fast, ofCo > 0 ? slow : 0)
  return { sum, rise, fire: fire && before >= enough * SEEN_BEFORE }
}

const share = (part: number): number => (part > 0 ? part : 0)

/** Of what was measured shortly before: robust against spikes, and slow to follow what rises. NaN: too little is known. */
function lowerQuartile(background: Background, at: number, column: 1 | 2): number {
  const values: number[] = []
  for (let i = 0; i < background.length; i += POINT) {
    const age = at - (background[i] as number)
    const value = background[i + column]
    if (age >= YOUNGEST_MS && age <= BACKGROUND_MS && typeof value === 'number') values.push(value)
  }
  if (values.length < POINTS_NEEDED) return Number.NaN
  values.sort((a, b) => a - b)
  return values[Math.floor((values.length - 1) / 4)]!
}
