import { expect, test } from 'vitest'
import type { DutyCheck } from '../../../../contract/incidents.ts'
import { sumsOf } from './duty-sums.ts'

const check = (askedAt: number, tookMs: number | null): DutyCheck => ({
  id: `c${askedAt}`,
  placeId: 'home-1',
  askedAt,
  askedBy: 'zhang',
  dueAt: askedAt + 600_000,
  answeredAt: tookMs === null ? null : askedAt + tookMs,
  answeredBy: null,
  settled: null,
})

test('a check whose time still runs is neither answered nor missed', () => {
  const sums = sumsOf(
    [check(1_000_000, null), check(0, 40_000), check(1, 20_000), check(2, 700_000), check(3, null)],
    1_200_000,
  )
  expect(sums).toEqual({ asked: 4, answered: 2, late: 1, unanswered: 1, medianMs: 40_000 })
  expect(sumsOf([], 0).medianMs).toBeNull()
})
