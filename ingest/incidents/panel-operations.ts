import type { PanelOperation } from '../../contract/readings.ts'
import type { Draft } from '../draft.ts'
import { answered } from './duty.ts'
import { confirmed } from './life.ts'
import { resetPlace } from './place-commands.ts'

/**
 * What somebody did at a fire panel: a reset is one of its premises; who confirms at the panel has seen the fire; at the
 * transmission device the same key answers a duty check.
 */
export function followPanel(draft: Draft, done: PanelOperation, now: number): void {
  const { panelId, systemId, operation, operator, at } = done
  const { handling } = draft
  const placeId = draft.device(panelId)?.placeId ?? null
  const who = operator === undefined ? panelId : `${panelId} #${operator}`
  const told = { at: now, commandId: null, actor: null }
  if (operation === 'reset') {
    const premises = handling.places.premisesOf(placeId)?.id ?? placeId
    if (premises !== null) resetPlace(draft, premises, at, { ...told, comment: who }, panelId)
  }
  if (operation !== 'confirm') return
  if (systemId !== undefined) {
    // Somebody at the panel has looked.
    const premises = handling.places.premisesOf(placeId)?.id
    for (const incident of [...handling.openIncidents()])
      if (incident.kind === 'fire' && incident.verification === 'pre-alarm' && incident.premisesId === premises)
        draft.change({ incident: confirmed(incident, who, at, now), event: 'incident.confirmed', alarmId: null })
    return
  }
  for (const duty of [...handling.dutyChecks()])
    if (duty.answeredAt === null && handling.places.within(placeId, duty.placeId)) answered(draft, duty, who, at, told)
}
