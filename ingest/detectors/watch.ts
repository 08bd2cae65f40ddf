import type { Kind } from '../../contract/kinds.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'
import { type Detector, type DetectorInput, type DeviceFacts, type Finding, NO_FINDINGS } from './detector.ts'
import { ALARM, type Level, type Measurement, QUIET, type Report, type WatchRule, type WatchState } from './rule.ts'
import { type Episode, holding, missed, over } from './telling.ts'

/**
 * How long `test: true` holds for messages that do not repeat it, ms. Testing one detector on a walk takes
 * minutes; a test mode that somebody forgot must not play a fire down for longer.
 */
export const TEST_MODE_HOLDS_MS = 15 * 60_000

type Column = readonly (Value | null)[] | undefined

export function columnOf(readings: Readings, quantity: Quantity | undefined): Column {
  const { fields } = readings
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    if (field.quantity === quantity) return field.values
  }
  return undefined
}

const numberAt = (column: Column, i: number): number => {
  if (column === undefined) return Number.NaN
  const value = column[i]
  if (typeof value === 'number') return value
  return typeof value === 'boolean' ? Number(value) : Number.NaN
}

const includesKind = (kinds: ReadonlySet<Kind> | 'all', kind: Kind): boolean => kinds === 'all' || kinds.has(kind)

/**
 * What every detector here has in common. A condition of a device has up to two causes: the device itself *reports* it
 * (its own alarm, a flag), and Hydrant *measures* it. Either holds it, both together are one finding that names both.
 * A rule says how to measure; this file does the rest once: since when, test mode, what came and went within one
 * message, what comes late.
 *
 * There is exactly one detector per alarm type: two that disagreed would clear each other's alarm.
 */
export function watch<Memory extends object, Draft extends object = Memory>(
  rule: WatchRule<Memory, Draft>,
): Detector<WatchState<Memory>> {
  const initial: WatchState<Memory> = NOTHING
  const unchanged = { state: initial, findings: NO_FINDINGS }
  const same = (state: WatchState<Memory>) => (state === initial ? unchanged : { state, findings: NO_FINDINGS })

  return {
    name: rule.name,
    kinds: rule.kinds,
    ...(rule.measured?.pass === undefined ? {} : { wantsTicks: true as const }),
    initial,
    step(state, input) {
      if (input.type === 'tick') return passTime(rule, state, input.at, input.device) ?? same(state)
      return judgeReadings(rule, state, input) ?? same(state)
    },
  }
}

/** Every watch's initial state, and what it comes back to: one object, so that nothing is stored for it. */
const NOTHING = {}

interface Step<Memory extends object> {
  readonly state: WatchState<Memory>
  readonly findings: readonly Finding[]
}

