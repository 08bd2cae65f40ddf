import { incidentCell } from '../../contract/incident-cell.ts'
import type { DutyCheck, Incident } from '../../contract/incidents.ts'
import type { Draft } from '../draft.ts'
import type { Cause } from '../stable-id.ts'
import { stableId } from '../stable-id.ts'
import { joiningKey } from './joining-key.ts'
import { opened } from './life.ts'

/** Duty check (查岗): whether somebody sits in a home's control room. */

interface Told {
  readonly at: number
  readonly commandId: string | null
  readonly actor: string | null
}

/** The panels of the place are asked; where there is none, or nobody comes to it, a person may answer by telephone. */
export function asked(draft: Draft, duty: DutyCheck, minutes: number, told: Told): void {
  draft.handling.setDuty(duty)
  draft.event({ ...told, type: 'duty.asked', duty })
  // The systems of a panel speak through it.
  for (const { id, kind, gatewayId, disabled } of draft.handling.fireAndCareIn(duty.placeId))
    if (kind === 'fire-panel' && gatewayId === null && !disabled)
      draft.ask({
        id: `${duty.id} ${id}`,
        deviceId: id,
        request: { kind: 'duty-check', minutes },
        at: duty.askedAt,
        expiresAt: duty.dueAt,
      })
}

/** @param by a user name, or the panel and its operator number */
export function answered(draft: Draft, duty: DutyCheck, by: string, at: number, told: Told): void {
  const next: DutyCheck = { ...duty, answeredAt: at, answeredBy: by, settled: 'answered' }
  draft.handling.setDuty(next)
  draft.event({ ...told, type: 'duty.answered', duty: next })
  const incident = draft.handling.incidentAt(keyOfDuty(duty))
  // Late, but there: what rang because nobody answered is over.
  if (incident !== undefined && incident.state !== 'closed')
    draft.change({ incident: over(incident, by, at), event: 'incident.closed', alarmId: null })
}

const over = (incident: Incident, by: string, at: number): Incident => ({
  ...incident,
  state: 'closed',
  acknowledgedBy: incident.acknowledgedBy ?? by,
  acknowledgedAt: incident.acknowledgedAt ?? at,
  escalation: { ...incident.escalation, nextAt: null },
  closedAt: at,
  closedBy: by,
  disposition: 'real',
  cause: 'other',
})

/** Its time is over: the home's incident of kind `duty` opens, and rings until somebody acknowledges or answers. */
export function unanswered(draft: Draft, duty: DutyCheck, cause: Cause, now: number): void {
  const next: DutyCheck = { ...duty, settled: 'unanswered' }
  draft.handling.setDuty(next)
  draft.event({ at: now, commandId: null, actor: null, type: 'duty.unanswered', duty: next })
  const there = draft.handling.incidentAt(keyOfDuty(duty))
  if (there !== undefined && there.state !== 'closed') return
  const premises = draft.handling.places.premisesOf(duty.placeId)
  const incident = opened(
    {
      id: stableId(cause, duty.id, 'incident'),
      kind: 'duty',
      mode: 'real',
      severity: 'MAJOR',
      premisesId: premises?.id ?? duty.placeId,
      placeId: duty.placeId,
      cell: cellOf(duty),
      openedAt: duty.dueAt,
      noticedAt: now,
    },
    now,
  )
  draft.change({ incident, event: 'incident.opened', alarmId: null })
}

/** A home's unanswered checks are one incident. */
const cellOf = ({ placeId }: DutyCheck): string => incidentCell('duty', placeId)
const keyOfDuty = (duty: DutyCheck): string =>
  joiningKey({ kind: 'duty', mode: 'real', premisesId: null, cell: cellOf(duty) })
