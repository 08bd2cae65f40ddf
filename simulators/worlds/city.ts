import type { Place } from '../../contract/api.ts'
import type { Kind } from '../../contract/kinds.ts'
import { HEARTBEAT_RHYTHM_S } from '../devices/heartbeat.ts'
import { fraction, mix } from '../random.ts'
import { COUNTIES, type CountyFacts } from './county-table.ts'
import { homeRooms } from './home-plan.ts'

/** The demo's city: 8 counties, 40 villages with 2,000 household meters, 12 care homes and 12 dwellings with 300 sensors. */

export interface CityDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly model: string
  readonly placeId: string
  readonly lon: number
  readonly lat: number
  readonly rhythmS: number
  /** What its behaviour is drawn from. */
  readonly seed: number
}

export interface CareHome {
  readonly id: string
  readonly name: string
  readonly devices: readonly CityDevice[]
}

export interface City {
  readonly places: readonly Place[]
  readonly meters: readonly CityDevice[]
  readonly homes: readonly CareHome[]
  /** Every sensor, those of the homes included. */
  readonly sensors: readonly CityDevice[]
}

const METERS_PER_VILLAGE = 50
const METERS_PER_WELL = 8
const WELLS_PER_STREET = 3
/** One private dwelling per care home, of an old person living alone. */
const DWELLINGS = 12

const METRES_PER_DEGREE = 111_320
const WELL_SPACING_M = 46
const STREET_SPACING_M = 68
/** Meters in a well stand in two rows. */
const METER_SPACING_M = 1.5
/** Care homes stand around the county's town. */
const HOME_DISTANCE_M = 900
/** A DN15 ultrasonic meter: Q3 2.5 m³/h, R250. */
const METER_MODEL = 'DN15 Q3=2.5 R250'
/** Meters speak once a minute in the demo; a quarter of an hour of silence is unusual, a minute of bad radio is not. */
const METER_RHYTHM_S = 900

type Position = readonly [lon: number, lat: number]

/** A position `east` and `north` metres from another. */
function offset([lon, lat]: Position, east: number, north: number): Position {
  const latitude = lat + north / METRES_PER_DEGREE
  const longitude = lon + east / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180))
  return [Number(longitude.toFixed(6)), Number(latitude.toFixed(6))]
}

const placeAt = (
  id: string,
  parentId: string | null,
  kind: Place['kind'],
  name: string,
  [lon, lat]: Position,
  contact: string | null = null,
): Place => ({ id, parentId, kind, name, lon, lat, contact })

export function city(seed: number): City {
  const places: Place[] = []
  const meters: CityDevice[] = []
  const homes: CareHome[] = []
  const sensors: CityDevice[] = []
  for (const county of COUNTIES) {
    places.push(placeAt(`county-${county.code}`, null, 'county', county.name, county.town))
    meters.push(...villageMeters(county, seed, places))
    for (const [index, name] of county.homes.entries()) {
      const home = careHome(county, index, name, seed, places)
      homes.push(home)
      sensors.push(...home.devices)
    }
  }
  for (let i = 0; i < DWELLINGS; i++) sensors.push(...dwelling(COUNTIES[i % COUNTIES.length]!, i, seed, places))
  return { places, meters, homes, sensors }
}

function villageMeters(county: CountyFacts, seed: number, places: Place[]): CityDevice[] {
  const meters: CityDevice[] = []
  for (const [v, village] of county.villages.entries()) {
    const villageId = `village-${county.code}-${v + 1}`
    places.push(placeAt(villageId, `county-${county.code}`, 'village', village.name, village.at))
    const wells = Math.ceil(METERS_PER_VILLAGE / METERS_PER_WELL)
    for (let w = 0; w < wells; w++) {
      const street = Math.floor(w / WELLS_PER_STREET)
      const along = (w % WELLS_PER_STREET) - (WELLS_PER_STREET - 1) / 2
      const wobble = 12 * (fraction(seed, v, w, Number(county.code)) - 0.5)
      const wellAt = offset(village.at, along * WELL_SPACING_M + wobble, (1 - street) * STREET_SPACING_M + wobble / 3)
      const wellId = `${villageId}-well-${w + 1}`
      places.push(placeAt(wellId, villageId, 'well', `${w + 1}号表井`, wellAt))
      const here = Math.min(METERS_PER_WELL, METERS_PER_VILLAGE - w * METERS_PER_WELL)
      for (let m = 0; m < here; m++) {
        const number = v * METERS_PER_VILLAGE + w * METERS_PER_WELL + m + 1
        const [lon, lat] = offset(wellAt, (m % 4) * METER_SPACING_M, Math.floor(m / 4) * METER_SPACING_M)
        meters.push({
          id: `wm-${county.code}-${String(number).padStart(4, '0')}`,
          kind: 'water-meter',
          name: `${village.name} ${w + 1}号表井 ${m + 1}号表`,
          model: METER_MODEL,
          placeId: wellId,
          lon,
          lat,
          rhythmS: METER_RHYTHM_S,
          seed: mix(seed, Number(county.code), number),
        })
      }
    }
  }
  return meters
}

