import type { Incident } from '../../contract/incidents.ts'
import type { Desk } from '../desk.ts'

/** Names from the county down to where it began; of a device that is in no place, its own name. */
export function placePathOf(
  desk: Pick<Desk, 'places' | 'fleet'>,
  { placeId, premisesId, cell }: Pick<Incident, 'placeId' | 'premisesId' | 'cell'>,
): readonly string[] {
  const path = desk.places.path(placeId ?? premisesId)
  if (path.length > 0 || cell?.startsWith('device:') !== true) return path
  const id = cell.slice('device:'.length)
  return [desk.fleet.get(id)?.name ?? id]
}
