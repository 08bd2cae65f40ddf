import type { Place } from '../../contract/api.ts'
import type { BulkFlow } from '../../store/state/water-port.ts'
import { fraction, mix } from '../random.ts'
import type { SimulatedDevice } from '../seed.ts'
import { MAINS, type NetworkWorld } from '../worlds/network-world.ts'
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

/** Household meters of one street's well, where the branch has no bulk meter. */
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

/**
 * The city's development zones: management areas beside its counties. In none of them does the demo city have meters that no
 * bulk meter stands above, so that the whole area can be accounted. Positions: WGS-84 degrees, in the fields around the town.
 */
const AREAS = [
  { id: 'area-jingkai', name: '经开区', middle: [116.06, 36.47] },
  { id: 'area-gaoxin', name: '高新区', middle: [115.92, 36.5] },
  { id: 'area-dujia', name: '度假区', middle: [115.94, 36.36] },
] as const

/** Names that no two of a world share. */
const villageName = (seed: number, village: number): string => {
  const first = Math.floor(SURNAMES.length * fraction(seed, 71))
  const turn = Math.floor(village / SURNAMES.length)
  return `${SURNAMES[(first + village) % SURNAMES.length]}${ENDINGS[(village * 3 + turn) % ENDINGS.length]}`
}

/**
 * @param name of the world: it stands before every id, so that several worlds may live in one city
 * @param pressure whether the pressure sensors are there
 */
export function registrationOf(
  name: string,
  seed: number,
  inp: string,
  world: NetworkWorld,
  pressure: boolean,
): NetworkRegistration {
  const area = AREAS[mix(...[...name].map((letter) => letter.codePointAt(0) ?? 0)) % AREAS.length]!
  const { middle } = area
  const positions = nodePositions(inp, middle)
  const at = (node: string): readonly [number, number] => positions.get(node) ?? middle

  const places: Place[] = [
    placeAt(area.id, null, 'county', area.name, middle),
    placeAt(name, area.id, 'township', `${name.toUpperCase()} 供水片区`, middle),
  ]
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
    const called = village === MAINS ? '输水干管沿线' : villageName(seed, v)
    villages.set(village, { id, name: called })
    const [lon, lat] = centreOf(homes.map(({ junction }) => at(junction))) ?? at(sensor.junction)
    places.push(placeAt(id, name, 'village', called, [lon, lat]))
    const gateway = idOf(`gateway-${v + 1}`)
    gateways.push({
      ...{ id: gateway, kind: 'gateway', name: `${called} 集中器`, model: '4G 集中器', placeId: id },
      ...{ lon, lat, rhythmS: RHYTHM_S },
    })
    for (const { id: well } of world.wells.filter((one) => one.village === village)) {
      const at_ = centreOf(homes.filter((home) => home.well === well).map(({ junction }) => at(junction)))
      places.push(placeAt(idOf(well), id, 'well', `${well.slice('well-'.length)}号表井`, at_ ?? [lon, lat]))
    }
    // Who lies behind no branch's meter shares a well with neighbours: as the junctions of the file follow one another.
    const streets = homes.filter(({ well }) => well === undefined)
    for (const home of homes) {
      const n = streets.indexOf(home)
      const w = Math.floor(n / METERS_PER_WELL)
      const wellId = home.well === undefined ? `${id}-well-${w + 1}` : idOf(home.well)
      const [wellLon, wellLat] = n < 0 ? at(home.junction) : at(streets[w * METERS_PER_WELL]!.junction)
      if (n >= 0 && n % METERS_PER_WELL === 0)
        places.push(placeAt(wellId, id, 'well', `主街${w + 1}号表井`, [wellLon, wellLat]))
      put(home.id, gateway, {
        ...{ kind: 'water-meter', model: HOUSEHOLD_MODEL, placeId: wellId },
        name: `${called} ${Number(home.id.slice('home-'.length)) + 1}号户表`,
        lon: Number((wellLon + (Math.max(0, n) % METERS_PER_WELL) * METER_SPACING_DEG).toFixed(6)),
        lat: wellLat,
      })
    }
    if (pressure)
      put(sensor.id, gateway, {
        ...{ kind: 'pressure-sensor', model: '0–1 MPa', placeId: id, name: `${called} 压力` },
        ...{ lon: at(sensor.junction)[0], lat: at(sensor.junction)[1] },
      })
  }

  const placeOf = new Map(places.map((place) => [place.id, place]))
  const flows = world.meters.flatMap((meter): BulkFlow[] => {
    if (meter.kind === 'household') return []
    const village = (one: string | undefined): Place | undefined => placeOf.get(villages.get(one ?? '')?.id ?? '')
    const into = meter.kind === 'well' ? placeOf.get(idOf(meter.well!)) : village(meter.to)
    // A flow counts in the zones it names: what a well takes has come into its village already.
    const outOf = meter.kind === 'well' ? undefined : village(meter.from)
    const own = into ?? outOf!
    const gateway = idOf(`gateway-${world.villages.indexOf((meter.to ?? meter.from)!) + 1}`)
    put(meter.id, gateway, {
      ...{ kind: 'bulk-meter', model: 'DN100 电磁', placeId: own.id, lon: own.lon!, lat: own.lat! },
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