function careHome(county: CountyFacts, index: number, name: string, seed: number, places: Place[]): CareHome {
  const homeId = `home-${county.code}-${index + 1}`
  const bearing = 2 * Math.PI * fraction(seed, Number(county.code), 71) + (index * 2 * Math.PI) / county.homes.length
  const at = offset(county.town, HOME_DISTANCE_M * Math.cos(bearing), HOME_DISTANCE_M * Math.sin(bearing))
  // 01 to 98 in the last places: numbers that no exchange gives out.
  const duty = `0635-000${county.code.slice(-2)}${index + 1}`
  places.push(placeAt(homeId, `county-${county.code}`, 'home', name, at, `值班室 ${duty}`))
  const devices: CityDevice[] = []
  const known = new Set<string>()
  const placeOnce = (place: Place): void => {
    if (!known.has(place.id)) places.push(place)
    known.add(place.id)
  }
  for (const room of homeRooms()) {
    const floorId = `${homeId}-f${room.floor}`
    const roomId = `${floorId}-${room.code}`
    const roomAt = offset(at, room.east, room.north)
    placeOnce(placeAt(floorId, homeId, 'floor', `${room.floor}楼`, at))
    placeOnce(placeAt(roomId, floorId, 'room', room.name, roomAt))
    for (let bed = 1; bed <= room.beds; bed++) placeOnce(placeAt(`${roomId}-${bed}`, roomId, 'bed', `${bed}床`, roomAt))
    for (const sensor of room.sensors) {
      const number = devices.length + 1
      devices.push({
        id: `fs-${county.code}-${index + 1}-${String(number).padStart(2, '0')}`,
        kind: sensor.kind,
        name: `${name} ${room.floor}楼 ${room.name} ${sensor.name}`,
        model: sensor.model,
        placeId: roomId,
        lon: roomAt[0],
        lat: roomAt[1],
        rhythmS: HEARTBEAT_RHYTHM_S,
        seed: mix(seed, Number(county.code), 5000 + index, number),
      })
    }
  }
  return { id: homeId, name, devices }
}

/** A smoke detector and a panic button in the home of an old person living alone, at the edge of a village. */
function dwelling(county: CountyFacts, index: number, seed: number, places: Place[]): CityDevice[] {
  const v = index % county.villages.length
  const village = county.villages[v]!
  const number = 101 + index
  const id = `dwelling-${county.code}-${number}`
  const at = offset(village.at, 130 + 40 * fraction(seed, index, 81), 60 * (fraction(seed, index, 82) - 0.5))
  const address = `${village.name}${number}号`
  places.push(placeAt(id, `village-${county.code}-${v + 1}`, 'dwelling', `${number}号(独居老人)`, at, '网格员'))
  return [
    { kind: 'smoke-detector' as const, name: '感烟', model: 'JTY-GD NB' },
    { kind: 'panic-button' as const, name: '紧急呼叫', model: 'SOS-4G' },
  ].map((sensor, i) => ({
    id: `fs-${county.code}-d${number}-${i + 1}`,
    kind: sensor.kind,
    name: `${address} ${sensor.name}`,
    model: sensor.model,
    placeId: id,
    lon: at[0],
    lat: at[1],
    rhythmS: HEARTBEAT_RHYTHM_S,
    seed: mix(seed, Number(county.code), 9000 + number, i),
  }))
}
