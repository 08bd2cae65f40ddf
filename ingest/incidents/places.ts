import type { Place } from '../../contract/api.ts'

/** No tree of places is deeper (county to bed is nine); what is deeper is a circle that somebody typed. */
const MAX_DEPTH = 32

/** The tree of places, as joining and verification need it. Unchanging: a change of any place makes a new one. */
export class Places {
  private readonly byId: ReadonlyMap<string, Place>
  private readonly children = new Map<string, string[]>()

  constructor(places: readonly Place[]) {
    this.byId = new Map(places.map((place) => [place.id, place]))
    for (const { id, parentId } of places) {
      if (parentId === null) continue
      const siblings = this.children.get(parentId)
      if (siblings === undefined) this.children.set(parentId, [id])
      else siblings.push(id)
    }
  }

  /** The place and everything below. */
  under(placeId: string): ReadonlySet<string> {
    const found = new Set([placeId])
    for (const id of found) for (const child of this.children.get(id) ?? []) found.add(child)
    return found
  }

  get(id: string): Place | undefined {
    return this.byId.get(id)
  }

  /** From the place itself up. */
  path(placeId: string | null): readonly Place[] {
    const path: Place[] = []
    for (let id = placeId; id !== null && path.length < MAX_DEPTH; ) {
      const place = this.byId.get(id)
      if (place === undefined) break
      path.push(place)
      id = place.parentId
    }
    return path
  }

  isWithin(placeId: string | null, outer: string): boolean {
    return placeId === outer || this.path(placeId).some(({ id }) => id === outer)
  }

  /** What is responded to as one: the nearest home or dwelling. */
  premisesOf(placeId: string | null): Place | undefined {
    return this.path(placeId).find(({ kind }) => kind === 'home' || kind === 'dwelling')
  }

  /** Whose detectors confirm each other: the nearest floor, else the building, else the premises; a dwelling is one. */
  fireZoneOf(placeId: string | null): string | undefined {
    const premises = this.premisesOf(placeId)
    if (premises === undefined) return undefined
    const inside = this.path(placeId)
    const within = inside.slice(0, inside.indexOf(premises))
    if (premises.kind === 'dwelling') return premises.id
    const nearest = (kind: Place['kind']): string | undefined => within.find((place) => place.kind === kind)?.id
    return nearest('floor') ?? nearest('building') ?? premises.id
  }

  nearest(placeId: string | null, kind: Place['kind']): string | undefined {
    return this.path(placeId).find((place) => place.kind === kind)?.id
  }
}
