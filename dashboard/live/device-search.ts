import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DeviceStatus } from '../../contract/api.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import type { Fleet } from './fleet.ts'

/** Devices looked at before alarms and everybody else get their turn: about 2 ms. */
const CHUNK = 10_000

export interface DeviceFilter {
  /** Part of an id, a name, or the name of a place it lies in; case does not matter. */
  readonly q?: string | undefined
  readonly kind?: Kind | undefined
  readonly status?: DeviceStatus | undefined
  readonly placeId?: string | undefined
}

export interface DevicePage {
  /** Indexes into the fleet, by id. */
  readonly indexes: readonly number[]
  readonly total: number
  readonly next: string | null
}

/** A page of the devices that fit, ordered by id. `cursor` is the last id of the page before. */
export async function findDevices(
  fleet: Fleet,
  places: PlaceTree,
  filter: DeviceFilter,
  limit: number,
  cursor: string | undefined,
): Promise<DevicePage> {
  const fits = matcher(fleet, places, filter)
  const indexes: number[] = []
  let total = 0
  let more = false
  let looked = 0
  for (const index of fleet.inOrder()) {
    if (++looked % CHUNK === 0) await nextTurn()
    if (!fits(index)) continue
    total += 1
    if (cursor !== undefined && fleet.idAt(index) <= cursor) continue
    if (indexes.length < limit) indexes.push(index)
    else more = true
  }
  const last = indexes.at(-1)
  return { indexes, total, next: more && last !== undefined ? fleet.idAt(last) : null }
}

/** The best few for a search box: the exact id, then ids that begin so, then whatever contains it. */
export async function searchDevices(fleet: Fleet, places: PlaceTree, q: string, limit: number): Promise<string[]> {
  const found = new Set<string>()
  if (fleet.has(q)) found.add(q)
  const order = fleet.inOrder()
  for (let i = firstFrom(fleet, order, q); i < order.length && found.size < limit; i++) {
    const id = fleet.idAt(order[i] ?? 0)
    if (!id.startsWith(q)) break
    found.add(id)
  }
  const fits = matcher(fleet, places, { q })
  let looked = 0
  for (const index of order) {
    if (found.size >= limit) break
    if (++looked % CHUNK === 0) await nextTurn()
    if (fits(index)) found.add(fleet.idAt(index))
  }
  return [...found]
}

/** Case does not matter; whatever a person types is text, not a pattern. */
export const containing = (q: string): RegExp => new RegExp(q.trim().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu')

function matcher(fleet: Fleet, places: PlaceTree, filter: DeviceFilter): (index: number) => boolean {
  const inside = filter.placeId === undefined ? undefined : new Set(places.below(filter.placeId))
  const text = filter.q === undefined || filter.q.trim() === '' ? undefined : containing(filter.q)
  const named = text === undefined ? undefined : placesNamed(places, text)
  return (index) => {
    // Removed while a search was under way.
    if (fleet.idAt(index) === '') return false
    if (filter.kind !== undefined && fleet.kindAt(index) !== filter.kind) return false
    if (filter.status !== undefined && fleet.statusAt(index) !== filter.status) return false
    const place = fleet.placeAt(index)
    if (inside !== undefined && (place === null || !inside.has(place))) return false
    if (text === undefined) return true
    return (
      text.test(fleet.idAt(index)) || text.test(fleet.nameAt(index)) || (place !== null && named?.has(place) === true)
    )
  }
}

/** Places whose name, or the name of a place around them, contains the text. */
function placesNamed(places: PlaceTree, text: RegExp): Set<string> {
  const named = new Set<string>()
  for (const place of places.all())
    if (places.upwards(place.id).some(({ name }) => text.test(name))) named.add(place.id)
  return named
}

function firstFrom(fleet: Fleet, order: readonly number[], id: string): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (fleet.idAt(order[middle] ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
}
