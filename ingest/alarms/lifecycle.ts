import { ALARM_TYPES, type Alarm, type AlarmState, isActive, severityRank } from '../../contract/alarms.ts'
import type { Finding } from '../detectors/detector.ts'

/**
 * The life of an alarm. *Active* follows the condition, *acknowledged* follows a person; an alarm is over when it is
 * cleared and acknowledged (ISA-18.2).
 *
 *                condition returns                  acknowledge
 *   ACTIVE_UNACK ◄──────────────── CLEARED_UNACK ──────────────► CLEARED_ACK
 *        │ ▲ ──── condition ends ─────►                               ▲
 *        │ └ worse than acknowledged, or no longer a test             │ condition ends
 *        └─────────── acknowledge ──────────► ACTIVE_ACK ─────────────┘
 */
type AlarmEventType = 'alarm.raised' | 'alarm.updated' | 'alarm.cleared'

export interface Step {
  readonly alarm: Alarm
  readonly event: AlarmEventType
}

/** Where a finding comes from. */
export interface Origin {
  /** null: the condition is a place's, a zone that loses water. */
  readonly deviceId: string | null
  readonly placeId: string | null
  /** Arrival of the message, ms since 1970. */
  readonly noticedAt: number
  /** Id for a new alarm. */
  readonly newId: () => string
}

/** The open alarm of this source and type, and what a detector says now → the alarm after it; undefined: nothing changes. */
export function observe(open: Alarm | undefined, finding: Finding, origin: Origin): Step | undefined {
  // What was told as over is corrected where a person has yet to look at it; it neither rings nor is raised a second time.
  if (finding.restates !== undefined && finding.missed === true)
    return open === undefined || isActive(open)
      ? undefined
      : { alarm: corrected(open, finding), event: 'alarm.updated' }
  if (open === undefined) {
    if (finding.active) return { alarm: raise(finding, origin, 'ACTIVE_UNACK'), event: 'alarm.raised' }
    if (finding.missed === true) return { alarm: raise(finding, origin, 'CLEARED_UNACK'), event: 'alarm.raised' }
    return undefined
  }
  if (finding.active) return { alarm: again(open, finding), event: 'alarm.updated' }
  // What came and went before we knew says nothing about now.
  if (finding.missed === true) {
    const alarm = finding.replayed === true ? open : ringing(open)
    return { alarm: { ...alarm, count: open.count + 1 }, event: 'alarm.updated' }
  }
  return clear(finding.withdrawn === true ? corrected(open, finding) : open, finding)
}

/** The same alarm, as readings that came later tell it. */
function corrected(open: Alarm, finding: Finding): Alarm {
  const { since, at, value, reason, reasonZh, restates, withdrawn } = finding
  if (withdrawn === true) return { ...open, reason, reasonZh }
  const raisedAt = open.raisedAt === restates ? (since ?? at) : Math.min(open.raisedAt, since ?? at)
  const { severity = open.severity } = finding
  const worse = severityRank(severity) < severityRank(open.severity) ? { severity } : {}
  return { ...open, ...worse, raisedAt, value, reason, reasonZh }
}

/** The condition has ended. Undefined where it had already. */
function clear(open: Alarm, { at, severity, withdrawn }: Finding): Step | undefined {
  const state = CLEARED[open.state]
  if (state === undefined) return undefined
  const ended = { clearedAt: at, lastAt: Math.max(open.lastAt, at) }
  // It became worse and ended within one message: whoever acknowledged it acknowledged less.
  const worse = severity !== undefined && withdrawn !== true && severityRank(severity) < severityRank(open.severity)
  const alarm: Alarm = worse
    ? { ...open, ...ended, severity, state: 'CLEARED_UNACK', ackBy: null, ackAt: null }
    : { ...open, ...ended, state }
  return { alarm, event: 'alarm.cleared' }
}

const CLEARED: Partial<Record<AlarmState, AlarmState>> = { ACTIVE_UNACK: 'CLEARED_UNACK', ACTIVE_ACK: 'CLEARED_ACK' }

function raise(finding: Finding, origin: Origin, state: AlarmState): Alarm {
  return {
    id: origin.newId(),
    deviceId: origin.deviceId,
    placeId: origin.placeId,
    type: finding.type,
    severity: finding.severity ?? ALARM_TYPES[finding.type].severity,
    state,
    raisedAt: finding.since ?? finding.at,
    noticedAt: origin.noticedAt,
    lastAt: finding.at,
    count: 1,
    value: finding.value,
    threshold: finding.threshold,
    unit: finding.unit,
    reason: finding.reason,
    reasonZh: finding.reasonZh,
    test: finding.test === true,
    ackBy: null,
    ackAt: null,
    clearedAt: state === 'CLEARED_UNACK' ? finding.at : null,
    closedBy: null,
    disposition: null,
    incidentId: null,
    ...(finding.replayed === true ? { replayed: true } : {}),
  }
}

/** What came from the past in silence is now told by a live message. */
function ringing({ replayed: _, ...alarm }: Alarm): Alarm {
  return alarm
}

function again(open: Alarm, finding: Finding): Alarm {
  const severity = finding.severity ?? ALARM_TYPES[finding.type].severity
  const worse = severityRank(severity) < severityRank(open.severity)
  const test = finding.test === true
  // An acknowledgement covers what the person saw: a real fire after a test, or a worse one, must ring again.
  const beyondAck = worse || (open.test && !test)
  const acknowledged = open.state === 'ACTIVE_ACK' && !beyondAck
  return {
    ...ringing(open),
    raisedAt: finding.restates === open.raisedAt ? (finding.since ?? finding.at) : open.raisedAt,
    // While an alarm is open its severity only grows, or it would ring at every swing.
    severity: worse ? severity : open.severity,
    state: acknowledged ? 'ACTIVE_ACK' : 'ACTIVE_UNACK',
    ackBy: acknowledged ? open.ackBy : null,
    ackAt: acknowledged ? open.ackAt : null,
    clearedAt: null,
    lastAt: Math.max(open.lastAt, finding.at),
    count: open.count + 1,
    value: finding.value,
    threshold: finding.threshold,
    unit: finding.unit,
    reason: finding.reason,
    reasonZh: finding.reasonZh,
    test: open.test && test,
  }
}
