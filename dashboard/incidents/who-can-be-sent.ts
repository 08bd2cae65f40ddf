import type { NearbyResponder } from '../../contract/homes.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'

export async function whoCanBeSent(
  _desk: Desk,
  _caller: Caller,
  _incident: Incident,
): Promise<NearbyResponder[] | null> {
  return null
}
