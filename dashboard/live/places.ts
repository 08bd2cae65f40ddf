import type { Place } from '../../contract/api.ts'
import { PREMISES } from '../../contract/places.ts'

/** A place tree deeper than this has a loop in it. County, township, village, building, floor, room is six. */
const MAX_DEPTH = 16

/** The tree of places in memory: what a device's path and the search look at. */
export class PlaceTree {
  /** Grows whenever there may be other places than before. */
  edition = 0
  private byId = new Map<string, Place>()
  private inside = new Map<string, Place[]>()

  replace(places: readonly Place[]): void {
    this.byId = new Map(places.map((place) => [place.id, place]))
    this.inside = Map.groupBy(
      places.filter((place) => place.parentId !== null),
      (place) => place.parentId as string,
    )
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

  /** Names from the county down to the place. */
  path(id: string | null): string[] {
    const names: string[] = []
    for (const place of this.upwards(id)) names.push(place.name)
    return names.reverse()
  }

  /** Is `id` the place `ancestor`, or inside it? */
  within(id: string | null, ancestor: string): boolean {
    for (const place of this.upwards(id)) if (place.id === ancestor) return true
    return false
  }

  /** A place and everything that lies in it, each behind what it lies in. Nothing for a place that is not there. */
  below(id: string): string[] {
    const found = this.byId.has(id) ? [id] : []
    const seen = new Set(found)
    for (const one of found)
      for (const { id: inside } of this.inside.get(one) ?? [])
        if (!seen.has(inside)) {
          seen.add(inside)
          found.push(inside)
        }
    return found
  }

  /** The home or dwelling that a place is or lies in. */
  premisesOf(id: string | null): Place | undefined {
    for (const place of this.upwards(id)) if (PREMISES.has(place.kind)) return place
    return undefined
  }

  *upwards(id: string | null): Iterable<Place> {
    let next = id
    for (let depth = 0; next !== null && depth < MAX_DEPTH; depth++) {
      const place = this.byId.get(next)
      if (place === undefined) return
      yield place
      next = place.parentId
    }
  }
}
