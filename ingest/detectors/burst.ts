import { limitOf } from '../../contract/detection-limits.ts'
import { type DeviceFacts, LATE_MS } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { meterModel } from './meter-model.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { FLOW, NOTHING_YET, REGISTER, sumOf, takeVolume, type VolumeDraft, type VolumeMemory } from './water-volume.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const MINUTES = 60

const PERCENT = 100
/** ms. Kamstrup, Zenner: 30 min. */
const BURST_AFTER_MS = 30 * MINUTE_MS
/**
 * ms. Above Q4 a meter is overloaded, which ISO 4064-1 allows for a short time only, and no fitting of a home passes it:
 * of 814 real end uses other than lawn sprinklers none exceeds 1.9 m³/h, against a Q4 of 3.1. Two minutes outlast the
 * filling of an emptied pipe after a repair.
 */
const OVERLOAD_AFTER_MS = 2 * MINUTE_MS
/** Times Q3. No pipe that fits the meter passes more (twice Q4 ruins it): what says so is a slip or an exchanged register. */
const IMPOSSIBLE_TIMES_Q3 = 10
/** Share of the limit. Below it the burst is over. */
const ENDS_SHARE = 0.5
/** ms. Means over less than this suffer from a register's resolution: 1 l in 5 min is 12 l/h, in 10 s 360. */
const MEAN_MS = 4.5 * MINUTE_MS
/** ms. The same for the overload, whose limit is 3,125 l/h or 26 l in 30 s. */
const QUICK_MEAN_MS = 30_000
/** ms. Flow or register values further apart say nothing about an unbroken overload. */
const QUICK_GAP_MS = 5 * MINUTE_MS
/** ms. Single values of flow further apart say nothing about what flowed in between; a register does. */
const FLOW_GAP_MS = 30 * MINUTE_MS
const M3 = 1000
/**
 * ms. What ran for so long and below the Q3 of a small meter, and was over before anybody heard of it, was a hose or a bath: 31 draws through a
 * hose in the real household, up to 16 min, two or three of which fall into one hour.
 */
const PASSING_MS = 65 * MINUTE_MS
/** l/h */
const PASSING_PEAK = 2500
/**
 * A habit is a high flow that came twice at the same time of day (a lawn sprinkler on a timer: 4.8 m³/h for 141 min, seven
 * times in the real household). Its next time is no burst unless it runs longer or stronger.
 */
const HABIT_TIMES = 2
const HABIT_START_MS = 50 * MINUTE_MS
const HABIT_RATE_SHARE = 0.25
const HABIT_LONGER_SHARE = 0.2
/** l, ms. A timer waters a lawn; a hose that twice came at the same time is none, and nothing that runs for half a day is. */
const HABIT_LEAST_LITRES = 1000
/** A mean over an hour shows less of it than there was, and a register steps. */
const ROOM_SHARE = 0.9
const HABIT_MOST_MS = 6 * HOUR_MS
/** Of high flows that were over, so many are remembered. */
const PAST_MAX = 4
const PAST_ITEMS = 3
const DAY_MS = 24 * HOUR_MS
/** l. Steps of a dial; a difference of two readings is off by up to one. */
const COARSE_STEP = 10
const FINE_STEP = 1

interface BurstMemory extends VolumeMemory {
  readonly source: 'register' | 'flow'
  /** Start of the running mean: time (ms), litres. */
  readonly mean?: readonly [at: number, litres: number]
  /** Start of the unbroken high flow, ms. */
  readonly high?: number
  /** The same for the overload. */
  readonly quick?: readonly [at: number, litres: number | null]
  readonly overload?: number
  /** Last and largest high flow, l/h. */
  readonly rate?: number
  readonly peak?: number
  /** The rule that fired: Q4, not 20 % of Q3. */
  readonly overloaded?: true
  /** High flows that are over, newest last: start (ms of the day), duration (min), largest mean (l/h). */
  readonly past?: readonly number[]
  /** The first reading ever, ms. */
  readonly began?: number
  /** The last reading before an upload that is missing, until there is one behind it: ms; litres, -1 where they do not compare. */
  readonly edge?: readonly [at: number, litres: number]
  /** Uploads that are missing and may still come: end (ms), days, litres that passed meanwhile (-1 where it is not known). */
  readonly holes?: readonly number[]
}

