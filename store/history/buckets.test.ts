import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bucketize, growthOf } from './buckets.ts'

describe('what a register has counted', () => {
  test('never falls, whatever the register says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 }), (values) => {
        const growth = growthOf(values)
        for (let i = 1; i < growth.length; i++) expect(growth[i]).toBeGreaterThanOrEqual(growth[i - 1] as number)
      }),
    )
  })

  test('is the difference of its readings while it only rises', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 }), (values) => {
        const rising = values.sort((a, b) => a - b)
        expect(growthOf(rising).at(-1)).toBe((rising.at(-1) as number) - (rising[0] as number))
      }),
    )
  })

  test('a new meter that passes the level of the old one by use goes on counting', () => {
    expect(Array.from(growthOf([10, 11, 0, 4, 8, 12, 16]))).toEqual([0, 1, 1, 5, 9, 13, 17])
  })

  test('water that swings to and fro is counted once', () => {
    expect(Array.from(growthOf([10, 12, 11, 13]))).toEqual([0, 1, 1, 3])
  })
})

describe('buckets of consumption', () => {
  test('a reading exactly on the edge needs no neighbour', () => {
    expect(bucketize([0, 100], [1, 3], 0, 100, 100, true)).toEqual([
      { at: 0, min: 1, max: 1, mean: 1, last: 1, count: 1, consumption: 2 },
    ])
  })

  test('over a silence longer than a bucket on either side nothing is made up', () => {
    const buckets = bucketize([0, 50, 450, 500], [1, 2, 3, 4], 0, 500, 100, true)
    expect(buckets.map(({ at, consumption }) => [at, consumption])).toEqual([
      [0, null],
      [400, null],
    ])
  })

  test('a last bucket cut short by the end of the range counts up to there', () => {
    const buckets = bucketize([0, 50, 100, 150, 200], [0, 1, 2, 3, 4], 0, 150, 100, true)
    expect(buckets.map(({ consumption }) => consumption)).toEqual([2, 1])
  })
})
