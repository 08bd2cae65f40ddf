import { expect, test } from 'vitest'
import type { Finding } from './detectors/detector.ts'
import { restate } from './restate.ts'

const MORNING = 1_733_248_800_000
const NOON = 1_733_259_600_000
const NIGHT = 1_733_288_400_000

const leak = (facts: Partial<Finding> & Pick<Finding, 'at' | 'since'>): Finding => ({
  ...{ type: 'zoneLoss', active: true, value: 1, threshold: null, unit: 'm³/h', reason: 'More ran in', reasonZh: '多' },
  ...facts,
})

test('a rise that began as the one before it ended stays open when late readings size the first anew', () => {
  const before = [
    leak({ active: false, missed: true, at: NOON, since: MORNING, value: 2.42 }),
    leak({ at: NIGHT, since: NOON, value: 0.26 }),
  ]
  const now = [
    leak({ at: MORNING + 7_200_000, since: MORNING, value: 2.46 }),
    leak({ active: false, at: NOON, since: MORNING, value: 0 }),
    leak({ at: NIGHT, since: NOON, value: 0.26 }),
  ]
  const said = restate(before, now, NIGHT)
  // What is over is put right, and nobody is called for the second once more.
  expect(said).toEqual([expect.objectContaining({ active: false, missed: true, restates: MORNING, value: 2.46 })])
  const grown = restate(before, [...now.slice(0, 2), leak({ at: NIGHT, since: NOON, value: 0.38 })], NIGHT)
  expect(grown.filter(({ active }) => active)).toEqual([expect.objectContaining({ since: NOON, value: 0.38 })])
  expect(grown.filter(({ active, missed }) => !active && missed !== true)).toEqual([])
})
