import { limitOf } from '../../contract/detection-limits.ts'
import type { Detector, DeviceFacts } from './detector.ts'
import { type Background, type Evidence, JOIN_MS, POINT, remember, weigh } from './fire-evidence.ts'
import { ROOM_KINDS, SMOKE_KINDS } from './kinds-watched.ts'
import { levelWatch } from './level-watch.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report, type WatchRule, type WatchState } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

/** dB/m. Twice the noise of NIST's smoke meters before there was smoke (0.024 /m), and clear of the pre-alarm of 0.58. */
const SMOKE_ENDS = 0.5
const SMOKE_ENDS_SHARE = SMOKE_ENDS / 0.58
/** ms. A device that measures something beside smoke is judged by both, until it has not for so long. */
const CHECKED_FOR_MS = 600_000
/** ms. So long without signs before a pre-alarm is over: smoke that swings must not ring anew. */
const CALM_MS = 120_000
/** Of the evidence: signs below it are calm. */
const CALM_SHARE = 0.5

const HOUR_MS = 3_600_000
/** dB/m per hour. Dust grows over months; EN 54-7 forbids a compensation that could follow a slow fire. */
const DUST_PER_HOUR = 0.001
/** dB/m. Beyond it the detector is to be cleaned, not believed less. */
const DUST_MOST = 0.3

/** Nothing of it is stored for a device that measures smoke only and in clear air. */
interface SmokeMemory {
  /** dB/m */
  last?: number
  lastAt?: number
  peak?: number
  /** Value and time of the other signs. */
  temperature?: readonly [number, number]
  co?: readonly [number, number]
  background?: Background
  /** Sum of the evidence of the last reading. */
  sum?: number
  /** Since when there is smoke without any other sign, ms. */
  aloneSince?: number
  /** When there were last signs, ms; only while the condition holds. */
  signsAt?: number
  /** °C above the background, where two signs made the pre-alarm. */
  rise?: number
  /** dB/m; and the hour that is being watched: its end, the lowest smoke in it. */
  dust?: number
  dustHour?: readonly [number, number]
}

const fresh = (sign: readonly [number, number] | undefined, at: number): number =>
  sign !== undefined && at - sign[1] <= JOIN_MS ? sign[0] : Number.NaN

function told(draft: SmokeMemory, level: Level, device: DeviceFacts): Report {
  const smoke = rounded(draft.last ?? 0, 2)
  const alarm = limitOf(device, 'smoke.alarm')
  const preAlarm = limitOf(device, 'smoke.preAlarm')
  const figures = { value: smoke, unit: 'dB/m' }
  if (level === PRE_ALARM && draft.rise !== undefined && smoke < preAlarm) {
    const co = draft.co === undefined ? 0 : rounded(draft.co[0], 0)
    const rise = rounded(draft.rise, 1)
    const heat = { en: `${rise} °C more within 90 s`, zh: `90秒内升温${rise}°C` }
    const gas = { en: `CO ${co} ppm`, zh: `一氧化碳${co} ppm` }
    const others = [...(rise > 0 ? [heat] : []), ...(co > 0 ? [gas] : [])]
    return {
      ...figures,
      threshold: null,
      en: `smoke ${smoke} dB/m together with ${others.map(({ en }) => en).join(' and ')} (pre-alarm)`,
      zh: `烟雾${smoke} dB/m,同时${others.map(({ zh }) => zh).join('、')}(预警)`,
    }
  }
  const limit = level === PRE_ALARM ? preAlarm : alarm
  const word = level === PRE_ALARM ? { en: 'pre-alarm', zh: '预警' } : { en: 'alarm', zh: '报警' }
  return {
    ...figures,
    threshold: limit,
    en: `smoke ${smoke} dB/m${level === QUIET ? '' : ` (${word.en} from ${limit})`}`,
    zh: `烟雾${smoke} dB/m${level === QUIET ? '' : `(${limit}起${word.zh})`}`,
  }
}

