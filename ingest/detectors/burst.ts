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
const IMPOSSIBLE_TIMES_Q3 = 5
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
 * times in the real household). Its next time is no burst unless it runs longer or stronger, or brings more or less: a pipe may
 * burst beside a sprinkler, or at its hour. More: by what the limit of a burst lets through in so long. A timer keeps to a few per cent.
 */
const HABIT_TIMES = 2
const HABIT_START_MS = 50 * MINUTE_MS
const HABIT_RATE_SHARE = 0.25
const HABIT_LONGER_SHARE = 0.2
const HABIT_MORE_MS = HOUR_MS
/** ms. A mean over more is not counted to the high flow beside it. */
const AROUND_MS = 2 * HOUR_MS + 5 * MINUTE_MS
const HABIT_LEAST_SHARE = 0.8
/** l, ms. A timer waters a lawn; a hose that twice came at the same time is none, and nothing that runs for half a day is. */
const HABIT_LEAST_LITRES = 1000
/** A mean over an hour shows less of it than there was, and a register steps. */
const ROOM_SHARE = 0.9
const HABIT_MOST_MS = 6 * HOUR_MS
/** Of high flows that were over, so many are remembered. */
const PAST_MAX = 4
const PAST_ITEMS = 4
/** Before litres were kept with them. */
const OLDER_ITEMS = 3
const DAY_MS = 24 * HOUR_MS
/** l. Steps of a dial; a difference of two readings is off by up to one. */
const COARSE_STEP = 10
const FINE_STEP = 1

