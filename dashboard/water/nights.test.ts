import { describe, expect, test } from 'vitest'
import { lossByNights } from '../../contract/losses.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import { isMeasured, whyUnjudged } from './night-standing.ts'
import { changeWithin } from './night-sums.ts'

const night = (day: number, facts: Partial<ZoneNight> = {}): ZoneNight => ({
  day,
  lossM3h: 1,
  nightM3h: null,
  inflowM3h: 10,
  expectedM3h: 0.4,
  lowM3h: 0.2,
  highM3h: 0.6,
  reported: 1,
  bulkReported: 1,
  verdict: 'quiet',
  judgedAt: 0,
  ...facts,
})
const NOT_JUDGED = { verdict: 'not-judged', expectedM3h: null } as const

describe('why nobody may judge a night', () => {
  test.each([
    ['a judged night', night(20), true, null],
    ['a first week', night(20, { verdict: 'learning' }), true, 'learning'],
    ['the night before, in the forenoon', night(19), true, null],
    ['a night of last week', night(13), true, 'out-of-date'],
    ['a zone that never had one', undefined, true, 'nothing-yet'],
    ['a village without a bulk meter', undefined, false, 'no-bulk-meter'],
    ['a bulk meter that was silent', night(20, { ...NOT_JUDGED, bulkReported: 0.5 }), true, 'bulk-silent'],
    ['one household meter in five silent', night(20, { ...NOT_JUDGED, reported: 0.8 }), true, 'meters-silent'],
  ] as const)('%s', (_, of, hasBulkMeter, why) => {
    expect(whyUnjudged(of, 20, hasBulkMeter)).toBe(why)
  })

  test('a village in its first week has a measured loss all the same', () => {
    expect([isMeasured(null), isMeasured('learning'), isMeasured('bulk-silent')]).toEqual([true, true, false])
  })
})

describe('what nights add up to', () => {
  test('each night stands for its day, beyond what quiet nights lose', () => {
    expect(lossByNights([night(3), night(4, { lossM3h: 1.4 })], 3, 4)).toBeCloseTo(24 * 0.6 + 24, 9)
  })
  test('a night that was not judged counts as the one before it', () => {
    expect(lossByNights([night(3), night(4, NOT_JUDGED)], 3, 5)).toBeCloseTo(3 * 24 * 0.6, 9)
  })
  test('a night below the usual gives nothing back', () => {
    expect(lossByNights([night(3), night(4, { lossM3h: 0 })], 3, 4)).toBeCloseTo(24 * 0.6, 9)
  })
  test('without a judged night nobody knows', () => {
    expect(lossByNights([night(3, NOT_JUDGED)], 3, 4)).toBeUndefined()
  })
  test('the trend is this week against the last; three nights of each are asked for', () => {
    expect(changeWithin([1, 1, 1, null, 2, 2, 2, null])).toBe(1)
    expect(changeWithin([1, 1, 1, null, 2, 2, null, null])).toBeNull()
  })
})
