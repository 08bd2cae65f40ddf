import type { NearbyResponder } from '../../contract/homes.ts'
import type { Incident } from '../../contract/incidents.ts'
import { type Caller, callerMay } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { nearbyResponders } from '../homes/nearby.ts'
import { positionOf } from './incident-detail.ts'

const SHOWN = 12

/** Who can be sent to an incident, the soonest there first; null for who may not see names and telephones. */
export async function whoCanBeSent(desk: Desk, caller: Caller, incident: Incident): Promise<NearbyResponder[] | null> {
  if (!callerMay(caller, 'contact.read')) return null
  const position = positionOf(desk, incident) ?? undefined
  return nearbyResponders(desk, incident.placeId ?? incident.premisesId, { limit: SHOWN, position })
}
