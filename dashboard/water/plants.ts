import type { Place } from '../../contract/api.ts'
import { limitOf } from '../../contract/detection-limits.ts'
import {
  boundsOf,
  INSTRUMENT_ROLES,
  type InstrumentRole,
  isLimited,
  isWithin,
  MEASURED_BY,
} from '../../contract/plants.ts'
import { QUANTITIES, type Quantity } from '../../contract/quantities.ts'
import type { Plant, PlantDetail } from '../../contract/water-api.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { Desk } from '../desk.ts'
import type { FleetDevice } from '../live/fleet.ts'
import { hoursOfRegister } from './register-hours.ts'

type Instrument = Plant['instruments'][number]

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const DAY_HOURS = 24
/** Meters that report less often than hourly are waited for. */
const WAITED_HOURS = 12
const LITRES = 1000
/** Two days of a meter that reports every ten seconds. */
const MOST_READINGS = 18_000
/** A value older than so many of its intervals is nobody's present. */
const STALE_AFTER = 2
/** The level at the beginning and at the end, as the mean of so long. */
const LEVEL_STEP_MS = 1_800_000

/** Plants and what stands in them. */
export class Plants {
  private readonly desk: Desk

  constructor(desk: Desk) {
    this.desk = desk
  }

  async all(): Promise<readonly Plant[]> {
    const plants = [...this.desk.places.all()].filter(({ kind }) => kind === 'plant')
    const answers = await Promise.all(plants.map((place) => this.answer(place)))
    return answers.toSorted((a, b) => a.name.localeCompare(b.name, 'zh'))
  }

  async one(id: string): Promise<PlantDetail | undefined> {
    const place = this.desk.places.get(id)
    if (place?.kind !== 'plant') return undefined
    const plant = await this.answer(place)
    const tankAreaM2 = await this.tankArea(plant)
    return { ...plant, tankAreaM2, balance: await this.balance(plant) }
  }

  private async answer(place: Place): Promise<Plant> {
    const devices = this.devicesIn(place.id)
    const instruments = (await Promise.all(devices.map((device) => this.instrumentsOf(device, place.id)))).flat()
    const order = ({ role }: Instrument): number => INSTRUMENT_ROLES.indexOf(role)
    return {
      id: place.id,
      name: place.name,
      path: this.desk.places.path(place.parentId),
      instruments: instruments.toSorted((a, b) => order(a) - order(b) || a.deviceId.localeCompare(b.deviceId)),
    }
  }

  private devicesIn(plantId: string): readonly FleetDevice[] {
    const { fleet, places } = this.desk
    const inside = new Set(places.below(plantId))
    const found: FleetDevice[] = []
    for (let index = 0; index < fleet.capacity; index++) {
      const placeId = fleet.placeAt(index)
      if (placeId !== null && inside.has(placeId) && fleet.idAt(index) !== '') found.push(fleet.at(index))
    }
    return found
  }

  /** One device may measure several things; one that was never heard shows what its kind is for. */
  private async instrumentsOf(device: FleetDevice, plantId: string): Promise<readonly Instrument[]> {
    const { registry, views, topology } = this.desk.stores
    const measures = MEASURED_BY[device.kind]
    if (measures === undefined && device.kind !== 'bulk-meter') return []
    const [registered, sighting] = await Promise.all([registry.find(device.id), views.sighting(device.id)])
    const latest = new Map(sighting?.latest.map(({ quantity, value, at }) => [quantity, { value, at }]))
    const instrument = (role: InstrumentRole, quantity: Quantity): Instrument => {
      const newest = latest.get(quantity)
      const value = typeof newest?.value === 'number' ? newest.value : null
      const at = newest?.at ?? null
      const bounds =
        registered !== undefined && isLimited(quantity)
          ? boundsOf(registered, quantity)
          : { low: null, high: null, standard: '' }
      const isBounded = bounds.low !== null || bounds.high !== null
      const facts = QUANTITIES[quantity]
      return {
        deviceId: device.id,
        name: device.name || device.id,
        role,
        quantity,
        unit: facts.type === 'number' ? facts.unit : '',
        value,
        at,
        ...bounds,
        within: value === null || !isBounded ? null : isWithin(value, bounds),
        stale: at === null || this.desk.now() - at > STALE_AFTER * device.rhythmS * SECOND_MS,
      }
    }
    if (measures === undefined) {
      const joins = (await topology.flows(device.id)).at(-1)
      const isOut = joins?.outOf != null && this.desk.places.within(joins.outOf, plantId)
      return [instrument(isOut ? 'outflow' : 'inflow', 'flow')]
    }
    const heard = measures.filter((quantity) => latest.has(quantity))
    return (heard.length > 0 ? heard : measures.slice(0, 1)).map((quantity) => instrument(quantity, quantity))
  }

