import type { Fleet } from '../live/fleet.ts'
import { worldX, worldY } from './mercator.ts'

/**
 * Zoom of the cells that points are ordered by. 16 bits of x and of y interleave to 32; with 20 bits for the device's
 * index that is 52, which a double still holds exactly: one Float64Array sorts both at once.
 */
export const ORDER_ZOOM = 16
const INDEX_SPAN = 2 ** 20
const CELLS = 2 ** ORDER_ZOOM

/**
 * The fleet's positions along a Z-curve: every tile, of whatever zoom, is one contiguous run, found by two binary
 * searches. This is the count pyramid, without keeping one: the number of points in any tile is a subtraction. 320,000
 * points sort in about 40 ms.
 */
export class SpatialOrder {
  private readonly keys: Float64Array
  /** World coordinates, 0 … 1, by device index. */
  readonly x: Float64Array
  readonly y: Float64Array

  constructor(fleet: Fleet) {
    const capacity = fleet.capacity
    if (capacity > INDEX_SPAN)
      throw new RangeError(`the map holds at most ${INDEX_SPAN} devices, there are ${capacity}`)
    this.x = new Float64Array(capacity)
    this.y = new Float64Array(capacity)
    const keys = new Float64Array(capacity)
    let n = 0
    for (let index = 0; index < capacity; index++) {
      const lon = fleet.lonAt(index)
      const lat = fleet.latAt(index)
      if (Number.isNaN(lon) || Number.isNaN(lat)) continue
      const x = worldX(lon)
      const y = worldY(lat)
      this.x[index] = x
      this.y[index] = y
      keys[n++] = zCode(cell(x), cell(y)) * INDEX_SPAN + index
    }
    this.keys = keys.subarray(0, n).sort()
  }

  get size(): number {
    return this.keys.length
  }

  /** The run of positions that lie in a tile: `from` ≤ i < `to`. Zoom at most ORDER_ZOOM. */
  run(z: number, x: number, y: number): { readonly from: number; readonly to: number } {
    const cellsPerTile = 4 ** (ORDER_ZOOM - z)
    const first = zCode(x, y) * cellsPerTile * INDEX_SPAN
    return { from: this.lowerBound(first), to: this.lowerBound(first + cellsPerTile * INDEX_SPAN) }
  }

  /** Device index at a position of the order. */
  indexAt(position: number): number {
    return (this.keys[position] ?? 0) % INDEX_SPAN
  }

  private lowerBound(key: number): number {
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.keys[middle] ?? 0) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The cell's number along one axis at ORDER_ZOOM. */
export const cell = (world: number): number => Math.max(0, Math.min(CELLS - 1, Math.floor(world * CELLS)))

/** Interleaves the bits of x and y (16 each): neighbours in the plane become neighbours in the order. */
const zCode = (x: number, y: number): number => spread(x) + 2 * spread(y)

function spread(bits: number): number {
  let b = bits & 0xffff
  b = (b | (b << 8)) & 0x00ff00ff
  b = (b | (b << 4)) & 0x0f0f0f0f
  b = (b | (b << 2)) & 0x33333333
  b = (b | (b << 1)) & 0x55555555
  return b
}
