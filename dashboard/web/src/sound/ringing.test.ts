import { expect, test } from 'vitest'
import { MUTE_MS } from '../../../../contract/live.ts'
import { freshNotices, isMuted, NEWS_MS, shouldRing } from './ringing.ts'

const mute = { until: MUTE_MS, rings: new Set(['a']) }

test('it rings while anything waits', () => {
  expect(shouldRing(['a', 'b'], null, 0)).toBe(true)
  expect(shouldRing(['b'], null, 0)).toBe(true)
  expect(shouldRing([], null, 0)).toBe(false)
})

test('muting lasts two minutes and no longer', () => {
  expect(shouldRing(['a'], mute, MUTE_MS - 1)).toBe(false)
  expect(shouldRing(['a'], mute, MUTE_MS)).toBe(true)
  expect(isMuted(['a'], mute, MUTE_MS - 1)).toBe(true)
})

test('a new fire rings although the old one is muted', () => {
  expect(shouldRing(['a', 'new'], mute, 1)).toBe(true)
})

test('an outage chimes once, and not again when a console is opened an hour later', () => {
  const outage = { key: 'cell', at: 1000 }
  expect(freshNotices([outage], new Set(), 2000)).toEqual(['cell'])
  expect(freshNotices([outage], new Set(['cell']), 2000)).toEqual([])
  expect(freshNotices([outage], new Set(), 1000 + NEWS_MS)).toEqual([])
})