/** Undefined: nothing in it concerns this rule, or nothing has changed. */
function judgeReadings<Memory extends object, Draft extends object>(
  rule: WatchRule<Memory, Draft>,
  state: WatchState<Memory>,
  input: Exclude<DetectorInput, { type: 'tick' }>,
): Step<Memory> | undefined {
  const { device, readings } = input
  const { reported: source, measured: measurement } = rule
  const measuredHere = measurement !== null && includesKind(measurement.kinds, device.kind)
  const a = measuredHere ? columnOf(readings, measurement.quantities[0]) : undefined
  const b = measuredHere && measurement.quantities[1] ? columnOf(readings, measurement.quantities[1]) : undefined
  const c = measuredHere && measurement.quantities[2] ? columnOf(readings, measurement.quantities[2]) : undefined
  const flag = source !== null && 'flag' in source ? source.flag : undefined
  const own =
    flag !== undefined
      ? columnOf(readings, 'flags')
      : source !== null && 'alarmOf' in source && source.alarmOf.has(device.kind)
        ? columnOf(readings, 'alarm')
        : undefined
  const testing = columnOf(readings, 'test')
  const values = a !== undefined || b !== undefined || c !== undefined
  const after = input.type === 'readings' && state.memory !== undefined ? input.after : undefined
  if (!values && own === undefined && testing === undefined && after === undefined) return undefined

  const late = input.type === 'late'
  const before: WatchState<Memory> = late ? {} : state
  // What is open already names the same condition; a message from before it adds nothing.
  if (late && state.since !== undefined) return undefined
  const draft = measurement === null ? undefined : measurement.draft(before.memory)

  let reported = before.reported === true
  let measured: Level = before.measured ?? QUIET
  let since = before.since
  let worst: Level = before.worst ?? QUIET
  let real = before.real === true
  let testUntil = before.testUntil ?? 0
  let seenAt = 0
  let seenReported = false
  let episode: Episode | undefined

  const { at } = readings
  if (draft !== undefined && after !== undefined) measurement!.gap?.(draft, after, at[0]!)
  for (let i = 0; i < at.length; i++) {
    const now = at[i]!
    let relevant = false
    const testWord = testing?.[i]
    if (typeof testWord === 'boolean') {
      testUntil = testWord ? now + TEST_MODE_HOLDS_MS : 0
      relevant = true
    }
    const word = own?.[i]
    if (word !== null && word !== undefined) {
      if (flag === undefined) reported = word === true
      else if (Array.isArray(word)) reported = (word as readonly string[]).includes(flag)
      relevant = true
    }
    if (values) {
      const x = numberAt(a, i)
      const y = numberAt(b, i)
      const z = numberAt(c, i)
      if (!Number.isNaN(x) || !Number.isNaN(y) || !Number.isNaN(z)) {
        measured = measurement!.judge(draft!, measured, now, x, y, z, device)
        relevant = true
      }
    }
    if (!relevant) continue
    const level: Level = reported ? ALARM : measured
    if (level > QUIET) {
      if (since === undefined) {
        since = (measured > QUIET && !reported ? measurement?.began?.(draft!) : undefined) ?? now
        worst = QUIET
        real = false
      }
      if (level > worst) worst = level
      if (now >= testUntil) real = true
      if (reported) seenReported = true
      seenAt = now
    } else if (since !== undefined) {
      const untold = before.since === undefined && !seenReported
      if (!untold || measurement?.negligible?.(draft!) !== true)
        episode = { since, endedAt: now, worst, real, ...endOf(measurement, draft, device) }
      since = undefined
    }
  }

  const finding =
    since !== undefined
      ? seenAt === 0
        ? undefined
        : late
          ? missed(rule, device, { since, endedAt: seenAt, worst, real, ...endOf(measurement, draft, device) })
          : holding(rule, device, { since, at: seenAt, worst, real, reported, measured }, draft)
      : episode === undefined
        ? undefined
        : before.since === undefined
          ? missed(rule, device, episode)
          : over(rule, device, episode)
  const findings = finding === undefined ? NO_FINDINGS : [finding]
  if (late) return { state, findings }

  const memory = draft === undefined ? undefined : measurement!.keep(draft, measured)
  const inTest = testUntil > at[at.length - 1]!
  if (!reported && measured === QUIET && since === undefined && !inTest && memory === undefined)
    return state === NOTHING && findings === NO_FINDINGS ? undefined : { state: NOTHING, findings }
  return {
    state: {
      ...(reported ? { reported: true as const } : {}),
      ...(measured === QUIET ? {} : { measured }),
      ...(since === undefined || worst === QUIET ? {} : { since, worst }),
      ...(since !== undefined && real ? { real: true as const } : {}),
      ...(inTest ? { testUntil } : {}),
      ...(memory === undefined ? {} : { memory }),
    },
    findings,
  }
}

/**
 * A tick speaks, and changes what is remembered, only when it makes the condition worse: the passing of time is no
 * observation to be counted, and what is not stored costs nothing.
 */
function passTime<Memory extends object, Draft extends object>(
  rule: WatchRule<Memory, Draft>,
  state: WatchState<Memory>,
  at: number,
  device: DeviceFacts,
): Step<Memory> | undefined {
  const { measured: measurement } = rule
  if (measurement?.pass === undefined || state.memory === undefined) return undefined
  const draft = measurement.draft(state.memory)
  const before: Level = state.measured ?? QUIET
  const measured = measurement.pass(draft, before, at, device)
  if (measured <= before) return undefined
  const memory = measurement.keep(draft, measured)
  const reported = state.reported === true
  const since = state.since ?? measurement.began?.(draft) ?? at
  const worst = Math.max(state.worst ?? QUIET, measured) as 1 | 2
  const real = state.real === true || at >= (state.testUntil ?? 0)
  const finding = holding(rule, device, { since, at, worst, real, reported, measured }, draft)
  const level = measured as 1 | 2
  return {
    state: {
      ...state,
      measured: level,
      since,
      worst,
      ...(real ? { real: true as const } : {}),
      ...(memory === undefined ? {} : { memory }),
    },
    findings: [finding],
  }
}

const NOTHING_MEASURED = { now: null, peak: null }

const endOf = <Memory extends object, Draft extends object>(
  measurement: Measurement<Memory, Draft> | null,
  draft: Draft | undefined,
  device: DeviceFacts,
): { readonly now: Report | null; readonly peak: Report | null } =>
  measurement === null || draft === undefined ? NOTHING_MEASURED : measurement.ended(draft, device)
