/** Web Mercator (EPSG:3857); tiles are numbered from the north-west corner, as OpenStreetMap does. */

/** Where the projection is square: beyond it there are no tiles. Degrees. */
const MAX_LATITUDE = 85.051_128_78

/** 0 at 180° W, 1 at 180° E. */
export const worldX = (lon: number): number => (lon + 180) / 360

/** 0 at 85.05° N, 1 at 85.05° S. */
export function worldY(lat: number): number {
  const clamped = Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, lat))
  const radians = (clamped * Math.PI) / 180
  return (1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2
}
