import type { IncidentCommand, IncidentEvent, NewEvent } from '../contract/events.ts'
import { type DutyCheck, type Incident, type WatchMode, watchTarget } from '../contract/incidents.ts'
import type { Decision } from '../store/state/decisions-port.ts'
import type { Views } from '../store/state/views-port.ts'

/** What ingest would make of a person's command about an incident, without its rules: for the tests of this role. */

export const sampleIncident = (id: string, facts: Partial<Incident> = {}): Incident => ({
  id,
  kind: 'fire',
  state: 'received',
  mode: 'real',
  verification: 'pre-alarm',
  confirmedBy: null,
  severity: 'CRITICAL',
  premisesId: null,
  placeId: null,
  cell: null,
  openedAt: 1_764_000_000_000,
  noticedAt: 1_764_000_000_000,
  lastAt: 1_764_000_000_000,
  alarms: 1,
  devices: 1,
  sources: [],
  confirmedAt: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  dispatchedAt: null,
  onSceneAt: null,
  arrivals: {},
  escalation: { step: 0, nextAt: null },
  verifyBy: null,
  closedAt: null,
  closedBy: null,
  disposition: null,
  cause: null,
  closingNote: null,
  ...facts,
})

interface Base {
  readonly at: number
  readonly commandId: string
  readonly actor: string
}

export async function decideOnIncident(
  views: Pick<Views, 'incident' | 'dutyCheck'>,
  command: IncidentCommand,
  base: Base,
): Promise<Partial<Decision>> {
  const { at, actor } = base
  switch (command.type) {
    case 'watch.set': {
      const { target, mode, until, reason } = command
      const watch: WatchMode = {
        placeId: 'placeId' in target ? target.placeId : null,
        deviceId: 'deviceId' in target ? target.deviceId : null,
        mode,
        since: at,
        until,
        by: actor,
        reason,
      }
      const event: NewEvent = { ...base, type: 'watch.changed', watch }
      return { watchModes: new Map([[watchTarget(watch), until > at ? watch : null]]), events: [event] }
    }
    case 'place.reset': {
      const { placeId, comment } = command
      return {
        placeResets: new Map([[placeId, at]]),
        events: [{ ...base, type: 'place.reset', placeId, comment }],
      }
    }
    case 'duty.check': {
      const { placeId, minutes } = command
      const duty: DutyCheck = {
        id: `d-${at}`,
        placeId,
        askedAt: at,
        askedBy: actor,
        dueAt: at + minutes * 60_000,
        answeredAt: null,
        answeredBy: null,
        settled: null,
      }
      return { dutyChecks: [duty], events: [{ ...base, type: 'duty.asked', duty }] }
    }
    case 'duty.answer': {
      const before = mustBe(await views.dutyCheck(command.dutyCheckId))
      const duty: DutyCheck = { ...before, answeredAt: at, answeredBy: actor, settled: 'answered' }
      return { dutyChecks: [duty], events: [{ ...base, type: 'duty.answered', duty }] }
    }
    default: {
      const before = mustBe(await views.incident(command.incidentId))
      if (before.state === 'closed')
        return { events: [{ ...base, type: 'command.refused', code: 'incident.closed', message: 'It is closed.' }] }
      const event = { ...base, alarmId: null, comment: command.comment, ...outcome(command, before, base) }
      return { incidents: [event.incident], events: [event] }
    }
  }
}

type Outcome = Pick<IncidentEvent, 'type' | 'incident' | 'responderIds' | 'call'>

function outcome(
  command: Extract<IncidentCommand, { incidentId: string }>,
  incident: Incident,
  { at, actor }: Base,
): Outcome {
  switch (command.type) {
    case 'incident.acknowledge':
      return {
        type: 'incident.acknowledged',
        incident: {
          ...incident,
          acknowledgedBy: actor,
          acknowledgedAt: at,
          escalation: { ...incident.escalation, nextAt: null },
        },
      }
    case 'incident.confirm':
      return {
        type: 'incident.confirmed',
        incident: {
          ...incident,
          state: 'verified',
          verification: 'confirmed',
          confirmedBy: actor,
          confirmedAt: at,
          verifyBy: null,
        },
      }
    case 'incident.dispatch':
      return {
        type: 'incident.dispatched',
        incident: { ...incident, state: 'dispatched', dispatchedAt: at },
        responderIds: command.responderIds,
      }
    case 'incident.arrive':
      return {
        type: 'incident.arrived',
        incident: {
          ...incident,
          state: 'on-scene',
          onSceneAt: incident.onSceneAt ?? at,
          arrivals: { ...incident.arrivals, [command.response]: at },
        },
      }
    case 'incident.call':
      return { type: 'incident.called', incident, call: command.call }
    case 'incident.comment':
      return { type: 'incident.commented', incident }
    case 'incident.tell':
      return { type: 'incident.told', incident }
    case 'incident.close':
      return {
        type: 'incident.closed',
        incident: {
          ...incident,
          state: 'closed',
          closedAt: at,
          closedBy: actor,
          disposition: command.disposition,
          cause: command.cause,
          closingNote: command.comment,
        },
      }
  }
}

function mustBe<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('the dashboard passed on a command for something unknown')
  return thing
}
