import { expect, test } from 'vitest'
import { clocksOf, formatElapsed } from './race.ts'

const MINUTE = 60_000
const fire = { noticedAt: 1000, arrivals: {}, closedAt: null }
const statesOf = (incident: Parameters<typeof clocksOf>[0], now: number): string[] =>
  clocksOf(incident, now).map(({ state }) => state)

test('after two minutes own staff are late while neighbours and the brigade still have time', () => {
  expect(statesOf(fire, 1000 + 2 * MINUTE)).toEqual(['late', 'running', 'running'])
})

test('a clock stops with the arrival; on the last second of its limit is in time', () => {
  const there = { ...fire, arrivals: { staff: 1000 + MINUTE, brigade: 1000 + 5 * MINUTE + 1 } }
  expect(statesOf(there, 1000 + 99 * MINUTE)).toEqual(['in-time', 'late', 'came-late'])
  expect(clocksOf(there, 0)[0]?.tookMs).toBe(MINUTE)
})

test('who had not come when it was closed did not come', () => {
  const closed = { ...fire, arrivals: { staff: 31_000 }, closedAt: 1000 + 9 * MINUTE }
  expect(statesOf(closed, 1000 + 99 * MINUTE)).toEqual(['in-time', 'never', 'never'])
})

test('elapsed time is told in whole seconds that have passed', () => {
  expect([0, 59_999, 60_000, 3_725_000].map(formatElapsed)).toEqual(['0:00', '0:59', '1:00', '62:05'])
})
