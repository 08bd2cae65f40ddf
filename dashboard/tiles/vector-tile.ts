import { PbfWriter } from 'pbf'

/** Mapbox Vector Tile 2.1: points only, which is all that a fleet is. */

/** Grid units along a tile's edge; MapLibre's own default. */
export const EXTENT = 4096

/** A value of a feature's property. */
type TileValue = string | number

export interface TilePoint {
  /** 0 … EXTENT − 1 from the tile's north-west corner. */
  readonly x: number
  readonly y: number
  /** One per key of the layer. */
  readonly values: readonly TileValue[]
}

export interface TileLayer {
  readonly name: string
  readonly keys: readonly string[]
  readonly points: readonly TilePoint[]
}

// Field numbers of vector_tile.proto 2.1.
const TILE_LAYER = 3
const LAYER_NAME = 1
const LAYER_FEATURE = 2
const LAYER_KEY = 3
const LAYER_VALUE = 4
const LAYER_EXTENT = 5
const LAYER_VERSION = 15
const FEATURE_TAGS = 2
const FEATURE_TYPE = 3
const FEATURE_GEOMETRY = 4
const VALUE_STRING = 1
const VALUE_UINT = 5
const TYPE_POINT = 1
/** Geometry command MoveTo, once: (1 & 7) | (1 << 3). */
const MOVE_TO = 9
const SPECIFICATION_VERSION = 2

export function encodeTile(layers: readonly TileLayer[]): Uint8Array {
  const tile = new PbfWriter()
  for (const layer of layers) if (layer.points.length > 0) tile.writeMessage(TILE_LAYER, writeLayer, layer)
  return tile.finish()
}

function writeLayer(layer: TileLayer, pbf: PbfWriter): void {
  pbf.writeVarintField(LAYER_VERSION, SPECIFICATION_VERSION)
  pbf.writeStringField(LAYER_NAME, layer.name)
  const valueIndexes = new Map<TileValue, number>()
  const feature = { tags: new Array<number>(layer.keys.length * 2).fill(0), geometry: [MOVE_TO, 0, 0] }
  for (const point of layer.points) {
    for (let key = 0; key < layer.keys.length; key++) {
      const value = point.values[key] ?? ''
      let index = valueIndexes.get(value)
      if (index === undefined) {
        index = valueIndexes.size
        valueIndexes.set(value, index)
      }
      feature.tags[key * 2] = key
      feature.tags[key * 2 + 1] = index
    }
    feature.geometry[1] = zigzag(point.x)
    feature.geometry[2] = zigzag(point.y)
    pbf.writeMessage(LAYER_FEATURE, writeFeature, feature)
  }
  for (const key of layer.keys) pbf.writeStringField(LAYER_KEY, key)
  for (const value of valueIndexes.keys()) pbf.writeMessage(LAYER_VALUE, writeValue, value)
  pbf.writeVarintField(LAYER_EXTENT, EXTENT)
}

function writeFeature(feature: { tags: number[]; geometry: number[] }, pbf: PbfWriter): void {
  pbf.writePackedVarint(FEATURE_TAGS, feature.tags)
  pbf.writeVarintField(FEATURE_TYPE, TYPE_POINT)
  pbf.writePackedVarint(FEATURE_GEOMETRY, feature.geometry)
}

function writeValue(value: TileValue, pbf: PbfWriter): void {
  if (typeof value === 'string') pbf.writeStringField(VALUE_STRING, value)
  else pbf.writeVarintField(VALUE_UINT, value)
}

const zigzag = (value: number): number => (value << 1) ^ (value >> 31)
