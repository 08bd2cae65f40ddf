import type { HomeDetail, HomePlace } from '../../../../contract/home-answers.ts'

/** Buildings, floors, rooms and beds of a home as a tree. Pure. */

export interface Branch {
  readonly place: HomePlace
  readonly branches: readonly Branch[]
}

export function treeOf(homeId: string, places: readonly HomePlace[]): readonly Branch[] {
  const below = Map.groupBy(places, ({ parentId }) => parentId)
  const grow = (id: string): readonly Branch[] =>
    (below.get(id) ?? []).map((place) => ({ place, branches: grow(place.id) }))
  return grow(homeId)
}

/** The place and everything in it. */
export function insideOf(id: string, places: readonly HomePlace[]): ReadonlySet<string> {
  const inside = new Set([id])
  // Each stands behind what it lies in.
  for (const place of places) if (place.parentId !== null && inside.has(place.parentId)) inside.add(place.id)
  return inside
}

/** Names from the county down to a place of the home. */
export function pathTo(home: Pick<HomeDetail, 'placePath' | 'places'>, id: string): readonly string[] {
  const place = home.places.find((one) => one.id === id)
  return place === undefined ? home.placePath : [...pathTo(home, place.parentId ?? ''), place.name]
}

/** "2楼 走廊": every floor may have a corridor. */
export const nameInside = (places: HomeDetail['places'], id: string): string =>
  pathTo({ placePath: [], places }, id).join(' ')

/** Detectors of a place that would not be heard, or say something. */
export const troubleIn = ({ devices }: HomePlace): number =>
  devices.alarm + devices.faulty + devices.silent + devices.never
