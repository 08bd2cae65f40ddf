import { expect, test } from 'vitest'
import { distanceM, travelTimeS } from './travel.ts'

test('distances are those of a map: one degree of latitude is 111.2 km, the town hall to the station 2 km', () => {
  expect(distanceM({ lon: 115.98, lat: 36 }, { lon: 115.98, lat: 37 })).toBeCloseTo(111_195, -1)
  // A degree of longitude is shorter by the cosine of the latitude: 0.8045 at 36.45° N.
  expect(distanceM({ lon: 115.5, lat: 36.45 }, { lon: 116.5, lat: 36.45 }) / 111_195).toBeCloseTo(0.8044, 3)
  expect(distanceM({ lon: 115.98, lat: 36.45 }, { lon: 115.98, lat: 36.45 })).toBe(0)
  // Across the date line, and over the pole.
  expect(distanceM({ lon: 179.9, lat: 0 }, { lon: -179.9, lat: 0 })).toBeCloseTo(22_239, -1)
  expect(distanceM({ lon: 0, lat: 90 }, { lon: 90, lat: -90 })).toBeCloseTo(20_015_115, -2)
})

test('the brigade takes five minutes for what stations are planned for, a neighbour two for the house next door', () => {
  expect(travelTimeS('fire-post', 0)).toBe(60)
  expect(travelTimeS('fire-post', 1800)).toBeCloseTo(300, -1)
  expect(travelTimeS('neighbour', 60)).toBe(116)
  expect(travelTimeS('family', 60)).toBeGreaterThan(travelTimeS('neighbour', 60))
})
