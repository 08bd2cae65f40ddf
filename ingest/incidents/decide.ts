import type { Alarm } from '../../contract/alarms.ts'
import type { AlarmCommand, IncidentCommand } from '../../contract/events.ts'
import { isOpenIncident } from '../../contract/incidents.ts'
import { obey } from '../alarms/commands.ts'
import type { Draft } from '../draft.ts'
import type { Cause } from '../stable-id.ts'
import { obeyOnIncident } from './commands.ts'
import { withAlarmAsItIs } from './life.ts'
import { obeyOnPlace } from './place-commands.ts'

/** A person's command on incidents, places or duty checks, on the draft. */
export function decideIncidentCommand(draft: Draft, command: IncidentCommand, cause: Cause, now: number): void {
  if ('incidentId' in command) decideOnIncident(draft, command, cause.arrivedAt, now)
  else obeyOnPlace(draft, command, cause, now)
}

function decideOnIncident(
  draft: Draft,
  command: Extract<IncidentCommand, { incidentId: string }>,
  at: number,
  now: number,
): void {
  const alarms = alarmsOf(draft, command.incidentId)
  const answer = obeyOnIncident(command, draft.handling.incident(command.incidentId), alarms, at, now)
  if ('refused' in answer) {
    refuse(draft, command, answer.refused, now)
    return
  }
  draft.handling.setIncident(answer.incident)
  draft.event(answer.event)
  for (const alarm of alarms) follow(draft, command, alarm, at, now)
}

export function refuse(
  draft: Draft,
  { commandId, actor }: Pick<IncidentCommand, 'commandId' | 'actor'>,
  refused: { readonly code: string; readonly message: string },
  now: number,
): void {
  draft.event({ type: 'command.refused', at: now, commandId, actor, ...refused })
}

/** Who takes an incident takes its alarms, who closes it closes them: each with an event of its own. */
function follow(draft: Draft, command: IncidentCommand, alarm: Alarm, at: number, now: number): void {
  const { commandId, actor } = command
  const base = { commandId, actor, alarmId: alarm.id }
  let given: AlarmCommand
  if (command.type === 'incident.close')
    given = { ...base, type: 'alarm.close', disposition: command.disposition, comment: '' }
  else if (TAKING.has(command.type) && alarm.ackBy === null) given = { ...base, type: 'alarm.acknowledge', comment: '' }
  else return
  const { alarm: next, event } = obey(given, alarm, at, now)
  if (next !== undefined) draft.setAlarm(next)
  // The command is answered by its incident's event.
  draft.event({ ...event, commandId: null })
}

const TAKING: ReadonlySet<IncidentCommand['type']> = new Set([
  'incident.acknowledge',
  'incident.confirm',
  'incident.dispatch',
  'incident.arrive',
])

/**
 * Somebody has acknowledged or closed an alarm by itself. Where that was the last of its incident that waited, the
 * incident is theirs.
 */
export function followAlarm(draft: Draft, alarm: Alarm, command: AlarmCommand, at: number, now: number): void {
  const incident = alarm.incidentId === null ? undefined : draft.handling.incident(alarm.incidentId)
  if (incident === undefined || !isOpenIncident(incident)) return
  if (command.type === 'alarm.comment') return
  const updated = withAlarmAsItIs(incident, alarm)
  if (updated !== incident) draft.change({ incident: updated, event: 'incident.updated', alarmId: alarm.id })
  if (incident.acknowledgedBy !== null) return
  const alarms = alarmsOf(draft, incident.id)
  if (alarms.some(({ ackBy }) => ackBy === null)) return
  const { commandId, actor } = command
  const taking = { commandId, actor, type: 'incident.acknowledge', incidentId: incident.id, comment: '' } as const
  const answer = obeyOnIncident(taking, updated, alarms, at, now)
  if ('refused' in answer) return
  draft.handling.setIncident(answer.incident)
  draft.event({ ...answer.event, commandId: null })
}

function alarmsOf(draft: Draft, incidentId: string): readonly Alarm[] {
  const alarms: Alarm[] = []
  for (const alarm of draft.openAlarms()) if (alarm.incidentId === incidentId) alarms.push(alarm)
  return alarms
}
