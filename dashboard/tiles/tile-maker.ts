import { KINDS } from '../../contract/kinds.ts'
import type { Fleet } from '../live/fleet.ts'
import { cell, ORDER_ZOOM, SpatialOrder } from './spatial-order.ts'
import { EXTENT, encodeTile, type TilePoint } from './vector-tile.ts'

/** A tile with more points than this shows their density instead: it is what a browser draws in one frame. */
const MAX_POINTS = 4000
/** Density cells along a tile's edge: 8 px on a 512 px tile. */
const GRID = 64
/** Tiles kept ready. A county on a wall screen is about 40. */
const MAX_CACHED = 2000

const MAX_TILE_ZOOM = ORDER_ZOOM

export interface Tile {
  readonly bytes: Uint8Array
  readonly etag: string
}

/**
 * Vector tiles of the fleet. A tile has one of two layers:
 *   `devices`  points with `id`, `kind`, `group` (water, fire, care, plant, gateway) and `status`
 *   `density`  cells with `count`, at the middle of the cell
 * Density does not say how devices stand: coloured by the worst in them, cells of a thousand devices are always red.
 * Alarms are drawn on top, one by one.
 */
export class TileMaker {
  private readonly fleet: Fleet
  /** Different after every restart, so that a browser's old copy is never taken for a new one. */
  private readonly edition: string
  private order: SpatialOrder | undefined
  private made = 0
  private readonly cache = new Map<number, Tile & { readonly shows: 'devices' | 'density' }>()

  constructor(fleet: Fleet, edition: string) {
    this.fleet = fleet
    this.edition = edition
    fleet.onChange((index, moved) => (moved ? this.forgetAll() : this.forgetPoint(index)))
  }

  /** Undefined outside the tile grid. */
  tile(z: number, x: number, y: number): Tile | undefined {
    if (z < 0 || z > MAX_TILE_ZOOM || x < 0 || y < 0 || x >= 2 ** z || y >= 2 ** z) return undefined
    const key = tileKey(z, x, y)
    let tile = this.cache.get(key)
    if (tile === undefined) {
      tile = this.make(z, x, y)
      if (this.cache.size >= MAX_CACHED) this.forgetOldest()
      this.cache.set(key, tile)
    }
    return tile
  }

  private make(z: number, x: number, y: number): Tile & { shows: 'devices' | 'density' } {
    this.order ??= new SpatialOrder(this.fleet)
    const { from, to } = this.order.run(z, x, y)
    // At the last zoom there is nothing to zoom into: the points themselves, however many.
    const shows = to - from <= MAX_POINTS || z === MAX_TILE_ZOOM ? 'devices' : 'density'
    const bytes =
      shows === 'devices' ? this.points(this.order, z, x, y, from, to) : density(this.order, z, x, y, from, to)
    this.made += 1
    return { bytes, etag: `"${this.edition}-${this.made}"`, shows }
  }

  private points(order: SpatialOrder, z: number, x: number, y: number, from: number, to: number): Uint8Array {
    const scale = 2 ** z
    const points: TilePoint[] = []
    for (let position = from; position < to; position++) {
      const index = order.indexAt(position)
      const kind = this.fleet.kindAt(index)
      points.push({
        x: within((order.x[index] ?? 0) * scale - x, EXTENT),
        y: within((order.y[index] ?? 0) * scale - y, EXTENT),
        values: [this.fleet.idAt(index), kind, KINDS[kind].group, this.fleet.statusAt(index)],
      })
    }
    return encodeTile([{ name: 'devices', keys: ['id', 'kind', 'group', 'status'], points }])
  }

  private forgetAll(): void {
    this.order = undefined
    if (this.cache.size > 0) this.cache.clear()
  }

  /** A status has changed: the tiles that show this point are made anew; those that show density stay. */
  private forgetPoint(index: number): void {
    if (this.order === undefined || this.cache.size === 0) return
    const cellX = cell(this.order.x[index] ?? 0)
    const cellY = cell(this.order.y[index] ?? 0)
    for (let z = 0; z <= MAX_TILE_ZOOM; z++) {
      const key = tileKey(z, cellX >> (ORDER_ZOOM - z), cellY >> (ORDER_ZOOM - z))
      if (this.cache.get(key)?.shows === 'devices') this.cache.delete(key)
    }
  }

  private forgetOldest(): void {
    const oldest = this.cache.keys().next().value
    if (oldest !== undefined) this.cache.delete(oldest)
  }
}

function density(order: SpatialOrder, z: number, x: number, y: number, from: number, to: number): Uint8Array {
  const scale = 2 ** z
  const counts = new Uint32Array(GRID * GRID)
  for (let position = from; position < to; position++) {
    const index = order.indexAt(position)
    const column = within((order.x[index] ?? 0) * scale - x, GRID)
    const row = within((order.y[index] ?? 0) * scale - y, GRID)
    counts[row * GRID + column]! += 1
  }
  const unit = EXTENT / GRID
  const points: TilePoint[] = []
  for (const [i, count] of counts.entries())
    if (count > 0)
      points.push({ x: (i % GRID) * unit + unit / 2, y: Math.floor(i / GRID) * unit + unit / 2, values: [count] })
  return encodeTile([{ name: 'density', keys: ['count'], points }])
}

/** Position within a tile (0 … 1) in whole units. */
const within = (part: number, units: number): number => Math.max(0, Math.min(units - 1, Math.floor(part * units)))

/** Below 2^38: exact in a double. */
const tileKey = (z: number, x: number, y: number): number => (z * 2 ** ORDER_ZOOM + x) * 2 ** ORDER_ZOOM + y
