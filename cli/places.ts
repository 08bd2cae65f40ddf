import type { Place } from '../contract/api.ts'
import { KINDS, type Kind } from '../contract/kinds.ts'

type PlaceKind = Place['kind']

/** Where a device of this group usually is: what a place is taken for that nobody has described yet. */
const USUAL_PLACE: Record<(typeof KINDS)[Kind]['group'], PlaceKind> = {
  water: 'village',
  fire: 'home',
  care: 'home',
  plant: 'plant',
  gateway: 'building',
}

/** A place that is only known by the name a device was registered with. `place add` says more about it later. */
export const undescribedPlace = (id: string, kind: Kind): Place => ({
  id,
  parentId: null,
  kind: USUAL_PLACE[KINDS[kind].group],
  name: id,
  lon: null,
  lat: null,
  contact: null,
})
