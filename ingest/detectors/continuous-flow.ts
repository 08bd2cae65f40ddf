import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { takeVolume, type VolumeMemory } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * l/h. An hour with less is a standstill. Badger's 1 gal/h is 3.8; 2 keeps a leak of 3 l/h above it on a register of
 * 1 l, whose hourly differences are off by up to one litre.
 */
export const LEAK_MIN = 2
/** ms. Badger, Kamstrup, Sensus: 24 h, here since the end of the last standstill: a home that rests for an hour every night never gets there. */
export const LEAK_AFTER_MS = 24 * HOUR_MS
/** ms. Of a meter that was never seen to stand still: 24 hourly readings span 23 h, so a new meter's first day decides at once. */
export const LEAK_FIRST_DAY_MS = 23 * HOUR_MS
/** ms. An hour is any span from here … (clocks of meters jitter by minutes) */
const HOUR_FROM_MS = 55 * MINUTE_MS
/** ms … to here. A longer one may hide a standstill and counts neither way (Badger: estimated reads). */
const HOUR_TO_MS = 90 * MINUTE_MS
/** ms. Denser readings are thinned to this: seven samples span an hour at any rhythm, also of a meter that reports every second. */
const SAMPLE_MS = 9.5 * MINUTE_MS
/** ms. After a longer gap the counting starts anew: every night's rest would fit into it. */
const GAP_MAX_MS = 6 * HOUR_MS
/** Unknown hours may be at most a third of the known ones, else the meter is not heard well enough to be judged. */
const UNKNOWN_SHARE_MAX = 1 / 3
/** Hours whose smallest flow is the size of the leak (Badger). */
const LEAK_RATE_HOURS = 24
/** l. A register that falls by more is another register. */
const EXCHANGE_LITRES = 1000
const SAMPLE = 2
const NO_READING = -1

interface FlowMemory extends VolumeMemory {
  /** Samples of the last hour: time (ms), litres. */
  samples: number[]
  /** End of the last standstill, or the first reading after nothing was known, ms. */
  since?: number
  /** It has been seen to stand still. */
  still?: true
  /** How much of that time was measured, ms, and until when. */
  known: number
  until: number
  /** Smallest flow in l/h of each of the last hours, newest first, -1 where it is not known; and the newest one's number. */
  lows: number[]
  hour: number
  /** What ended with this reading. Never stored. */
  ended?: { rate: number; known: number }
}

function restart(draft: FlowMemory): void {
  delete draft.since
  draft.known = 0
  draft.until = 0
  draft.lows = []
}

/** Smallest hourly flow of the last day, l/h. */
function leakRate(lows: readonly number[]): number {
  let rate = Number.POSITIVE_INFINITY
  for (let i = 0; i < lows.length; i++) {
    const low = lows[i]!
    if (low !== NO_READING && low < rate) rate = low
  }
  return rate
}

function noteLow(draft: FlowMemory, at: number, rate: number): void {
  const hour = Math.floor(at / HOUR_MS)
  const { lows } = draft
  const low = rounded(rate, 1)
  const newHours = lows.length === 0 ? 1 : Math.min(hour - draft.hour, LEAK_RATE_HOURS)
  for (let i = 1; i < newHours; i++) lows.unshift(NO_READING)
  if (newHours > 0) lows.unshift(low)
  else if (low < lows[0]!) lows[0] = low
  if (lows.length > LEAK_RATE_HOURS) lows.length = LEAK_RATE_HOURS
  draft.hour = hour
}

/** One hour in which water flowed. */
function noteFlow(draft: FlowMemory, from: number, at: number, rate: number): void {
  if (draft.since === undefined) {
    draft.since = from
    draft.until = from
  }
  draft.known += at - Math.max(from, draft.until)
  draft.until = at
  noteLow(draft, at, rate)
}

function judge(draft: FlowMemory, level: Level, at: number, volume: number, flow: number): Level {
  const { source } = draft
  const litres = takeVolume(draft, at, volume, flow)
  if (Number.isNaN(litres)) return level
  if (source !== undefined && source !== draft.source) draft.samples = []
  const { samples } = draft
  const last = samples.length - SAMPLE
  if (last >= 0) {
    if (at - samples[last]! < SAMPLE_MS) return level
    if (litres < samples[last + 1]! - EXCHANGE_LITRES) {
      draft.samples = [at, litres]
      restart(draft)
      return level
    }
  }
  // The newest sample that is an hour old; those before it are of no more use.
  let first = last
  while (first >= 0 && at - samples[first]! < HOUR_FROM_MS) first -= SAMPLE
  if (first > 0) samples.splice(0, first)
  samples.push(at, litres)
  if (first < 0) return level

  const from = samples[0]!
  const span = at - from
  const passed = litres - samples[1]!
  // A mean below the limit holds an hour below it, however long the span. Whole numbers: 2 l in 1 h must not be 1.9999.
  if (passed * HOUR_MS < LEAK_MIN * span) {
    if (level !== QUIET) draft.ended = { rate: leakRate(draft.lows), known: draft.known }
    restart(draft)
    draft.still = true
    draft.since = at
    draft.until = at
    return QUIET
  }
  if (span > HOUR_TO_MS) {
    if (span > GAP_MAX_MS && level === QUIET) restart(draft)
    return level
  }
  noteFlow(draft, from, at, (passed / span) * HOUR_MS)
  if (level !== QUIET) return level
  const unknown = at - draft.since! - draft.known
  const enough = draft.still === true ? LEAK_AFTER_MS : LEAK_FIRST_DAY_MS
  return draft.known >= enough && unknown <= draft.known * UNKNOWN_SHARE_MAX ? ALARM : QUIET
}

function told(rate: number, known: number): Report | null {
  if (rate === Number.POSITIVE_INFINITY) return null
  const litresPerHour = rounded(rate, rate < 10 ? 1 : 0)
  const lost = rounded((rate * known) / HOUR_MS, 0)
  return {
    value: litresPerHour,
    threshold: LEAK_MIN,
    unit: 'l/h',
    en: `never below ${litresPerHour} l/h for ${durationEn(known)}, about ${lost} l so far`,
    zh: `${durationZh(known)}内流量从未低于${litresPerHour}升/小时,累计约${lost}升`,
  }
}

/**
 * A household in which water never stands still for an hour leaks: by its register or its flow, at any rhythm up to one
 * reading per hour and a half; or the meter's own leak flag.
 */
export const continuousFlow = watch<FlowMemory>({
  name: 'continuousFlow',
  type: 'leak',
  kinds: 'all',
  reported: { flag: 'leak' },
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: (memory) =>
      memory === undefined
        ? { samples: [], known: 0, until: 0, lows: [], hour: 0 }
        : { ...memory, samples: memory.samples.slice(), lows: memory.lows.slice() },
    keep(draft) {
      if (draft.samples.length === 0) return undefined
      delete draft.ended
      return draft
    },
    judge,
    began: (draft) => draft.since,
    report: (draft, level) => (level === QUIET ? null : told(leakRate(draft.lows), draft.known)),
    ended(draft) {
      const peak = draft.ended === undefined ? null : told(draft.ended.rate, draft.ended.known)
      return { now: peak === null ? null : STOOD_STILL, peak }
    },
  },
})

const STOOD_STILL: Report = {
  value: 0,
  threshold: LEAK_MIN,
  unit: 'l/h',
  en: 'water stood still for an hour',
  zh: '用水已静止1小时',
}