const HOLE_ITEMS = 3
const UNKNOWN = -1

/** NaN for what is not known. */
interface BurstDraft extends VolumeDraft {
  meanAt: number
  meanLitres: number
  high: number
  quickAt: number
  quickLitres: number
  overload: number
  rate: number
  peak: number
  overloaded: boolean
  past: readonly number[]
  began: number
  edgeAt: number
  edge: number
  holes: readonly number[]
  /** Since when the flow has been above half the limit, in this message, and how long it was so until it fell, ms. */
  warm: number
  lasted: number
}

const stepOf = (a: number, b: number): number =>
  a % COARSE_STEP === 0 && b % COARSE_STEP === 0 ? COARSE_STEP : FINE_STEP

/**
 * It has come before, at this time of day, this strong and for this long: twice, or once in what is known while an upload is
 * missing that had room for it, or twice in what is missing. Of a meter's first days nothing is known yet.
 */
function isHabit({ past, holes, high, peak, began }: BurstDraft, at: number): boolean {
  if (at - began < LATE_MS || at - high > HABIT_MOST_MS) return false
  // Behind a missing upload: it may have begun in it.
  const isCut = holes[holes.length - HOLE_ITEMS] === high
  let times = 0
  for (let i = 0; i < past.length; i += PAST_ITEMS) {
    const minutes = past[i + 1]!
    const behind = ((high % DAY_MS) - past[i]! + DAY_MS) % DAY_MS
    const apart = Math.min(behind, DAY_MS - behind)
    const lasts = (minutes * (1 + HABIT_LONGER_SHARE) + BURST_AFTER_MS / MINUTE_MS) * MINUTE_MS
    if (
      (apart <= HABIT_START_MS || (isCut && behind <= HABIT_START_MS + minutes * MINUTE_MS)) &&
      at - high <= lasts &&
      peak <= past[i + 2]! * (1 + HABIT_RATE_SHARE) &&
      (minutes * past[i + 2]!) / MINUTES >= HABIT_LEAST_LITRES
    )
      times++
  }
  for (let i = 0; i < holes.length && times < HABIT_TIMES; i += HOLE_ITEMS) {
    const [to = 0, days = 0, litres = UNKNOWN] = holes.slice(i, i + HOLE_ITEMS)
    const room = litres === UNKNOWN ? HABIT_TIMES : Math.floor(litres / (HABIT_LEAST_LITRES * ROOM_SHARE))
    if (at - to < LATE_MS) times += Math.min(room, days)
  }
  return times >= HABIT_TIMES
}

/** An upload is missing: nothing is known of what ran meanwhile but how much it was. */
function gap(draft: BurstDraft, from: number): void {
  if (draft.source === NOTHING_YET) return
  if (Number.isNaN(draft.edge)) {
    draft.edgeAt = from
    draft.edge = Number.isNaN(draft.high) && draft.source === REGISTER ? draft.meanLitres : UNKNOWN
  }
  draft.meanAt = Number.NaN
  draft.quickAt = Number.NaN
  draft.high = Number.NaN
  draft.overload = Number.NaN
  draft.warm = Number.NaN
  // What was running when the upload should have come is no hose.
  draft.lasted = Number.POSITIVE_INFINITY
}

function closeGap(draft: BurstDraft, at: number, litres: number): void {
  const { edgeAt, edge, holes } = draft
  draft.edge = Number.NaN
  const open = holes.filter((_, i) => at - holes[i - (i % HOLE_ITEMS)]! < LATE_MS)
  const days = Math.ceil((at - edgeAt) / DAY_MS - HOUR_MS / DAY_MS)
  draft.holes = [
    ...open,
    at,
    Math.max(1, days),
    edge === UNKNOWN || litres < edge ? UNKNOWN : Math.round(litres - edge),
  ]
}

/** What is high from the first reading behind a missing upload on may have begun in it, a habit that is known in part only. */
function beginsBehindHole(draft: BurstDraft): void {
  const { holes, high } = draft
  if (holes[holes.length - HOLE_ITEMS] === high) draft.holes = [...holes.slice(0, -1), UNKNOWN]
}

