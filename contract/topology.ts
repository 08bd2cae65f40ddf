import type { PlaceTree } from './place-tree.ts'
import { isZoneKind, type Membership, type Part } from './zones.ts'

/** Where a meter stood; times are ms since 1970, `to` null: it still does. */
interface Stay {
  readonly placeId: string | null
  readonly from: number
  readonly to: number | null
}

/** What a bulk meter joins from a time on; null: the main, or where nothing is accounted. */
interface Flow {
  readonly into: string | null
  readonly outOf: string | null
  readonly from: number
}

/**
 * Which zones a meter counts in, and when. What a household uses is used in its well, its village, its township and its
 * county. A bulk meter counts in what it joins; one of which nobody has said what it joins measures what comes into the
 * nearest zone that it stands in.
 */
export function membershipsOf(
  device: { readonly id: string; readonly kind: string },
  placements: readonly Stay[],
  flows: readonly Flow[],
  places: Pick<PlaceTree, 'upwards'>,
): readonly Membership[] {
  const found: Membership[] = []
  const add = (zone: string | null | undefined, part: Part, from: number, to: number | null): void => {
    if (zone == null || (to !== null && to <= from)) return
    const kind = places.upwards(zone)[0]?.kind
    // A plant is no zone: what its meters join of it is its own balance (`contract/plants.ts`).
    if (kind !== undefined && !isZoneKind(kind)) return
    const before = found.findLast((one) => one.zone === zone && one.part === part)
    // A meter that moves within a village has been in the village all the time.
    if (before?.to === from) found[found.indexOf(before)] = { ...before, to }
    else found.push({ meter: device.id, zone, part, from, to })
  }
  const zonesAt = (placeId: string | null): string[] =>
    places.upwards(placeId).flatMap(({ id, kind }) => (isZoneKind(kind) ? [id] : []))
  /** Raw water that comes into a plant has not come into the network. */
  const mainZoneAt = (placeId: string | null): string | undefined =>
    places.upwards(placeId).some(({ kind }) => kind === 'plant') ? undefined : zonesAt(placeId)[0]
  if (device.kind !== 'bulk-meter') {
    for (const { placeId, from, to } of placements)
      for (const zone of zonesAt(placeId)) add(zone, 'household', from, to)
    return found
  }
  const told = flows[0]?.from ?? null
  for (const { placeId, from, to } of placements)
    add(mainZoneAt(placeId), 'in', from, told === null ? to : Math.min(told, to ?? told))
  for (const [i, { into, outOf, from }] of flows.entries()) {
    const to = flows[i + 1]?.from ?? null
    if (into === outOf) continue
    add(into, 'in', from, to)
    add(outOf, 'out', from, to)
  }
  return found
}
