/** Which map tiles show a device, so that only those are asked for again. */

export interface TileId {
  readonly z: number
  readonly x: number
  readonly y: number
}

const DEGREES = 360
/** Web Mercator ends here. */
const MAX_LATITUDE = 85.051129

/** The tile of zoom `z` that holds the position (WGS-84 degrees). */
export function tileAt(lon: number, lat: number, z: number): TileId {
  const tiles = 2 ** z
  const phi = (Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, lat)) * Math.PI) / 180
  const y = (1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2
  const within = (part: number): number => Math.max(0, Math.min(tiles - 1, Math.floor(part * tiles)))
  return { z, x: within(lon / DEGREES + 0.5), y: within(y) }
}

/** Tiles of the given zooms that show any of the positions, each once. */
export function dirtyTiles(
  positions: Iterable<{ readonly lon: number | null; readonly lat: number | null }>,
  zooms: readonly number[],
): readonly TileId[] {
  const tiles = new Map<string, TileId>()
  for (const { lon, lat } of positions) {
    if (lon === null || lat === null) continue
    for (const z of zooms) {
      const tile = tileAt(lon, lat, z)
      tiles.set(`${tile.z}/${tile.x}/${tile.y}`, tile)
    }
  }
  return [...tiles.values()]
}

/** A graphics card draws a refresh in 30 ms, a processor that plays one in 300. */
const LEAST_PAUSE_MS = 250
const MOST_PAUSE_MS = 2500
/** At most this share of the time goes into keeping dots up to date; the rest is for people and alarms. */
const SHARE = 0.08

/** How long to gather changes before the next refresh, when the last one took `tookMs` from asking to standing still. */
export const refreshPause = (tookMs: number): number =>
  Math.max(LEAST_PAUSE_MS, Math.min(MOST_PAUSE_MS, tookMs / SHARE))
