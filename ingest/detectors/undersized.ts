import type { DeviceFacts } from './detector.ts'
import { METERS } from './kinds-watched.ts'
import { meterModel } from './meter-model.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { FLOW, NOTHING_YET, REGISTER, sumOf, takeVolume, type VolumeDraft, type VolumeMemory } from './water-volume.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** ms. Zenner: above Q3 for 6 h. */
const AFTER_MS = 6 * HOUR_MS
/** ms. Over when it was not above Q3 for a day: whoever irrigates every night is one case, not one a night. */
const ENDS_MS = 24 * HOUR_MS
/** ms. Means over less suffer from a register's last digit. */
const MEAN_MS = 4.5 * MINUTE_MS
/** ms. Longer ones say nothing about an hour; nor do single values of flow. */
const LONGEST_MEAN_MS = 2 * HOUR_MS + 5 * MINUTE_MS
const FLOW_GAP_MS = 30 * MINUTE_MS
/** Times Q3. No pipe that fits the meter passes more. */
const IMPOSSIBLE_TIMES_Q3 = 10
const LITRES = 1000

interface SizeMemory extends VolumeMemory {
  readonly source: 'register' | 'flow'
  /** Start of the running mean: time (ms), litres. */
  readonly mean?: readonly [at: number, litres: number]
  /** Since when it has been above Q3 without a break, ms; its litres so far. */
  readonly high?: readonly [since: number, litres: number]
  /** Last time above Q3 (ms), and the largest mean over such a run (l/h), while the alarm holds. */
  readonly seen?: readonly [at: number, rate: number]
}

/** NaN for what is not known. */
interface SizeDraft extends VolumeDraft {
  meanAt: number
  meanLitres: number
  high: number
  highLitres: number
  seenAt: number
  rate: number
}

function judge(
  draft: SizeDraft,
  level: Level,
  at: number,
  volume: number,
  flow: number,
  _c: number,
  device: DeviceFacts,
): Level {
  const { q3, isNamed } = meterModel(device.model)
  // What a bulk meter of an unknown size may pass is not known.
  if (!isNamed && device.kind === 'bulk-meter') return level
  const { source } = draft
  const most = q3 * IMPOSSIBLE_TIMES_Q3
  const litres = takeVolume(draft, at, volume, flow * LITRES <= most ? flow : Number.NaN)
  if (Number.isNaN(litres)) return level
  if (source !== draft.source) draft.meanAt = Number.NaN
  const span = at - draft.meanAt
  if (span < MEAN_MS) return level
  const passed = litres - draft.meanLitres
  const from = draft.meanAt
  draft.meanAt = at
  draft.meanLitres = litres
  const isWhole = span <= (draft.source === FLOW ? FLOW_GAP_MS : LONGEST_MEAN_MS)
  const rate = (passed / span) * HOUR_MS
  if (!isWhole || rate > most || !(rate > q3)) {
    draft.high = Number.NaN
    return level !== QUIET && at - draft.seenAt >= ENDS_MS ? QUIET : level
  }
  if (Number.isNaN(draft.high)) {
    draft.high = from
    draft.highLitres = 0
  }
  draft.highLitres += passed
  if (level === QUIET && at - draft.high < AFTER_MS) return QUIET
  draft.seenAt = at
  draft.rate = Math.round((draft.highLitres / (at - draft.high)) * HOUR_MS)
  return ALARM
}

function draftOf(memory: SizeMemory | undefined): SizeDraft {
  const flow = memory?.flow
  return {
    source: memory === undefined ? NOTHING_YET : memory.source === 'register' ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    meanAt: memory?.mean?.[0] ?? Number.NaN,
    meanLitres: memory?.mean?.[1] ?? Number.NaN,
    high: memory?.high?.[0] ?? Number.NaN,
    highLitres: memory?.high?.[1] ?? 0,
    seenAt: memory?.seen?.[0] ?? Number.NaN,
    rate: memory?.seen?.[1] ?? Number.NaN,
  }
}

function memoryOf(draft: SizeDraft, level: Level): SizeMemory | undefined {
  const { source, meanAt, meanLitres, high, highLitres, seenAt, rate } = draft
  if (source === NOTHING_YET) return undefined
  return {
    source: source === FLOW ? 'flow' : 'register',
    ...sumOf(draft),
    ...(Number.isNaN(meanAt) ? {} : { mean: [meanAt, meanLitres] as const }),
    ...(Number.isNaN(high) ? {} : { high: [high, highLitres] as const }),
    ...(level === QUIET ? {} : { seen: [seenAt, rate] as const }),
  }
}

function told(rate: number, { model }: DeviceFacts): Report | null {
  if (Number.isNaN(rate)) return null
  const q3 = rounded(meterModel(model).q3 / LITRES, 2)
  const figure = rounded(rate / LITRES, 2)
  return {
    value: figure,
    threshold: q3,
    unit: 'm³/h',
    en: `mean flow ${figure} m³/h for 6 h or longer, above the meter's permanent flow Q3 of ${q3}`,
    zh: `平均流量${figure} m³/h持续6小时以上,超过水表常用流量Q3(${q3} m³/h)`,
  }
}

/** A meter that passes more than its permanent flow for hours: it wears out and counts too little. */
export const undersized = watch<SizeMemory, SizeDraft>({
  name: 'undersized',
  type: 'undersized',
  kinds: METERS,
  reported: null,
  measured: {
    kinds: METERS,
    quantities: ['volume', 'flow'],
    draft: draftOf,
    keep: memoryOf,
    judge,
    gap(draft) {
      draft.meanAt = Number.NaN
      draft.high = Number.NaN
    },
    began: ({ high }) => high,
    report: ({ rate }, level, device) => (level === QUIET ? null : told(rate, device)),
    ended: ({ rate }, device) => ({ now: null, peak: told(rate, device) }),
  },
})