  private async tankArea({ instruments }: Plant): Promise<number | null> {
    const tanks = await this.tanks(instruments)
    const areas = tanks.map((tank) => limitOf(tank, 'plant.tankArea'))
    return areas.length === 0 || areas.includes(0) ? null : areas.reduce((sum, area) => sum + area, 0)
  }

  private async tanks(instruments: readonly Instrument[]): Promise<readonly RegisteredDevice[]> {
    const found = await Promise.all(
      instruments
        .filter(({ role }) => role === 'level')
        .map(({ deviceId }) => this.desk.stores.registry.find(deviceId)),
    )
    return found.filter((device) => device !== undefined)
  }

  /** The last 24 whole hours that every flow meter knows. */
  private async balance({ instruments }: Plant): Promise<PlantDetail['balance']> {
    const end = Math.floor(this.desk.now() / HOUR_MS)
    const first = end - DAY_HOURS - WAITED_HOURS
    const meters = await Promise.all(
      instruments
        .filter(({ role }) => role === 'inflow' || role === 'outflow')
        .map(async ({ deviceId, role }) => ({ role, hours: await this.hours(deviceId, first, end) })),
    )
    if (!['inflow', 'outflow'].every((role) => meters.some((meter) => meter.role === role))) return null
    const to = Math.min(
      ...meters.map(({ hours }) => (hours.findLast(({ litres }) => litres !== null)?.hour ?? first) + 1),
    )
    const from = to - DAY_HOURS
    const through = (wanted: string): number =>
      meters
        .filter(({ role }) => role === wanted)
        .flatMap(({ hours }) => hours.filter(({ hour }) => hour >= from && hour < to))
        .reduce((sum, { litres }) => sum + (litres ?? Number.NaN), 0) / LITRES
    const [inM3, outM3] = [through('inflow'), through('outflow')]
    if (from < first || Number.isNaN(inM3 + outM3)) return null
    const tanks = await this.tanks(instruments)
    const changes = await Promise.all(tanks.map((tank) => this.tankChange(tank, from * HOUR_MS, to * HOUR_MS)))
    const tankM3 =
      changes.length === 0 || changes.includes(null) ? null : changes.reduce<number>((sum, m3) => sum + (m3 ?? 0), 0)
    return { from: from * HOUR_MS, to: to * HOUR_MS, inM3, outM3, tankM3 }
  }

  /** Litres through a meter in each hour `first` … `end` − 1. */
  private async hours(deviceId: string, first: number, end: number): Promise<ReturnType<typeof hoursOfRegister>> {
    const { at, fields } = await this.desk.stores.history.range(
      deviceId,
      (first - WAITED_HOURS) * HOUR_MS,
      this.desk.now() + 1,
      MOST_READINGS,
    )
    return hoursOfRegister(at, (fields.get('volume') ?? []) as (number | null)[], first, end)
  }

  private async tankChange(tank: RegisteredDevice, from: number, to: number): Promise<number | null> {
    const area = limitOf(tank, 'plant.tankArea')
    const buckets = await this.desk.stores.history.buckets(tank.id, 'level', from, to, LEVEL_STEP_MS)
    const [first, last] = [buckets[0], buckets.at(-1)]
    return area === 0 || first === undefined || last === undefined ? null : (last.mean - first.mean) * area
  }
}
