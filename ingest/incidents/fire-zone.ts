import type { PlaceTree } from '../../contract/place-tree.ts'

/** Whose detectors confirm each other: the nearest floor, else the building, else the premises; a dwelling is one. */
export function fireZoneOf(places: PlaceTree, placeId: string | null): string | undefined {
  const premises = places.premisesOf(placeId)
  if (premises === undefined || premises.kind === 'dwelling') return premises?.id
  const around = places.upwards(placeId)
  const inside = around.slice(0, around.indexOf(premises))
  const nearest = (kind: 'floor' | 'building'): string | undefined => inside.find((place) => place.kind === kind)?.id
  return nearest('floor') ?? nearest('building') ?? premises.id
}
