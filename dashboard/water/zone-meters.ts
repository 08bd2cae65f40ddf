import { KINDS } from '../../contract/kinds.ts'
import type { PlaceTree } from '../../contract/place-tree.ts'
import { isZoneKind, type ZoneKind } from '../../contract/zones.ts'
import type { BulkFlow, Topology } from '../../store/state/water-port.ts'
import type { Fleet } from '../live/fleet.ts'

/** What is registered in a zone now: in its very place or in anything that lies in it. */
export interface ZoneMeters {
  households: number
  /** A bulk meter says what comes into it or leaves it. */
  hasBulkMeter: boolean
  /** Sums of the positions of its meters, for the place of its mark. */
  positioned: number
  lon: number
  lat: number
}

/** A bulk meter as it is to one zone. */
export interface BulkMeter {
  readonly index: number
  readonly direction: 'in' | 'out'
}

/** Making it anew may take this share of the time at most: while a fleet is imported, figures are some tenths of a second old. */
const SHARE_OF_TIME = 0.1

const collator = new Intl.Collator('zh-CN', { numeric: true })

/**
 * Which meters lie in which zones, from the tree of places and the fleet; made anew when either has changed. 297,000
 * meters take 0.1 s. Device indexes are the fleet's.
 */
export class MetersOfZones {
  /** Grows whenever it was made anew. */
  edition = 0
  private readonly places: PlaceTree
  private readonly fleet: Fleet
  private readonly topology: Pick<Topology, 'bulkFlows'>
  private placesEdition = -1
  private fleetEdition = -1
  private madeAt = Number.NEGATIVE_INFINITY
  private tookMs = 0
  private byZone = new Map<string, ZoneMeters>()
  private households = new Map<string, number[]>()
  private bulk = new Map<string, BulkMeter[]>()
  private named = new Map<ZoneKind, readonly string[]>()
  private pressure = new Map<string, number[]>()
  private directlyIn = new Map<string, string[]>()
  private zonesOfPlace = new Map<string, readonly string[]>()

  constructor(places: PlaceTree, fleet: Fleet, topology: Pick<Topology, 'bulkFlows'>) {
    this.places = places
    this.fleet = fleet
    this.topology = topology
  }

  /** To be awaited before anything is asked. */
  async follow(): Promise<void> {
    if (this.placesEdition === this.places.edition && this.fleetEdition === this.fleet.edition) return
    if (performance.now() - this.madeAt < this.tookMs / SHARE_OF_TIME) return
    const flows = await this.topology.bulkFlows()
    const began = performance.now()
    this.make(new Map(flows.map((flow) => [flow.deviceId, flow])))
    this.madeAt = performance.now()
    this.tookMs = this.madeAt - began
  }

  /** Zones of a kind that any meter lies in, by name: sorted when first asked for, 20,000 wells take a tenth of a second. */
  zones(kind: ZoneKind): readonly string[] {
    let zones = this.named.get(kind)
    if (zones === undefined) {
      zones = this.byName([...this.byZone.keys()].filter((id) => this.places.get(id)?.kind === kind))
      this.named.set(kind, zones)
    }
    return zones
  }

  get(zone: string): ZoneMeters | undefined {
    return this.byZone.get(zone)
  }

  /** Household meters registered at this very place. */
  householdsAt(placeId: string): readonly number[] {
    return this.households.get(placeId) ?? []
  }

  /** Zones with meters that lie in this one, and in none between; by name. */
  inside(zone: string): string[] {
    return this.byName(this.directlyIn.get(zone) ?? [])
  }

  /** Sensors of pressure in a zone. */
  pressureSensors(zone: string): readonly number[] {
    return this.pressure.get(zone) ?? []
  }

  bulkMeters(zone: string): readonly BulkMeter[] {
    return this.bulk.get(zone) ?? []
  }

  /** The zones that a place is or lies in, from the inside out. */
  zonesOf(placeId: string | null): readonly string[] {
    if (placeId === null) return []
    let zones = this.zonesOfPlace.get(placeId)
    if (zones === undefined) {
      zones = this.places.upwards(placeId).flatMap(({ id, kind }) => (isZoneKind(kind) ? [id] : []))
      this.zonesOfPlace.set(placeId, zones)
    }
    return zones
  }

  private byName(ids: readonly string[]): string[] {
    return ids
      .flatMap((id) => this.places.get(id) ?? [])
      .sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id)
  }

  private make(flows: ReadonlyMap<string, BulkFlow>): void {
    const { fleet, places } = this
    this.edition += 1
    this.placesEdition = places.edition
    this.fleetEdition = fleet.edition
    this.byZone = new Map()
    this.households = new Map()
    this.bulk = new Map()
    this.pressure = new Map()
    this.named = new Map()
    this.zonesOfPlace = new Map()
    for (let index = 0; index < fleet.capacity; index++) {
      const id = fleet.idAt(index)
      const kind = fleet.kindAt(index)
      if (id === '' || KINDS[kind].group !== 'water') continue
      if (kind === 'bulk-meter') this.addBulk(index, flows.get(id))
      else if (kind === 'water-meter') this.addHousehold(index)
      else if (kind === 'pressure-sensor')
        for (const zone of this.zonesOf(fleet.placeAt(index))) append(this.pressure, zone, index)
    }
    this.directlyIn = new Map()
    for (const zone of this.byZone.keys()) {
      const around = this.zonesOf(zone)[1]
      if (around !== undefined) append(this.directlyIn, around, zone)
    }
  }

  private addHousehold(index: number): void {
    const placeId = this.fleet.placeAt(index)
    if (placeId === null) return
    append(this.households, placeId, index)
    const lon = this.fleet.lonAt(index)
    const lat = this.fleet.latAt(index)
    const hasPosition = !Number.isNaN(lon) && !Number.isNaN(lat)
    for (const zone of this.zonesOf(placeId)) {
      const sum = this.sumOf(zone)
      sum.households += 1
      if (!hasPosition) continue
      sum.positioned += 1
      sum.lon += lon
      sum.lat += lat
    }
  }

  /** As the accounts have it: `contract/topology.ts`. */
  private addBulk(index: number, flow: BulkFlow | undefined): void {
    const own = this.zonesOf(this.fleet.placeAt(index))[0] ?? null
    const into = flow === undefined ? own : flow.into
    const outOf = flow === undefined ? null : flow.outOf
    if (into === outOf) return
    for (const [zone, direction] of [
      [into, 'in'],
      [outOf, 'out'],
    ] as const) {
      if (zone === null) continue
      this.sumOf(zone).hasBulkMeter = true
      append(this.bulk, zone, { index, direction })
    }
  }

  private sumOf(zone: string): ZoneMeters {
    let sum = this.byZone.get(zone)
    if (sum === undefined) {
      sum = { households: 0, hasBulkMeter: false, positioned: 0, lon: 0, lat: 0 }
      this.byZone.set(zone, sum)
    }
    return sum
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}
