import type { DeviceFacts, Finding } from './detector.ts'
import { type Level, QUIET, type Report, type WatchRule } from './rule.ts'
import { durationEn, durationZh } from './wording.ts'

/** What a detector says: a condition that holds, has ended, or came and went before we knew. */

const REPORTED_ALARM = { en: "the detector's own alarm", zh: '探测器自身报警' }
const REPORTED_FLAG = { en: 'reported by the device itself', zh: '设备自身上报' }

/** A condition that has ended. */
export interface Episode {
  readonly since: number
  readonly endedAt: number
  readonly worst: Level
  readonly real: boolean
  readonly now: Report | null
  readonly peak: Report | null
}

export function holding<Memory extends object, Draft extends object>(
  rule: WatchRule<Memory, Draft>,
  device: DeviceFacts,
  condition: { since: number; at: number; worst: Level; real: boolean; reported: boolean; measured: Level },
  draft: Draft | undefined,
): Finding {
  const { since, at, worst, real, reported, measured } = condition
  const report = draft === undefined ? null : rule.measured!.report(draft, measured, device)
  const own = rule.reported !== null && 'flag' in rule.reported ? REPORTED_FLAG : REPORTED_ALARM
  const parts = measured > QUIET ? [report, reported ? own : null] : [own, report]
  return finding(rule, device, { active: true, at, since, worst, real, report, parts })
}

export function over<Memory extends object, Draft extends object>(
  rule: WatchRule<Memory, Draft>,
  device: DeviceFacts,
  episode: Episode,
): Finding {
  const { since, endedAt, worst, real, now } = episode
  const ms = endedAt - since
  const parts = [{ en: `over after ${durationEn(ms)}`, zh: `持续${durationZh(ms)}后恢复` }, now]
  return finding(rule, device, { active: false, at: endedAt, since, worst, real, report: now, parts })
}

export function missed<Memory extends object, Draft extends object>(
  rule: WatchRule<Memory, Draft>,
  device: DeviceFacts,
  episode: Episode,
): Finding {
  const { since, endedAt, worst, real, peak } = episode
  const ms = endedAt - since
  const parts = [{ en: `known only afterwards, lasted ${durationEn(ms)}`, zh: `事后得知,持续${durationZh(ms)}` }, peak]
  const told = finding(rule, device, { active: false, at: endedAt, since, worst, real, report: peak, parts })
  return { ...told, missed: true }
}

function finding<Memory extends object, Draft extends object>(
  rule: WatchRule<Memory, Draft>,
  device: DeviceFacts,
  facts: {
    readonly active: boolean
    readonly at: number
    readonly since: number
    readonly worst: Level
    readonly real: boolean
    readonly report: Report | null
    readonly parts: readonly ({ readonly en: string; readonly zh: string } | null)[]
  },
): Finding {
  const { active, at, since, worst, real, report } = facts
  const parts = facts.parts.filter((part) => part !== null)
  const en = parts.map((part) => part.en).join('; ')
  const severity = real ? rule.severity?.(worst, device) : 'WARNING'
  return {
    type: rule.type,
    active,
    at,
    ...(since < at ? { since } : {}),
    ...(severity === undefined ? {} : { severity }),
    value: report?.value ?? null,
    threshold: report?.threshold ?? null,
    unit: report?.unit ?? null,
    reason: `${real ? '' : 'Test: '}${real ? en.charAt(0).toUpperCase() + en.slice(1) : en}`,
    reasonZh: `${real ? '' : '测试:'}${parts.map((part) => part.zh).join(';')}`,
    ...(real ? {} : { test: true }),
  }
}
