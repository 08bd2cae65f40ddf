import { expect, test } from 'vitest'
import { toWgs84 } from './datum.ts'

/** Metres between two points a few hundred metres apart, on a sphere. */
function metres(a: { lon?: number; lat?: number }, b: { lon: number; lat: number }): number {
  const perDegree = 111_320
  const east = ((a.lon as number) - b.lon) * perDegree * Math.cos((b.lat * Math.PI) / 180)
  return Math.hypot(east, ((a.lat as number) - b.lat) * perDegree)
}
const CITY = { lon: 115.98, lat: 36.45 }

test('a position from Amap is moved by the 509 m that its map is off here, one from Baidu by 1,272 m', () => {
  const amap = toWgs84('GCJ-02', CITY.lon, CITY.lat)
  const baidu = toWgs84('bd09', CITY.lon, CITY.lat)
  if (amap === 'unknown datum' || baidu === 'unknown datum') throw new Error('both are known')
  expect(metres(amap, CITY)).toBeGreaterThan(480)
  expect(metres(amap, CITY)).toBeLessThan(540)
  expect(metres(baidu, CITY)).toBeGreaterThan(1_220)
  expect(metres(baidu, CITY)).toBeLessThan(1_320)
})

test('a satellite position is stored as it is, also where no datum is named', () => {
  expect(toWgs84('WGS-84', CITY.lon, CITY.lat)).toEqual(CITY)
  expect(toWgs84('', CITY.lon, CITY.lat)).toEqual(CITY)
})

test('a datum that is not known is never guessed', () => {
  expect(toWgs84('mars', CITY.lon, CITY.lat)).toBe('unknown datum')
})
