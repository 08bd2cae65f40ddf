import { limitOf } from '../../contract/detection-limits.ts'
import { BURST_AFTER_MS, beginsBehindHole, closeGap, endHigh, gap, HABIT_MORE_MS, isHabit } from './burst-habit.ts'
import { type BurstDraft, type BurstMemory, draftOf, memoryOf } from './burst-memory.ts'
import type { DeviceFacts } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { meterModel } from './meter-model.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { FLOW, takeVolume } from './water-volume.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const PERCENT = 100
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
/** ms. A mean over more is not counted to the high flow beside it. */
const AROUND_MS = 2 * HOUR_MS + 5 * MINUTE_MS
/** l. Steps of a dial; a difference of two readings is off by up to one. */
const COARSE_STEP = 10
const FINE_STEP = 1

const stepOf = (a: number, b: number): number =>
  a % COARSE_STEP === 0 && b % COARSE_STEP === 0 ? COARSE_STEP : FINE_STEP

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
