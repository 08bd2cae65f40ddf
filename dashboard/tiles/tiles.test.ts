import { PbfReader } from 'pbf'
import { expect, test } from 'vitest'
import { Fleet } from '../live/fleet.ts'
import { rehearse, sampleAlarm } from '../rehearsal.ts'
import { TileMaker } from './tile-maker.ts'
import { EXTENT } from './vector-tile.ts'

type Feature = Record<string, string | number> & { x: number; y: number }

/** Reads points back by the specification, independently of how they were written. */
function decode(bytes: Uint8Array): Record<string, Feature[]> {
  const layers: Record<string, Feature[]> = {}
  new PbfReader(bytes).readFields((tag, _, tile) => {
    if (tag !== 3) return
    const layer = { name: '', keys: [] as string[], values: [] as (string | number)[], features: [] as number[][][] }
    tile.readMessage((field, _layer, pbf) => {
      if (field === 1) layer.name = pbf.readString()
      else if (field === 2) {
        const parts: number[][] = [[], []]
        pbf.readMessage((part, _feature, reader) => {
          if (part === 2) reader.readPackedVarint(parts[0])
          else if (part === 4) reader.readPackedVarint(parts[1])
        }, null)
        layer.features.push(parts)
      } else if (field === 3) layer.keys.push(pbf.readString())
      else if (field === 4)
        pbf.readMessage((kind, _value, reader) => {
          layer.values.push(kind === 1 ? reader.readString() : reader.readVarint())
        }, null)
    }, null)
    const unzigzag = (n: number): number => (n >> 1) ^ -(n & 1)
    layers[layer.name] = layer.features.map(([tags = [], geometry = []]) => {
      const feature: Feature = { x: unzigzag(geometry[1] ?? 0), y: unzigzag(geometry[2] ?? 0) }
      for (let i = 0; i < tags.length; i += 2)
        feature[layer.keys[tags[i] ?? -1] ?? '?'] = layer.values[tags[i + 1] ?? -1] ?? '?'
      return feature
    })
  }, null)
  return layers
}

/** The tile that a position lies in, worked out the textbook way. */
function tileOf(lon: number, lat: number, z: number): { x: number; y: number; px: number; py: number } {
  const n = 2 ** z
  const radians = (lat * Math.PI) / 180
  const wx = ((lon + 180) / 360) * n
  const wy = ((1 - Math.log(Math.tan(radians) + 1 / Math.cos(radians)) / Math.PI) / 2) * n
  return { x: Math.floor(wx), y: Math.floor(wy), px: (wx % 1) * EXTENT, py: (wy % 1) * EXTENT }
}

function fleetOf(positions: readonly (readonly [number, number])[]): Fleet {
  const fleet = new Fleet()
  for (const [i, [lon, lat]] of positions.entries())
    fleet.register({
      id: `d${i}`,
      kind: 'smoke-detector',
      name: `d${i}`,
      model: null,
      placeId: null,
      gatewayId: null,
      lon,
      lat,
      disabled: false,
      identity: 'secret',
      generation: 1,
      gbAddress: null,
      gbFrom: [],
      denied: false,
      rhythmS: null,
      secretHash: new Uint8Array(),
      revision: 1,
    })
  return fleet
}

/** A repeatable spread over the prefecture. */
const spread = (n: number): [number, number][] =>
  Array.from({ length: n }, (_, i) => [115.3 + ((i * 0.618_034) % 1) * 1.2, 35.8 + ((i * 0.754_878) % 1) * 1.2])

test('a device lies in its tile, at its place, with how it stands', () => {
  const fleet = fleetOf([[115.98, 36.45]])
  const maker = new TileMaker(fleet, 'e')
  for (const z of [0, 6, 13, 16]) {
    const at = tileOf(115.98, 36.45, z)
    const { devices } = decode(maker.tile(z, at.x, at.y)?.bytes ?? new Uint8Array())
    expect(devices).toEqual([
      {
        id: 'd0',
        kind: 'smoke-detector',
        group: 'fire',
        status: 'never',
        x: Math.floor(at.px),
        y: Math.floor(at.py),
      },
    ])
    expect(
      decode(maker.tile(z, at.x, at.y === 0 ? 0 : at.y - 1)?.bytes ?? new Uint8Array()).devices ?? [],
    ).toHaveLength(z === 0 ? 1 : 0)
  }
})

