import type { DeviceFacts } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { meterModel } from './meter-model.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { takeVolume, type VolumeMemory } from './water-volume.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Share of Q3. Kamstrup: 5, 10 or 20 % (Zenner 30 %); the highest of Kamstrup's keeps showers and washing machines out. */
export const BURST_SHARE_OF_Q3 = 0.2
/** ms. Kamstrup, Zenner: 30 min. */
export const BURST_AFTER_MS = 30 * MINUTE_MS
/**
 * ms. Above Q4 a meter is overloaded, which ISO 4064-1 allows for a short time only, and no fitting of a home passes it:
 * of 814 real end uses other than lawn sprinklers none exceeds 1.9 m³/h, against a Q4 of 3.1. Two minutes outlast the
 * filling of an emptied pipe after a repair.
 */
export const OVERLOAD_AFTER_MS = 2 * MINUTE_MS
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

interface BurstMemory extends VolumeMemory {
  /** Start of the running mean: time (ms), litres. */
  from?: number
  fromLitres?: number
  /** Start of the unbroken high flow, ms. */
  high?: number
  /** The same for the overload. */
  quickAt?: number
  quickLitres?: number
  overload?: number
  /** Last and largest high flow, l/h. */
  rate?: number
  peak?: number
  /** The rule that fired: Q4, not 20 % of Q3. */
  overloaded?: true
}

function startMean(draft: BurstMemory, at: number, litres: number): void {
  draft.from = at
  draft.fromLitres = litres
}

/** Mean flow since `from` → high for 30 min, low, or neither. */
function judgeMean(draft: BurstMemory, level: Level, at: number, litres: number, limit: number, most: number): Level {
  const { from, fromLitres } = draft
  if (from === undefined || fromLitres === undefined) {
    startMean(draft, at, litres)
    return level
  }
  const span = at - from
  if (span < MEAN_MS) return level
  startMean(draft, at, litres)
  const rate = ((litres - fromLitres) / span) * HOUR_MS
  if (rate < 0 || rate > most || (draft.source === 'flow' && span > FLOW_GAP_MS)) {
    delete draft.high
    return level
  }
  if (rate < limit) {
    delete draft.high
    return rate < limit * ENDS_SHARE ? QUIET : level
  }
  draft.high ??= from
  noteRate(draft, rate)
  return at - draft.high >= BURST_AFTER_MS ? ALARM : level
}

/** Whether the meter has been overloaded for two minutes. */
function judgeOverload(
  draft: BurstMemory,
  at: number,
  litres: number,
  flow: number,
  q4: number,
  most: number,
): boolean {
  const { quickAt, quickLitres } = draft
  const gap = quickAt === undefined ? Number.POSITIVE_INFINITY : at - quickAt
  let rate = flow * M3
  let began = at
  if (Number.isNaN(rate)) {
    if (Number.isNaN(litres) || gap < QUICK_MEAN_MS) return false
    if (quickLitres !== undefined && gap <= QUICK_GAP_MS) {
      rate = ((litres - quickLitres) / gap) * HOUR_MS
      began = at - gap
    }
  }
  if (rate > most) return false
  draft.quickAt = at
  if (!Number.isNaN(litres)) draft.quickLitres = litres
  else delete draft.quickLitres
  if (!(rate > q4)) {
    delete draft.overload
    return false
  }
  if (draft.overload === undefined || gap > QUICK_GAP_MS) draft.overload = began
  if (at - draft.overload < OVERLOAD_AFTER_MS) return false
  noteRate(draft, rate)
  return true
}

function noteRate(draft: BurstMemory, rate: number): void {
  draft.rate = rounded(rate, 0)
  draft.peak = Math.max(draft.peak ?? 0, draft.rate)
}

function judge(
  draft: BurstMemory,
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
  if (source !== undefined && source !== draft.source) {
    delete draft.from
    delete draft.quickAt
  }
  if (level === QUIET && draft.high === undefined && draft.overload === undefined) {
    delete draft.peak
    delete draft.overloaded
  }
  let next = !Number.isNaN(litres) ? judgeMean(draft, level, at, litres, q3 * BURST_SHARE_OF_Q3, most) : level
  if (judgeOverload(draft, at, litres, believed, q4, most)) {
    if (next === QUIET) draft.overloaded = true
    next = ALARM
  }
  return next
}

function told(rate: number, draft: BurstMemory, { model }: DeviceFacts): Report {
  const { q3, q4 } = meterModel(model)
  const overload = draft.overloaded === true
  const limit = rounded((overload ? q4 : q3 * BURST_SHARE_OF_Q3) / M3, 2)
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
export const burst = watch<BurstMemory>({
  name: 'burst',
  type: 'burst',
  kinds: 'all',
  reported: { flag: 'burst' },
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: (memory) => ({ ...memory }),
    keep: (draft) => (draft.source === undefined ? undefined : draft),
    judge,
    began: (draft) => draft.high ?? draft.overload,
    report: (draft, level, device) =>
      level === QUIET || draft.rate === undefined ? null : told(draft.rate, draft, device),
    ended: (draft, device) => ({
      now: null,
      peak: draft.peak === undefined ? null : told(draft.peak, draft, device),
    }),
  },
})
