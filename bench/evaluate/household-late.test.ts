import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareOrders } from './household-late.ts'

const DAYS = 16
const RUNS = 200

test('uploads that come days late, twice, in pieces or in any order change no finding but the time of its decision', () => {
  let found = 0
  let late = 0
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.nat({ max: 1e6 }), (seed, index) => {
      const compared = compareOrders(seed, index, DAYS)
      expect(compared.shuffled).toEqual(compared.inOrder)
      // Nor is anything raised meanwhile that is not raised in order.
      expect(compared.withdrawn).toEqual([])
      found += compared.inOrder.length
      late += compared.late
    }),
    { numRuns: RUNS, seed: 31 },
  )
  expect(found).toBeGreaterThan(RUNS / 4)
  expect(late).toBeGreaterThan(RUNS * 4)
})
