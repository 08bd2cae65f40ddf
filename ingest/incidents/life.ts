import type { Alarm } from '../../contract/alarms.ts'
import { isActive, severityRank } from '../../contract/alarms.ts'
import type {
  Incident,
  IncidentEventType,
  IncidentKind,
  IncidentMode,
  IncidentSource,
} from '../../contract/incidents.ts'
import { MAX_SOURCES } from '../../contract/incidents.ts'
import { waiting, waitingAnew } from './escalation.ts'

/** An incident as it is after something has happened to it, and what that was. */
export interface Change {
  readonly incident: Incident
  readonly event: IncidentEventType
  /** The alarm that it happened by. */
  readonly alarmId: string | null
}

/** Where an incident is: its premises, or what is joined instead of a place. */
export interface Where {
  readonly premisesId: string | null
  readonly placeId: string | null
  readonly cell: string | null
}

/** A new one, without alarms yet: whoever opens it joins the first. */
export function opened(
  facts: Where & {
    readonly id: string
    readonly kind: IncidentKind
    readonly mode: IncidentMode
    readonly severity: Alarm['severity']
    /** When it was measured, and when its message came. ms since 1970. */
    readonly openedAt: number
    readonly noticedAt: number
  },
  now: number,
): Incident {
  const blank: Omit<Incident, 'escalation'> = {
    ...facts,
    state: 'received',
    verification: 'pre-alarm',
    confirmedBy: null,
    lastAt: facts.openedAt,
    alarms: 0,
    devices: 0,
    sources: [],
    confirmedAt: null,
    acknowledgedBy: null,
    acknowledgedAt: null,
    dispatchedAt: null,
    onSceneAt: null,
    arrivals: {},
    verifyBy: null,
    closedAt: null,
    closedBy: null,
    disposition: null,
    cause: null,
    closingNote: null,
  }
  return { ...blank, escalation: waiting(blank, 0, now) }
}

/** One more alarm. `newDevice`: none of its alarms has joined before. */
export function withAlarm(incident: Incident, alarm: Alarm, newDevice: boolean): Incident {
  return {
    ...incident,
    severity: worse(incident.severity, alarm.severity),
    lastAt: Math.max(incident.lastAt, alarm.raisedAt),
    alarms: incident.alarms + 1,
    devices: incident.devices + Number(newDevice),
    sources: incident.sources.length < MAX_SOURCES ? [...incident.sources, sourceOf(alarm)] : incident.sources,
  }
}

/** One of its alarms has changed: ended, returned, become worse. The same incident where nobody would see a difference. */
export function withAlarmAsItIs(incident: Incident, alarm: Alarm): Incident {
  const severity = worse(incident.severity, alarm.severity)
  const i = incident.sources.findIndex(({ alarmId }) => alarmId === alarm.id)
  const have = incident.sources[i]
  const same = have === undefined || (have.active === isActive(alarm) && have.severity === alarm.severity)
  if (same && severity === incident.severity) return incident
  const sources = have === undefined ? incident.sources : incident.sources.with(i, { ...have, ...changing(alarm) })
  return { ...incident, severity, sources }
}

/** It is believed now. @param by what confirmed it (`CONFIRMATIONS`), or who at which panel */
export function confirmed(incident: Incident, by: string, at: number, now: number): Incident {
  const next: Incident = {
    ...incident,
    state: incident.state === 'received' ? 'verified' : incident.state,
    verification: 'confirmed',
    confirmedBy: by,
    confirmedAt: at,
    verifyBy: null,
  }
  const { step, nextAt } = next.escalation
  const sooner = waiting(next, step, now)
  if (nextAt === null || sooner.nextAt === null || nextAt <= sooner.nextAt) return next
  return { ...next, escalation: sooner }
}

/** What was acknowledged was less than this: it rings again, and the next contacts are told. */
export function unacknowledged(incident: Incident, now: number): Incident {
  if (incident.acknowledgedBy === null) return incident
  const next = { ...incident, acknowledgedBy: null, acknowledgedAt: null }
  return { ...next, escalation: waitingAnew(next, now) }
}

export function reopened(incident: Incident, now: number): Incident {
  // What was a fire when it was closed is one when it burns again.
  const believed = incident.verification === 'confirmed' && incident.disposition === 'real'
  const next: Incident = {
    ...incident,
    state: believed ? 'verified' : 'received',
    ...(believed ? {} : { verification: 'pre-alarm', confirmedBy: null, confirmedAt: null }),
    acknowledgedBy: null,
    acknowledgedAt: null,
    verifyBy: null,
    closedAt: null,
    closedBy: null,
    disposition: null,
    cause: null,
    closingNote: null,
  }
  return { ...next, escalation: waitingAnew(next, now) }
}

const worse = (a: Alarm['severity'], b: Alarm['severity']): Alarm['severity'] =>
  severityRank(a) <= severityRank(b) ? a : b

const changing = (alarm: Alarm): Pick<IncidentSource, 'severity' | 'active'> => ({
  severity: alarm.severity,
  active: isActive(alarm),
})

const sourceOf = (alarm: Alarm): IncidentSource => ({
  alarmId: alarm.id,
  deviceId: alarm.deviceId,
  placeId: alarm.placeId,
  type: alarm.type,
  at: alarm.raisedAt,
  ...changing(alarm),
})
