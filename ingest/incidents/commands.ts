import type { Alarm } from '../../contract/alarms.ts'
import type { IncidentCommand, NewEvent } from '../../contract/events.ts'
import type { Incident } from '../../contract/incidents.ts'
import { isOpenIncident } from '../../contract/incidents.ts'
import { waiting } from './escalation.ts'

type OnIncident = Extract<IncidentCommand, { incidentId: string }>

/** What a person's command makes of its incident, and what is refused. */
export type Answer =
  | { readonly incident: Incident; readonly event: NewEvent }
  | { readonly refused: { readonly code: string; readonly message: string } }

const refuse = (code: string, message: string): Answer => ({ refused: { code, message } })

/**
 * A command of the operator lane on the incident it names. Also a closed one can be commented, called about, and given
 * another disposition: that it was false is often known only afterwards.
 * @param openAlarms its alarms that are not over
 * @param at when the command arrived: the time a person acted
 * @param decidedAt when it is decided: the event's time
 */
export function obeyOnIncident(
  command: OnIncident,
  incident: Incident | undefined,
  openAlarms: readonly Alarm[],
  at: number,
  decidedAt: number,
): Answer {
  if (incident === undefined) return refuse('incident.unknown', 'There is no incident of that id.')
  const { actor } = command
  const answer = (
    next: Incident,
    type: Extract<NewEvent, { incident: unknown }>['type'],
    more: Partial<Pick<Extract<NewEvent, { incident: unknown }>, 'responderIds' | 'call'>> = {},
  ): Answer => ({
    incident: next,
    event: {
      at: decidedAt,
      commandId: command.commandId,
      actor,
      type,
      incident: next,
      comment: command.comment,
      alarmId: null,
      ...more,
    },
  })
  if (!isOpenIncident(incident) && !AFTERWARDS.has(command.type))
    return refuse(
      'incident.closed',
      `${incident.closedBy ?? 'Hydrant'} has closed this incident; a new alarm opens it again.`,
    )
  switch (command.type) {
    case 'incident.acknowledge':
      if (incident.acknowledgedBy !== null && openAlarms.every(({ ackBy }) => ackBy !== null))
        return refuse('incident.already-acknowledged', `${incident.acknowledgedBy} has taken this incident already.`)
      return answer(taken(incident, actor, at), 'incident.acknowledged')
    case 'incident.confirm':
      if (incident.verification === 'confirmed')
        return refuse('incident.already-confirmed', 'This incident is confirmed already.')
      return answer(
        taken(
          {
            ...incident,
            state: incident.state === 'received' ? 'verified' : incident.state,
            verification: 'confirmed',
            confirmedBy: actor,
            confirmedAt: at,
            verifyBy: null,
          },
          actor,
          at,
        ),
        'incident.confirmed',
      )
    case 'incident.dispatch': {
      const sent: Incident = {
        ...incident,
        state: incident.state === 'on-scene' ? 'on-scene' : 'dispatched',
        dispatchedAt: incident.dispatchedAt ?? at,
      }
      return answer(taken(sent, actor, at), 'incident.dispatched', { responderIds: command.responderIds })
    }
    case 'incident.arrive': {
      const { response } = command
      if (incident.arrivals[response] !== undefined)
        return refuse('incident.already-there', 'Their arrival is written down already.')
      const there: Incident = {
        ...incident,
        state: 'on-scene',
        onSceneAt: incident.onSceneAt ?? at,
        arrivals: { ...incident.arrivals, [response]: at },
      }
      return answer(taken(there, actor, at), 'incident.arrived')
    }
    case 'incident.call':
      return answer(incident, 'incident.called', { call: command.call })
    case 'incident.comment':
      return answer(incident, 'incident.commented')
    case 'incident.tell':
      return answer(incident, 'incident.told')
    case 'incident.close':
      return answer(closed(incident, command, at), 'incident.closed')
  }
}

/** What may still be said of an incident that is closed. */
const AFTERWARDS: ReadonlySet<OnIncident['type']> = new Set(['incident.comment', 'incident.call', 'incident.close'])

/** A named person has it: escalation stops. Whoever took it first keeps it. */
function taken(incident: Incident, actor: string, at: number): Incident {
  const next: Incident = {
    ...incident,
    acknowledgedBy: incident.acknowledgedBy ?? actor,
    acknowledgedAt: incident.acknowledgedAt ?? at,
  }
  return { ...next, escalation: waiting(next, incident.escalation.step, at) }
}

function closed(
  incident: Incident,
  { actor, disposition, cause, comment }: Extract<OnIncident, { type: 'incident.close' }>,
  at: number,
): Incident {
  return {
    ...taken(incident, actor, at),
    state: 'closed',
    verifyBy: null,
    closedAt: incident.closedAt ?? at,
    closedBy: actor,
    disposition,
    cause,
    closingNote: comment === '' ? incident.closingNote : comment,
  }
}
