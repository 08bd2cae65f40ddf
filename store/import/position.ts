import { toWgs84 } from './datum.ts'
import { readDegrees } from './fields.ts'
import type { Cells } from './read-rows.ts'

/** The position of a row as it is stored, WGS-84, from the columns `lon`, `lat` and `datum`; undefined: it says none. */
export function readPosition(
  cells: Cells<'lon' | 'lat' | 'datum'>,
): { readonly lon: number; readonly lat: number } | undefined {
  const lon = cells.given('lon', (text) => readDegrees(text, 'lon'))
  const lat = cells.given('lat', (text) => readDegrees(text, 'lat'))
  if ((cells.text('lon') === '') !== (cells.text('lat') === ''))
    cells.blame('lon', 'longitude and latitude belong together', '经度和纬度要一起填写')
  const datum = cells.text('datum')
  const position = toWgs84(datum, lon, lat)
  if (position === 'unknown datum') {
    cells.blame(
      'datum',
      `"${datum}" is not a known coordinate system: write wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)`,
      `不认识坐标系“${datum}”:请填写 wgs84、gcj02(高德、腾讯)或 bd09(百度)`,
    )
    return undefined
  }
  if (position.lon === undefined || position.lat === undefined) return undefined
  return { lon: position.lon, lat: position.lat }
}
