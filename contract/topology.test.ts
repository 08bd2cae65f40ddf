import { expect, test } from 'vitest'
import { PlaceTree } from './place-tree.ts'
import { membershipsOf } from './topology.ts'

const places = new PlaceTree()
places.replace(
  (
    [
      ['county', 'county', null],
      ['works', 'plant', 'county'],
      ['hall', 'building', 'works'],
    ] as const
  ).map(([id, kind, parentId]) => ({ id, kind, parentId, name: id, lon: null, lat: null, contact: null })),
)
const stay = { placeId: 'hall', from: 0, to: null }
const meter = { id: 'b', kind: 'bulk-meter' }

test('raw water that comes into a plant has not come into the county; what leaves the plant has', () => {
  expect(membershipsOf(meter, [stay], [], places)).toEqual([])
  expect(membershipsOf(meter, [stay], [{ into: 'works', outOf: null, from: 0 }], places)).toEqual([])
  expect(membershipsOf(meter, [stay], [{ into: 'county', outOf: 'works', from: 0 }], places)).toEqual([
    { meter: 'b', zone: 'county', part: 'in', from: 0, to: null },
  ])
})