/** The high flow is over: what it was is remembered. */
function endHigh(draft: BurstDraft, at: number): void {
  const { high, peak, past } = draft
  if (!Number.isNaN(high) && at - high >= BURST_AFTER_MS)
    draft.past = [...past, high % DAY_MS, Math.round((at - high) / MINUTE_MS), peak].slice(-PAST_MAX * PAST_ITEMS)
  draft.high = Number.NaN
}

/** Mean flow since the last mean → high for 30 min, low, or neither. */
function judgeMean(draft: BurstDraft, level: Level, at: number, litres: number, limit: number, most: number): Level {
  const { meanAt, meanLitres } = draft
  const span = at - meanAt
  if (span < MEAN_MS) return level
  draft.meanAt = at
  draft.meanLitres = litres
  if (Number.isNaN(span)) return level
  const rate = ((litres - meanLitres) / span) * HOUR_MS
  if (rate < 0 || rate > most || (draft.source === FLOW && span > FLOW_GAP_MS)) {
    draft.high = Number.NaN
    return level
  }
  if (rate >= limit * ENDS_SHARE && Number.isNaN(draft.warm)) draft.warm = meanAt
  // The last digits of two readings may take one step of the dial away.
  if (((litres - meanLitres + stepOf(litres, meanLitres)) / span) * HOUR_MS < limit) {
    endHigh(draft, meanAt)
    if (rate >= limit * ENDS_SHARE) return level
    draft.lasted = meanAt - draft.warm
    draft.warm = Number.NaN
    return QUIET
  }
  if (Number.isNaN(draft.high)) {
    draft.high = meanAt
    beginsBehindHole(draft)
  }
  noteRate(draft, rate)
  if (level !== QUIET || at - draft.high < BURST_AFTER_MS || isHabit(draft, at)) return level
  return ALARM
}

/** Whether the meter has been overloaded for two minutes. */
function judgeOverload(draft: BurstDraft, at: number, litres: number, flow: number, q4: number, most: number): boolean {
  const { quickAt, quickLitres } = draft
  const gap = Number.isNaN(quickAt) ? Number.POSITIVE_INFINITY : at - quickAt
  let rate = flow * M3
  let began = at
  if (Number.isNaN(rate)) {
    if (Number.isNaN(litres) || gap < QUICK_MEAN_MS) return false
    if (gap <= QUICK_GAP_MS) {
      rate = ((litres - quickLitres) / gap) * HOUR_MS
      began = quickAt
    }
  }
  if (rate > most) return false
  draft.quickAt = at
  draft.quickLitres = litres
  if (!(rate > q4)) {
    draft.overload = Number.NaN
    return false
  }
  if (Number.isNaN(draft.overload) || gap > QUICK_GAP_MS) draft.overload = began
  if (at - draft.overload < OVERLOAD_AFTER_MS) return false
  noteRate(draft, rate)
  return true
}

function noteRate(draft: BurstDraft, rate: number): void {
  draft.rate = Math.round(rate)
  draft.peak = Math.max(draft.peak, draft.rate)
}

function judge(
  draft: BurstDraft,
  level: Level,
  at: number,
  volume: number,
  flow: number,
  _c: number,
  device: DeviceFacts,
): Level {
  const { q3, q4 } = meterModel(device.model)
  const most = q3 * IMPOSSIBLE_TIMES_Q3
  const believed = flow * M3 <= most ? flow : Number.NaN
  const { source } = draft
  const litres = takeVolume(draft, at, volume, believed)
  if (source !== draft.source) {
    draft.meanAt = Number.NaN
    draft.quickAt = Number.NaN
  }
  if (!Number.isNaN(litres) && Number.isNaN(draft.began)) draft.began = at
  if (!Number.isNaN(litres) && !Number.isNaN(draft.edge)) closeGap(draft, at, litres)
  if (level === QUIET && Number.isNaN(draft.high) && Number.isNaN(draft.overload)) {
    draft.rate = Number.NaN
    draft.peak = 0
    draft.overloaded = false
  }
  let next = Number.isNaN(litres) ? level : judgeMean(draft, level, at, litres, q3 * burstShare(device), most)
  if (judgeOverload(draft, at, litres, believed, q4, most)) {
    if (next === QUIET) draft.overloaded = true
    next = ALARM
  }
  return next
}