function judge(
  draft: SmokeMemory,
  level: Level,
  at: number,
  measured: number,
  temperature: number,
  co: number,
  device: DeviceFacts,
): Level {
  const known = draft.background
  if (Number.isNaN(measured)) {
    // Without smoke there is nothing to judge, and of a heat or CO detector nothing to remember.
    if (known === undefined || draft.last === undefined) return level
  } else {
    draft.last = measured
    draft.lastAt = at
  }
  if (!Number.isNaN(temperature)) draft.temperature = [temperature, at]
  if (!Number.isNaN(co)) draft.co = [co, at]
  const smoke = draft.last ?? 0
  if (at - (draft.lastAt ?? at) > JOIN_MS) return level
  if (level === QUIET) {
    delete draft.rise
    delete draft.signsAt
  }
  if (level === QUIET || smoke > (draft.peak ?? 0)) draft.peak = smoke

  const beside = { temperature: fresh(draft.temperature, at), co: fresh(draft.co, at) }
  const another = !Number.isNaN(beside.temperature) || !Number.isNaN(beside.co)
  const lastPoint = known?.[known.length - POINT]
  const lately = typeof lastPoint === 'number' && at - lastPoint <= CHECKED_FOR_MS
  if (!another && !lately) forget(draft)
  const evidence = weighed(draft, device, at, { smoke, ...beside, dust: draft.dust ?? 0 })
  if (another) {
    draft.background = remember(known ?? [], at, smoke, beside.temperature)
    followDust(draft, at, smoke)
  }
  if (another && lately) return levelBeside(draft, level, at, smoke, evidence, device)
  return levelAlone(draft, level, at, smoke, device)
}

/** It no longer measures anything beside smoke. */
function forget(draft: SmokeMemory): void {
  delete draft.background
  delete draft.temperature
  delete draft.co
  delete draft.aloneSince
  delete draft.dust
  delete draft.dustHour
}

function weighed(draft: SmokeMemory, device: DeviceFacts, at: number, signs: Parameters<typeof weigh>[2]): Evidence {
  const limits = {
    smoke: limitOf(device, 'smoke.alarm'),
    rise: limitOf(device, 'heat.rise'),
    evidence: limitOf(device, 'fire.evidence'),
  }
  const evidence = weigh(draft.background ?? [], at, signs, limits, draft.sum ?? 0)
  draft.sum = rounded(evidence.sum, 3)
  return evidence
}

/** Nothing to check it by: smoke is judged by its level, at once. */
function levelAlone(draft: SmokeMemory, level: Level, at: number, smoke: number, device: DeviceFacts): Level {
  delete draft.aloneSince
  const preAlarm = limitOf(device, 'smoke.preAlarm')
  if (smoke >= limitOf(device, 'smoke.alarm')) return signs(draft, at, ALARM)
  if (smoke >= preAlarm) return signs(draft, at, level === ALARM ? ALARM : PRE_ALARM)
  return smoke >= preAlarm * SMOKE_ENDS_SHARE ? level : QUIET
}

/** Temperature or CO is measured beside it. The alarm level waits for nothing; the pre-alarm for a second sign or for time. */
function levelBeside(
  draft: SmokeMemory,
  level: Level,
  at: number,
  smoke: number,
  evidence: Evidence,
  device: DeviceFacts,
): Level {
  const above = smoke - (draft.dust ?? 0)
  const preAlarm = limitOf(device, 'smoke.preAlarm')
  if (above >= preAlarm) draft.aloneSince ??= at
  else if (above < preAlarm * SMOKE_ENDS_SHARE) delete draft.aloneSince
  if (smoke >= limitOf(device, 'smoke.alarm')) return signs(draft, at, ALARM)
  if (evidence.fire) {
    draft.rise = evidence.rise > 0 ? rounded(evidence.rise, 2) : 0
    return signs(draft, at, level === ALARM ? ALARM : PRE_ALARM)
  }
  if (held(draft, at, device)) return signs(draft, at, level === ALARM ? ALARM : PRE_ALARM)
  if (level === QUIET) return QUIET
  if (above >= preAlarm * SMOKE_ENDS_SHARE || evidence.sum >= limitOf(device, 'fire.evidence') * CALM_SHARE)
    return signs(draft, at, level)
  // An alarm is over when the air is clear. What two signs raised swings more, and has its own time to settle.
  return level === ALARM || at - (draft.signsAt ?? at) >= CALM_MS ? QUIET : level
}

