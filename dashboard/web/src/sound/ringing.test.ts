import { expect, test } from 'vitest'
import { isMuted, MUTE_MS, shouldRing } from './ringing.ts'

const mute = { until: MUTE_MS, alarms: new Set(['a']) }

test('a fire rings until somebody has acknowledged every critical alarm', () => {
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
