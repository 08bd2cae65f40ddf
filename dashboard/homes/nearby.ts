import type { NearbyResponder, Responder, ResponderKind } from '../../contract/homes.ts'
import { distanceM, type Position, travelTimeS } from '../../contract/travel.ts'
import type { Desk } from '../desk.ts'

export interface NearbyQuery {
  /** Absent: of every kind. */
  readonly kinds?: readonly ResponderKind[] | undefined
  readonly limit: number
  /** Where help is needed, if it is known better than by the place. */
  readonly position?: Position | undefined
}

/** Who can be sent to a place, the soonest there first; of each kind at least the nearest, however far. */
export async function nearbyResponders(
  desk: Desk,
  placeId: string | null,
  { kinds, limit, position }: NearbyQuery,
): Promise<NearbyResponder[]> {
  const upwards = desk.places.upwards(placeId)
  const found = await desk.stores.homes.respondersTo(upwards.map(({ id }) => id))
  const there = position ?? upwards.map(positionOf).find((one) => one !== undefined)
  const reckoned = found
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .map((responder) => reckon(responder, there))
    .toSorted(soonestFirst)
  const byKind = [...Map.groupBy(reckoned, ({ kind }) => kind).values()]
  const nearest = new Set(byKind.flatMap((ofKind) => ofKind.slice(0, 1)))
  const chosen = [...nearest, ...reckoned.filter((one) => !nearest.has(one))].slice(0, limit)
  return chosen.toSorted(soonestFirst)
}

const positionOf = ({
  lon,
  lat,
}: {
  readonly lon: number | null
  readonly lat: number | null
}): Position | undefined => (lon === null || lat === null ? undefined : { lon, lat })

function reckon(responder: Responder, there: Position | undefined): NearbyResponder {
  const from = positionOf(responder)
  if (from !== undefined && there !== undefined) {
    const metres = Math.round(distanceM(from, there))
    return { ...responder, distanceM: metres, travelS: travelTimeS(responder.kind, metres) }
  }
  // Whoever serves this one place and has no position of their own is next door.
  const isNextDoor = responder.serves !== null && from === undefined
  return { ...responder, distanceM: null, travelS: isNextDoor ? travelTimeS(responder.kind, 0) : null }
}

const soonestFirst = (a: NearbyResponder, b: NearbyResponder): number =>
  (a.travelS ?? Number.POSITIVE_INFINITY) - (b.travelS ?? Number.POSITIVE_INFINITY) || (a.id < b.id ? -1 : 1)