test('the tiles of one zoom show every device exactly once', () => {
  const positions = spread(3000)
  const fleet = fleetOf(positions)
  const maker = new TileMaker(fleet, 'e')
  const seen: string[] = []
  const tiles = new Set(
    positions.map(([lon, lat]) =>
      Object.values(tileOf(lon, lat, 11))
        .slice(0, 2)
        .join('/'),
    ),
  )
  for (const tile of tiles) {
    const [x = 0, y = 0] = tile.split('/').map(Number)
    for (const feature of decode(maker.tile(11, x, y)?.bytes ?? new Uint8Array()).devices ?? [])
      seen.push(String(feature.id))
  }
  expect(seen.toSorted()).toEqual(positions.map((_, i) => `d${i}`).toSorted())
})

test('a tile with too many devices shows their density, and no device is lost in it', () => {
  const fleet = fleetOf(spread(20_000))
  const maker = new TileMaker(fleet, 'e')
  const { devices, density } = decode(maker.tile(0, 0, 0)?.bytes ?? new Uint8Array())
  expect(devices).toBeUndefined()
  expect(density?.reduce((sum, cell) => sum + Number(cell.count), 0)).toBe(20_000)
})

test('an alarm renews the tiles that show its device and leaves all others as they were', () => {
  const fleet = fleetOf([[115.98, 36.45], [116.3, 36.9], ...spread(5000)])
  const maker = new TileMaker(fleet, 'e')
  const here = tileOf(115.98, 36.45, 13)
  const there = tileOf(116.3, 36.9, 13)
  const before = [maker.tile(13, here.x, here.y), maker.tile(13, there.x, there.y), maker.tile(4, 13, 6)]
  fleet.applyAlarm(sampleAlarm('1', 'd0', 'smoke'))
  const after = [maker.tile(13, here.x, here.y), maker.tile(13, there.x, there.y), maker.tile(4, 13, 6)]
  expect(after[0]?.etag).not.toBe(before[0]?.etag)
  expect(after[1]).toBe(before[1])
  expect(after[2]).toBe(before[2])
  const shown = decode(after[0]?.bytes ?? new Uint8Array()).devices?.find((feature) => feature.id === 'd0')
  expect(shown?.status).toBe('critical')
})

test('a device that is new, moved or gone is so on the next tile', () => {
  const fleet = fleetOf([[115.98, 36.45]])
  const maker = new TileMaker(fleet, 'e')
  const at = tileOf(115.98, 36.45, 13)
  const ids = (): unknown[] =>
    (decode(maker.tile(13, at.x, at.y)?.bytes ?? new Uint8Array()).devices ?? []).map((feature) => feature.id)
  expect(ids()).toEqual(['d0'])
  fleet.unregister('d0')
  expect(ids()).toEqual([])
})

test('there are no tiles outside the grid', () => {
  const maker = new TileMaker(new Fleet(), 'e')
  expect(maker.tile(17, 0, 0)).toBeUndefined()
  expect(maker.tile(2, 4, 0)).toBeUndefined()
  expect(maker.tile(2, 0, -1)).toBeUndefined()
})

test('a browser that has the tile already is told so, and nobody gets one without signing in', async () => {
  const stage = await rehearse()
  try {
    await stage.addDevices({ id: 'm', kind: 'water-meter', lon: 115.98, lat: 36.45 })
    await stage.restart()
    const at = tileOf(115.98, 36.45, 13)
    const path = `/tiles/13/${at.x}/${at.y}.mvt`
    expect((await stage.get(path)).status).toBe(401)
    const cookie = await stage.signIn('li', 'viewer')
    const answer = await stage.get(path, { cookie })
    expect(answer.headers.get('content-type')).toBe('application/vnd.mapbox-vector-tile')
    expect(decode(new Uint8Array(await answer.arrayBuffer())).devices).toMatchObject([{ id: 'm', group: 'water' }])
    const again = await stage.get(path, { cookie, 'if-none-match': answer.headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
    expect((await stage.get('/tiles/40/0/0.mvt', { cookie })).status).toBe(400)
  } finally {
    await stage.end()
  }
})
