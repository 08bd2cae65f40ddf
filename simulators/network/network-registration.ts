import type { Place } from '../../contract/api.ts'
import type { BulkFlow } from '../../store/state/water-port.ts'
import { fraction, mix } from '../random.ts'
import type { SimulatedDevice } from '../seed.ts'
import { COUNTIES } from '../worlds/county-table.ts'
import type { NetworkWorld } from '../worlds/network-world.ts'
import { nodePositions } from './node-positions.ts'

/** What of a network's world is registered: its places, its meters with the gateways that speak for them, what bulk meters join. */
export interface NetworkRegistration {
  readonly places: readonly Place[]
  /** Gateways first: the others stand under them. */
  readonly devices: readonly SimulatedDevice[]
  readonly flows: readonly BulkFlow[]
  readonly gateways: readonly string[]
  /** By the world's own name of a device. */
  readonly registered: ReadonlyMap<string, { readonly id: string; readonly gateway: string }>
  /** Place of a village, by the world's own name of it. */
  readonly villages: ReadonlyMap<string, { readonly id: string; readonly name: string }>
}

const METERS_PER_WELL = 12
/** Everything in this world speaks once a day. */
const RHYTHM_S = 86_400
const HOUSEHOLD_MODEL = 'NB-IoT DN15 Q3=2.5 R250'
/** Meters in a well stand beside one another. */
const METER_SPACING_DEG = 0.000_015

const SURNAMES = [
  '王',
  '李',
  '张',
  '刘',
  '陈',
  '杨',
  '赵',
  '孙',
  '周',
  '徐',
  '郭',
  '马',
  '朱',
  '胡',
  '林',
  '高',
] as const
const ENDINGS = ['官庄', '家寨', '楼村', '堤口', '家洼', '集村', '桥村', '家屯', '坊村', '家营'] as const

/** Names that no two of a world share. */
const villageName = (seed: number, village: number): string => {
  const first = Math.floor(SURNAMES.length * fraction(seed, 71))
  const turn = Math.floor(village / SURNAMES.length)
  return `${SURNAMES[(first + village) % SURNAMES.length]}${ENDINGS[(village * 3 + turn) % ENDINGS.length]}`
}

/** @param name of the world: it stands before every id, so that several worlds may live in one city */
export function registrationOf(name: string, seed: number, inp: string, world: NetworkWorld): NetworkRegistration {
  const county = COUNTIES[mix(...[...name].map((letter) => letter.codePointAt(0) ?? 0)) % COUNTIES.length]!
  const around = [county.town, ...county.villages.map(({ at }) => at)]
  const mean = (axis: 0 | 1): number => around.reduce((sum, at) => sum + at[axis], 0) / around.length
  const middle = [mean(0), mean(1)] as const
  const positions = nodePositions(inp, middle)
  const at = (node: string): readonly [number, number] => positions.get(node) ?? middle

  const township = placeAt(name, `county-${county.code}`, 'township', `${name.toUpperCase()} 供水片区`, middle)
  const places: Place[] = [placeAt(`county-${county.code}`, null, 'county', county.name, county.town), township]
  const gateways: SimulatedDevice[] = []
  const devices: SimulatedDevice[] = []
  const registered = new Map<string, { id: string; gateway: string }>()
  const villages = new Map<string, { id: string; name: string }>()
  const idOf = (own: string): string => `${name}-${own}`
  const put = (own: string, gateway: string, device: Omit<SimulatedDevice, 'id' | 'rhythmS'>): void => {
    registered.set(own, { id: idOf(own), gateway })
    devices.push({ ...device, id: idOf(own), rhythmS: RHYTHM_S, gatewayId: gateway })
  }

  for (const [v, village] of world.villages.entries()) {
    const id = idOf(village)
    const homes = world.meters.filter(({ kind, from }) => kind === 'household' && from === village)
    const sensor = world.sensors[v]!
    const called = villageName(seed, v)
    villages.set(village, { id, name: called })
    const [lon, lat] = centreOf(homes.map(({ junction }) => at(junction))) ?? at(sensor.junction)
    places.push(placeAt(id, name, 'village', called, [lon, lat]))
    const gateway = idOf(`gateway-${v + 1}`)
    gateways.push({
      ...{ id: gateway, kind: 'gateway', name: `${called} 集中器`, model: '4G 集中器', placeId: id },
      ...{ lon, lat, rhythmS: RHYTHM_S },
    })
    // Neighbours share a well: along one street after the other, as the junctions of the file follow one another.
    for (const [i, home] of homes.entries()) {
      const w = Math.floor(i / METERS_PER_WELL)
      const wellId = `${id}-well-${w + 1}`
      const wellAt = at(homes[w * METERS_PER_WELL]!.junction)
      if (i % METERS_PER_WELL === 0) places.push(placeAt(wellId, id, 'well', `${w + 1}号表井`, wellAt))
      put(home.id, gateway, {
        ...{ kind: 'water-meter', model: HOUSEHOLD_MODEL, placeId: wellId },
        name: `${called} ${w + 1}号表井 ${(i % METERS_PER_WELL) + 1}号表`,
        lon: Number((wellAt[0] + (i % METERS_PER_WELL) * METER_SPACING_DEG).toFixed(6)),
        lat: wellAt[1],
      })
    }
    put(sensor.id, gateway, {
      ...{ kind: 'pressure-sensor', model: '0–1 MPa', placeId: id, name: `${called} 压力` },
      ...{ lon: at(sensor.junction)[0], lat: at(sensor.junction)[1] },
    })
  }

  const flows = world.meters.flatMap((meter): BulkFlow[] => {
    if (meter.kind !== 'bulk') return []
    const [into, outOf] = [meter.to, meter.from].map((village) => villages.get(village ?? ''))
    const own = into ?? outOf!
    const gateway = idOf(`gateway-${world.villages.indexOf((meter.to ?? meter.from)!) + 1}`)
    const place = places.find(({ id }) => id === own.id)!
    put(meter.id, gateway, {
      ...{ kind: 'bulk-meter', model: 'DN100 电磁', placeId: own.id, lon: place.lon!, lat: place.lat! },
      name: `${outOf?.name ?? '水厂'} → ${into?.name ?? '水厂'} 总表 ${meter.id.slice('bulk-'.length)}`,
    })
    return [{ deviceId: idOf(meter.id), into: into?.id ?? null, outOf: outOf?.id ?? null, from: 0 }]
  })
  return {
    places,
    devices: [...gateways, ...devices],
    flows,
    gateways: gateways.map(({ id }) => id),
    registered,
    villages,
  }
}

const placeAt = (
  id: string,
  parentId: string | null,
  kind: Place['kind'],
  name: string,
  [lon, lat]: readonly [number, number],
): Place => ({ id, parentId, kind, name, lon, lat, contact: null })

function centreOf(points: readonly (readonly [number, number])[]): readonly [number, number] | undefined {
  if (points.length === 0) return undefined
  const mean = (axis: 0 | 1): number =>
    Number((points.reduce((sum, point) => sum + point[axis], 0) / points.length).toFixed(6))
  return [mean(0), mean(1)]
}