function draftOf(memory: BurstMemory | undefined): BurstDraft {
  const flow = memory?.flow
  return {
    source: memory === undefined ? NOTHING_YET : memory.source === 'register' ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    meanAt: memory?.mean?.[0] ?? Number.NaN,
    meanLitres: memory?.mean?.[1] ?? Number.NaN,
    high: memory?.high ?? Number.NaN,
    quickAt: memory?.quick?.[0] ?? Number.NaN,
    quickLitres: memory?.quick?.[1] ?? Number.NaN,
    overload: memory?.overload ?? Number.NaN,
    rate: memory?.rate ?? Number.NaN,
    peak: memory?.peak ?? 0,
    overloaded: memory?.overloaded === true,
    past: memory?.past ?? [],
    // Of a meter that was known before this was written down: long ago.
    began: memory === undefined ? Number.NaN : (memory.began ?? 0),
    edgeAt: memory?.edge?.[0] ?? Number.NaN,
    edge: memory?.edge?.[1] ?? Number.NaN,
    holes: memory?.holes ?? [],
    warm: Number.NaN,
    lasted: Number.POSITIVE_INFINITY,
  }
}

function memoryOf(draft: BurstDraft, level: Level): BurstMemory | undefined {
  const {
    source,
    meanAt,
    meanLitres,
    high,
    quickAt,
    quickLitres,
    overload,
    rate,
    peak,
    overloaded,
    past,
    began,
    edgeAt,
    edge,
    holes,
  } = draft
  if (source === NOTHING_YET) return undefined
  const running = level !== QUIET || !Number.isNaN(high) || !Number.isNaN(overload)
  return {
    source: source === FLOW ? 'flow' : 'register',
    ...sumOf(draft),
    ...(Number.isNaN(meanAt) ? {} : { mean: [meanAt, meanLitres] as const }),
    ...(Number.isNaN(high) ? {} : { high }),
    ...(Number.isNaN(quickAt) ? {} : { quick: [quickAt, Number.isNaN(quickLitres) ? null : quickLitres] as const }),
    ...(Number.isNaN(overload) ? {} : { overload }),
    ...(running && peak > 0 ? { rate, peak } : {}),
    ...(running && overloaded ? { overloaded } : {}),
    ...(past.length === 0 ? {} : { past }),
    ...(began === 0 ? {} : { began }),
    ...(Number.isNaN(edge) ? {} : { edge: [edgeAt, edge] as const }),
    ...(holes.length === 0 ? {} : { holes }),
  }
}

/** Share of Q3: 20 % unless somebody set it, the highest of Kamstrup's, which keeps showers and washing machines out. */
const burstShare = (device: DeviceFacts): number => limitOf(device, 'burst.share') / PERCENT

function told(rate: number, draft: BurstDraft, device: DeviceFacts): Report {
  const { q3, q4 } = meterModel(device.model)
  const overload = draft.overloaded
  const limit = rounded((overload ? q4 : q3 * burstShare(device)) / M3, 2)
  const figure = rounded(rate / M3, 2)
  return {
    value: figure,
    threshold: limit,
    unit: 'm³/h',
    en: overload
      ? `flow ${figure} m³/h, above the meter's overload flow of ${limit} for 2 min`
      : `flow ${figure} m³/h, at or above ${limit} for 30 min`,
    zh: overload ? `流量${figure} m³/h,超过过载流量${limit}达2分钟` : `流量${figure} m³/h,达到${limit}以上已30分钟`,
  }
}

/** Water runs as from a broken pipe: by the register or the flow of a household's meter, or the meter's own burst flag. */
export const burst = watch<BurstMemory, BurstDraft>({
  name: 'burst',
  type: 'burst',
  kinds: 'all',
  reported: { flag: 'burst' },
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: draftOf,
    keep: memoryOf,
    judge,
    gap,
    negligible: ({ peak, overloaded, lasted }) => !overloaded && peak < PASSING_PEAK && lasted <= PASSING_MS,
    began: ({ high, overload }) => (Number.isNaN(high) ? overload : high),
    report: (draft, level, device) => (level === QUIET ? null : told(draft.rate, draft, device)),
    ended: (draft, device) => ({ now: null, peak: draft.peak === 0 ? null : told(draft.peak, draft, device) }),
  },
})