interface BurstMemory extends VolumeMemory {
  readonly source: 'register' | 'flow'
  /** Start of the running mean: time (ms), litres; and the litres at the start of the mean before it, where they differ. */
  readonly mean?: readonly [at: number, litres: number, before?: number]
  /** Start of the unbroken high flow, ms; and litres at the start of the mean before it, where they are known. */
  readonly high?: number
  readonly highFrom?: number
  /** The same for the overload. */
  readonly quick?: readonly [at: number, litres: number | null]
  readonly overload?: number
  /** Last and largest high flow, l/h. */
  readonly rate?: number
  readonly peak?: number
  /** The rule that fired: Q4, not 20 % of Q3. */
  readonly overloaded?: true
  /**
   * High flows that are over, newest last: start (ms of the day), duration (min), largest mean (l/h), and litres with those of
   * the means before and behind it, which it ran for a part of (-1: not known).
   */
  readonly habits?: readonly number[]
  /** The same without litres, by an earlier version. */
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
const HUNDREDTHS = 100

/** NaN for what is not known. */
interface BurstDraft extends VolumeDraft {
  meanAt: number
  meanLitres: number
  meanBefore: number
  high: number
  highFrom: number
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
  /** Start of a high flow that is over and was no habit after all, ms. */
  unusual: number
  /** First reading of this message, ms. */
  first: number
  /** Since when the flow has been above half the limit, in this message, and how long it was so until it fell, ms. */
  warm: number
  lasted: number
}

const stepOf = (a: number, b: number): number =>
  a % COARSE_STEP === 0 && b % COARSE_STEP === 0 ? COARSE_STEP : FINE_STEP

/**
 * It has come before, at this time of day, this strong, for this long and as much: twice, or once in what is known while an upload
 * is missing that had room for it, or twice in what is missing. Of a meter's first days nothing is known yet.
 *
 * @param litres on the register now
 * @param more l that it may bring more than before
 * @param isOver nothing more will come
 */
function isHabit(draft: BurstDraft, at: number, litres: number, more: number, isOver: boolean): boolean {
  const { past, holes, high, highFrom, peak, began } = draft
  if (at - began < LATE_MS || at - high > HABIT_MOST_MS) return false
  // Behind a missing upload: it may have begun in it.
  const isCut = holes[holes.length - HOLE_ITEMS] === high
  // Where its beginning is not known it brought that much at least.
  const brought = Number.isNaN(highFrom) ? 0 : litres - highFrom
  let times = 0
  for (let i = 0; i < past.length; i += PAST_ITEMS) {
    const minutes = past[i + 1]!
    const usual = past[i + 3]!
    const behind = ((high % DAY_MS) - past[i]! + DAY_MS) % DAY_MS
    const apart = Math.min(behind, DAY_MS - behind)
    const lasts = (minutes * (1 + HABIT_LONGER_SHARE) + BURST_AFTER_MS / MINUTE_MS) * MINUTE_MS
    const isAsMuch =
      usual === UNKNOWN ||
      (brought <= usual + more && (!isOver || Number.isNaN(highFrom) || brought >= usual * HABIT_LEAST_SHARE))
    if (
      (apart <= HABIT_START_MS || (isCut && behind <= HABIT_START_MS + minutes * MINUTE_MS)) &&
      at - high <= lasts &&
      peak <= past[i + 2]! * (1 + HABIT_RATE_SHARE) &&
      (minutes * past[i + 2]!) / MINUTES >= HABIT_LEAST_LITRES &&
      isAsMuch
    )
      times++
  }
  // Where high flows are known, what is missing holds more of those rather than others.
  if (times === 0 && past.length >= HABIT_TIMES * PAST_ITEMS) return false
  const least = Math.max(HABIT_LEAST_LITRES * ROOM_SHARE, brought - more)
  for (let i = 0; i < holes.length && times < HABIT_TIMES; i += HOLE_ITEMS) {
    const [to = 0, days = 0, passed = UNKNOWN] = holes.slice(i, i + HOLE_ITEMS)
    // What runs on from a missing upload is not taken for a habit by that upload alone: a pipe that has burst does so.
    const most = to === high ? 1 : HABIT_TIMES
    const room = passed === UNKNOWN ? most : Math.min(most, Math.floor(passed / least))
    if (at - to < LATE_MS) times += Math.min(room, timesWithin(to - days * DAY_MS, to, high))
  }
  return times >= HABIT_TIMES
}

/** How often the time of day of `high` came before it, from … to. */
const timesWithin = (from: number, to: number, high: number): number =>
  Math.max(
    0,
    Math.floor((high - from + HABIT_START_MS) / DAY_MS) -
      Math.max(1, Math.ceil((high - to - HABIT_START_MS) / DAY_MS)) +
      1,
  )

/** An upload is missing: nothing is known of what ran meanwhile but how much it was. */
function gap(draft: BurstDraft, from: number): void {
  if (draft.source === NOTHING_YET) return
  if (Number.isNaN(draft.edge)) {
    draft.edgeAt = from
    draft.edge = Number.isNaN(draft.high) && draft.source === REGISTER ? draft.meanLitres : UNKNOWN
  }
  draft.meanAt = Number.NaN
  draft.meanBefore = Number.NaN
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
  draft.holes = [
    ...open,
    at,
    Math.round(((at - edgeAt) / DAY_MS) * HUNDREDTHS) / HUNDREDTHS,
    edge === UNKNOWN || litres < edge ? UNKNOWN : Math.round(litres - edge),
  ]
}

/** What is high from the first reading behind a missing upload on may have begun in it, a habit that is known in part only. */
function beginsBehindHole(draft: BurstDraft): void {
  const { holes, high } = draft
  if (holes[holes.length - HOLE_ITEMS] === high) draft.holes = [...holes.slice(0, -1), UNKNOWN]
}

/** The high flow is over: what it was is remembered. */
function endHigh(draft: BurstDraft, at: number, litres: number): void {
  const { high, highFrom, peak, past } = draft
  if (!Number.isNaN(high) && at - high >= BURST_AFTER_MS) {
    const brought = Number.isNaN(highFrom) ? UNKNOWN : Math.round(litres - highFrom)
    draft.past = [...past, high % DAY_MS, Math.round((at - high) / MINUTE_MS), peak, brought].slice(
      -PAST_MAX * PAST_ITEMS,
    )
  }
  draft.high = Number.NaN
}

/** Mean flow since the last mean → high for 30 min, low, or neither. */
function judgeMean(draft: BurstDraft, level: Level, at: number, litres: number, limit: number, most: number): Level {
  const { meanAt, meanLitres, meanBefore } = draft
  const span = at - meanAt
  if (span < MEAN_MS) return level
  draft.meanAt = at
  draft.meanLitres = litres
  draft.meanBefore = span > AROUND_MS ? litres : meanLitres
  if (Number.isNaN(span)) {
    draft.meanBefore = Number.NaN
    return level
  }
  const passed = litres - meanLitres
  const rate = (passed / span) * HOUR_MS
  if (rate < 0 || rate >= most || (draft.source === FLOW && span > FLOW_GAP_MS)) {
    draft.high = Number.NaN
    draft.meanBefore = Number.NaN
    return level
  }
  // Of a span with a reading missing it may have run for an hour.
  const isWarm = passed * HOUR_MS >= limit * ENDS_SHARE * Math.min(span, HOUR_MS)
  if (isWarm && Number.isNaN(draft.warm)) draft.warm = meanAt
  const more = (limit * HABIT_MORE_MS) / HOUR_MS
  // The last digits of two readings may take one step of the dial away.
  if (((passed + stepOf(litres, meanLitres)) / span) * HOUR_MS < limit) {
    const { high } = draft
    const total = span > AROUND_MS ? meanLitres : litres
    const isUnusual = level === QUIET && meanAt - high >= BURST_AFTER_MS && !isHabit(draft, meanAt, total, more, true)
    endHigh(draft, meanAt, total)
    if (isUnusual) {
      draft.unusual = high
      return ALARM
    }
    if (rate >= limit * ENDS_SHARE) return level
    draft.lasted = draft.warm <= draft.first ? Number.POSITIVE_INFINITY : (isWarm ? at : meanAt) - draft.warm
    draft.warm = isWarm ? meanAt : Number.NaN
    return QUIET
  }
  if (Number.isNaN(draft.high)) {
    draft.high = meanAt
    draft.highFrom = meanBefore
    beginsBehindHole(draft)
  }
  noteRate(draft, rate)
  if (level !== QUIET || at - draft.high < BURST_AFTER_MS || isHabit(draft, at, litres, more, false)) return level
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
  if (rate >= most) return false
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
  const believed = flow * M3 < most ? flow : Number.NaN
  const { source } = draft
  draft.unusual = Number.NaN
  const litres = takeVolume(draft, at, volume, believed)
  if (source !== draft.source) {
    draft.meanAt = Number.NaN
    draft.meanBefore = Number.NaN
    draft.quickAt = Number.NaN
  }
  if (!Number.isNaN(litres) && Number.isNaN(draft.first)) draft.first = at
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

const withoutLitres = (past: readonly number[]): readonly number[] =>
  past.flatMap((item, i) => (i % OLDER_ITEMS === OLDER_ITEMS - 1 ? [item, UNKNOWN] : [item]))

function draftOf(memory: BurstMemory | undefined): BurstDraft {
  const flow = memory?.flow
  return {
    source: memory === undefined ? NOTHING_YET : memory.source === 'register' ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    meanAt: memory?.mean?.[0] ?? Number.NaN,
    meanLitres: memory?.mean?.[1] ?? Number.NaN,
    meanBefore: memory?.mean?.[2] ?? Number.NaN,
    high: memory?.high ?? Number.NaN,
    highFrom: memory?.highFrom ?? Number.NaN,
    quickAt: memory?.quick?.[0] ?? Number.NaN,
    quickLitres: memory?.quick?.[1] ?? Number.NaN,
    overload: memory?.overload ?? Number.NaN,
    rate: memory?.rate ?? Number.NaN,
    peak: memory?.peak ?? 0,
    overloaded: memory?.overloaded === true,
    past: memory?.habits ?? withoutLitres(memory?.past ?? []),
    // Of a meter that was known before this was written down: long ago.
    began: memory === undefined ? Number.NaN : (memory.began ?? 0),
    edgeAt: memory?.edge?.[0] ?? Number.NaN,
    edge: memory?.edge?.[1] ?? Number.NaN,
    holes: memory?.holes ?? [],
    unusual: Number.NaN,
    first: Number.NaN,
    warm: Number.NaN,
    lasted: Number.POSITIVE_INFINITY,
  }
}

const meanOf = ({ meanAt, meanLitres, meanBefore }: BurstDraft): NonNullable<BurstMemory['mean']> =>
  Number.isNaN(meanBefore) ? [meanAt, meanLitres] : [meanAt, meanLitres, meanBefore]

function memoryOf(draft: BurstDraft, level: Level): BurstMemory | undefined {
  const {
    source,
    meanAt,
    high,
    highFrom,
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
    ...(Number.isNaN(meanAt) ? {} : { mean: meanOf(draft) }),
    ...(Number.isNaN(high) ? {} : { high }),
    ...(Number.isNaN(high) || Number.isNaN(highFrom) ? {} : { highFrom }),
    ...(Number.isNaN(quickAt) ? {} : { quick: [quickAt, Number.isNaN(quickLitres) ? null : quickLitres] as const }),
    ...(Number.isNaN(overload) ? {} : { overload }),
    ...(running && peak > 0 ? { rate, peak } : {}),
    ...(running && overloaded ? { overloaded } : {}),
    ...(past.length === 0 ? {} : { habits: past }),
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
    began: ({ unusual, high, overload }) => [unusual, high, overload].find((at) => !Number.isNaN(at)),
    report: (draft, level, device) => (level === QUIET ? null : told(draft.rate, draft, device)),
    ended: (draft, device) => ({ now: null, peak: draft.peak === 0 ? null : told(draft.peak, draft, device) }),
  },
})
