import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { FLOW, NOTHING_YET, REGISTER, sumOf, takeVolume, type VolumeDraft, type VolumeMemory } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * l/h. An hour with less is a standstill. Badger's 1 gal/h is 3.8; 2 keeps a leak of 3 l/h above it on a register of
 * 1 l, whose hourly differences are off by up to one litre.
 */
const LEAK_MIN = 2
/** ms. Badger, Kamstrup, Sensus: 24 h, here since the end of the last standstill: a home that rests for an hour every night never gets there. */
const LEAK_AFTER_MS = 24 * HOUR_MS
/** ms. Of a meter that was never seen to stand still: 24 hourly readings span 23 h, so a new meter's first day decides at once. */
const LEAK_FIRST_DAY_MS = 23 * HOUR_MS
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
  readonly source: 'register' | 'flow'
  /** Samples of the last hour, oldest first: time (ms), litres. */
  readonly samples: readonly number[]
  /** End of the last standstill, or the first reading after nothing was known, ms. */
  readonly since?: number
  /** It has been seen to stand still. */
  readonly still?: true
  /** How much of the time since then was measured, ms, and until when. */
  readonly known?: number
  readonly until?: number
  /** Smallest flow in l/h of each of the last hours, newest last, -1 where it is not known; and the newest one's number. */
  readonly lows?: readonly number[]
  readonly hour?: number
}

interface FlowDraft extends VolumeDraft {
  /** As in the memory; only what lies from `first` on still counts. */
  samples: number[]
  first: number
  since: number
  still: boolean
  known: number
  until: number
  lows: number[]
  hour: number
  /** Of the leak that ended with this reading. */
  endedRate: number
  endedKnown: number
}

function restart(draft: FlowDraft): void {
  draft.since = Number.NaN
  draft.known = 0
  draft.until = 0
  draft.lows.length = 0
}

function forgetSamples(draft: FlowDraft): void {
  draft.samples.length = 0
  draft.first = 0
}

/** Smallest hourly flow of the last day, l/h. */
function leakRate(lows: readonly number[]): number {
  let rate = Number.POSITIVE_INFINITY
  for (let i = Math.max(0, lows.length - LEAK_RATE_HOURS); i < lows.length; i++) {
    const low = lows[i]!
    if (low !== NO_READING && low < rate) rate = low
  }
  return rate
}

function noteLow(draft: FlowDraft, at: number, rate: number): void {
  const hour = Math.floor(at / HOUR_MS)
  const { lows } = draft
  const low = Math.round(rate * 10) / 10
  const newHours = lows.length === 0 ? 1 : Math.min(hour - draft.hour, LEAK_RATE_HOURS)
  for (let i = 1; i < newHours; i++) lows.push(NO_READING)
  if (newHours > 0) lows.push(low)
  else if (low < lows[lows.length - 1]!) lows[lows.length - 1] = low
  draft.hour = hour
}

/** One hour in which water flowed. */
function noteFlow(draft: FlowDraft, from: number, at: number, rate: number): void {
  if (Number.isNaN(draft.since)) {
    draft.since = from
    draft.until = from
  }
  draft.known += at - Math.max(from, draft.until)
  draft.until = at
  noteLow(draft, at, rate)
}

function judge(draft: FlowDraft, level: Level, at: number, volume: number, flow: number): Level {
  const { source, samples } = draft
  const litres = takeVolume(draft, at, volume, flow)
  if (Number.isNaN(litres)) return level
  if (source !== draft.source) forgetSamples(draft)
  const last = samples.length - SAMPLE
  if (last >= 0) {
    if (at - samples[last]! < SAMPLE_MS) return level
    if (litres < samples[last + 1]! - EXCHANGE_LITRES) {
      forgetSamples(draft)
      samples.push(at, litres)
      restart(draft)
      return level
    }
  }
  // The newest sample that is an hour old; those before it are of no more use.
  let first = last
  while (first >= draft.first && at - samples[first]! < HOUR_FROM_MS) first -= SAMPLE
  samples.push(at, litres)
  if (first < draft.first) return level
  draft.first = first

  const from = samples[first]!
  const span = at - from
  const passed = litres - samples[first + 1]!
  // A mean below the limit holds an hour below it, however long the span. Whole numbers: 2 l in 1 h must not be 1.9999.
  if (passed * HOUR_MS < LEAK_MIN * span) {
    if (level !== QUIET) {
      draft.endedRate = leakRate(draft.lows)
      draft.endedKnown = draft.known
    }
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
  const unknown = at - draft.since - draft.known
  const enough = draft.still ? LEAK_AFTER_MS : LEAK_FIRST_DAY_MS
  return draft.known >= enough && unknown <= draft.known * UNKNOWN_SHARE_MAX ? ALARM : QUIET
}

function draftOf(memory: FlowMemory | undefined): FlowDraft {
  const flow = memory?.flow
  return {
    source: memory === undefined ? NOTHING_YET : memory.source === 'register' ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    samples: memory?.samples.slice() ?? [],
    first: 0,
    since: memory?.since ?? Number.NaN,
    still: memory?.still === true,
    known: memory?.known ?? 0,
    until: memory?.until ?? 0,
    lows: memory?.lows?.slice() ?? [],
    hour: memory?.hour ?? 0,
    endedRate: Number.POSITIVE_INFINITY,
    endedKnown: 0,
  }
}

function memoryOf(draft: FlowDraft): FlowMemory | undefined {
  if (draft.source === NOTHING_YET) return undefined
  const { samples, first, since, still, known, until, lows, hour } = draft
  return {
    source: draft.source === REGISTER ? 'register' : 'flow',
    ...sumOf(draft),
    samples: first === 0 ? samples : samples.slice(first),
    ...(Number.isNaN(since) ? {} : { since }),
    ...(still ? { still } : {}),
    ...(Number.isNaN(since) ? {} : { known, until }),
    ...(lows.length === 0 ? {} : { lows: lows.slice(-LEAK_RATE_HOURS), hour }),
  }
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
export const continuousFlow = watch<FlowMemory, FlowDraft>({
  name: 'continuousFlow',
  type: 'leak',
  kinds: 'all',
  reported: { flag: 'leak' },
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: draftOf,
    keep: memoryOf,
    judge,
    began: ({ since }) => since,
    report: (draft, level) => (level === QUIET ? null : told(leakRate(draft.lows), draft.known)),
    ended({ endedRate, endedKnown }) {
      const peak = told(endedRate, endedKnown)
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
