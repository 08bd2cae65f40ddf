import { expect, test } from 'vitest'
import { type Point, simplifyAreas, simplifyLine } from './topology.ts'

/** Two neighbours whose shared border, x = 1, has a small dent. */
const border: Point[] = [
  [1, 0],
  [1.01, 0.5],
  [1, 1],
]
const west: Point[] = [[0, 0], ...border, [0, 1], [0, 0]]
const east: Point[] = [[1, 0], [2, 0], [2, 1], ...border.toReversed()]

test('a dent smaller than the tolerance is smoothed, a larger one stays', () => {
  expect(simplifyLine(border, 0.1)).toEqual([
    [1, 0],
    [1, 1],
  ])
  expect(simplifyLine(border, 0.001)).toEqual(border)
})

test('neighbours keep one and the same border', () => {
  const { areas, inner, outer } = simplifyAreas(
    [
      { name: 'west', rings: [west] },
      { name: 'east', rings: [east] },
    ],
    0.1,
  )
  expect(inner).toHaveLength(1)
  expect(outer).toHaveLength(2)
  const dented = areas.flatMap((area) => area.rings.flat()).some((point) => point[0] === 1.01)
  expect(dented).toBe(false)
})
