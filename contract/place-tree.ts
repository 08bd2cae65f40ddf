import type { Place } from './api.ts'
import { PREMISES } from './places.ts'

/** From the place itself up to its county; nothing for a place that is not there. */
export function placesUpwards(
  id: string | null | undefined,
  find: (id: string) => Place | undefined,
): readonly Place[] {
  const up: Place[] = []
  for (let next = id; next != null; ) {
    const place = find(next)
    // A circle that somebody typed is walked once.
    if (place === undefined || up.includes(place)) break
    up.push(place)
    next = place.parentId
  }
  return up
}

/** The tree of places in memory. */
export class PlaceTree {
  /** Grows whenever there may be other places than before. */
  edition = 0
  private byId = new Map<string, Place>()
  private inside = new Map<string | null, Place[]>()

  replace(places: readonly Place[]): void {
    this.byId = new Map(places.map((place) => [place.id, place]))
    this.inside = Map.groupBy(places, ({ parentId }) => parentId)
    this.edition += 1
  }

  get(id: string): Place | undefined {
    return this.byId.get(id)
  }

  all(): Iterable<Place> {
    return this.byId.values()
  }

  get size(): number {
    return this.byId.size
  }

  /** From the place itself up to its county. */
  upwards(id: string | null): readonly Place[] {
    return placesUpwards(id, (one) => this.byId.get(one))
  }

  /** Names from the county down to the place. */
  path(id: string | null): string[] {
    return this.upwards(id)
      .map(({ name }) => name)
      .reverse()
  }

  /** Is `id` the place `ancestor`, or inside it? */
  within(id: string | null, ancestor: string): boolean {
    return id === ancestor || this.upwards(id).some((place) => place.id === ancestor)
  }

  /** A place and everything that lies in it, each behind what it lies in. Nothing for a place that is not there. */
  below(id: string): string[] {
    // A set is walked while it grows, and keeps a circle from being walked twice.
    const found = new Set(this.byId.has(id) ? [id] : [])
    for (const one of found) for (const inside of this.inside.get(one) ?? []) found.add(inside.id)
    return [...found]
  }

  /** The nearest place of a kind that a place is or lies in. */
  nearest(id: string | null, kind: Place['kind']): Place | undefined {
    return this.upwards(id).find((place) => place.kind === kind)
  }

  /** The home or dwelling that a place is or lies in: what is responded to as one. */
  premisesOf(id: string | null): Place | undefined {
    return this.upwards(id).find(({ kind }) => PREMISES.has(kind))
  }
}
