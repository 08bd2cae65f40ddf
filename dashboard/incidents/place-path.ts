import { readCell } from '../../contract/incident-cell.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { Desk } from '../desk.ts'

/** Names from the county down to where it began; of a device that is in no place, its own name. */
export function placePathOf(
  desk: Pick<Desk, 'places' | 'fleet'>,
  { placeId, premisesId, cell }: Pick<Incident, 'placeId' | 'premisesId' | 'cell'>,
): readonly string[] {
  const path = desk.places.path(placeId ?? premisesId)
  const common = readCell(cell)
  if (path.length > 0 || common?.kind !== 'device') return path
  return [desk.fleet.get(common.id)?.name ?? common.id]
}