const held = (draft: SmokeMemory, at: number, device: DeviceFacts): boolean =>
  draft.aloneSince !== undefined && at - draft.aloneSince >= limitOf(device, 'smoke.hold') * 1000

function signs(draft: SmokeMemory, at: number, level: Level): Level {
  draft.signsAt = at
  return level
}

/** The lowest smoke of every hour is the sensor's dust; it is followed by at most so much in an hour. */
function followDust(draft: SmokeMemory, at: number, smoke: number): void {
  const hour = draft.dustHour
  if (hour === undefined) {
    draft.dustHour = [at + HOUR_MS, smoke]
    return
  }
  const lowest = Math.min(hour[1], smoke)
  if (at < hour[0]) {
    if (lowest < hour[1]) draft.dustHour = [hour[0], lowest]
    return
  }
  const dust = draft.dust ?? 0
  const step = Math.max(-DUST_PER_HOUR, Math.min(DUST_PER_HOUR, lowest - dust))
  const next = Math.min(DUST_MOST, Math.max(0, rounded(dust + step, 4)))
  if (next > 0) draft.dust = next
  else delete draft.dust
  draft.dustHour = [at + HOUR_MS, smoke]
}

function keep(draft: SmokeMemory, level: Level): SmokeMemory | undefined {
  if (level !== QUIET) return draft
  if (draft.background === undefined) return undefined
  const { peak: _, rise: _rise, signsAt: _signsAt, ...memory } = draft
  return memory
}

const rule: WatchRule<SmokeMemory> = {
  name: 'smoke',
  type: 'smoke',
  kinds: 'all',
  reported: { alarmOf: SMOKE_KINDS },
  severity: (level) => (level === PRE_ALARM ? 'MAJOR' : undefined),
  measured: {
    kinds: 'all',
    quantities: ['smoke', 'temperature', 'co'],
    draft: (memory) => ({ ...memory, ...(memory?.background && { background: memory.background.slice() }) }),
    keep,
    judge,
    pass: (draft, level, at, device) => (level === QUIET && held(draft, at, device) ? PRE_ALARM : level),
    report: (draft, level, device) => (draft.last === undefined ? null : told(draft, level, device)),
    ended(draft, device) {
      if (draft.last === undefined) return { now: null, peak: null }
      const worst = (draft.peak ?? 0) >= limitOf(device, 'smoke.alarm') ? ALARM : PRE_ALARM
      return {
        now: told(draft, QUIET, device),
        peak: told({ ...draft, last: draft.peak ?? draft.last }, worst, device),
      }
    },
  },
}

const beside = watch(rule)
/** Of what is no fire or care device: its temperature is the water's, and a meter must not pay for a fire's rules. */
const alone = levelWatch({
  name: 'smoke',
  type: 'smoke',
  kinds: 'all',
  reported: { alarmOf: SMOKE_KINDS },
  quantity: 'smoke',
  noun: { en: 'smoke', zh: '烟雾' },
  direction: 'rising',
  preAlarm: { limit: 'smoke.preAlarm', severity: 'MAJOR' },
  alarm: { limit: 'smoke.alarm' },
  endsAt: SMOKE_ENDS,
}) as Detector<WatchState<SmokeMemory>>

/**
 * Smoke: by optical density, by optical density together with temperature or CO of the same device, or by the smoke
 * detector's own alarm. Any device that reports `smoke` is watched.
 */
export const smoke: Detector<WatchState<SmokeMemory>> = {
  ...beside,
  waits: ({ memory, measured }) => measured === undefined && memory?.aloneSince !== undefined,
  step: (state, input) => (ROOM_KINDS.has(input.device.kind) ? beside : alone).step(state, input),
}
