import { expect, test } from 'vitest'
import { Takeovers } from './takeovers.ts'

test('two clients with the same identity may throw each other out five times, then once in twelve seconds', () => {
  const takeovers = new Takeovers(5)
  expect(Array.from({ length: 8 }, (_, i) => takeovers.allows('meter-1', 100, i)).filter(Boolean)).toHaveLength(5)
  expect(takeovers.allows('meter-1', 100, 12_000)).toBe(true)
  expect(takeovers.allows('meter-1', 100, 12_100)).toBe(false)
  expect(takeovers.allows('meter-2', 100, 12_100)).toBe(true)
})

test('a device on a bad link always gets past its own dead connection', () => {
  const takeovers = new Takeovers(1)
  expect([0, 1, 2, 3].map((n) => takeovers.allows('smoke-1', 5000, n))).toEqual([true, true, true, true])
})

test('without a limit it goes on for ever, and what is past is forgotten', () => {
  const unlimited = new Takeovers(0)
  expect(Array.from({ length: 50 }, () => unlimited.allows('meter-1', 0, 0))).not.toContain(false)
  const takeovers = new Takeovers(1)
  takeovers.allows('meter-1', 0, 0)
  takeovers.sweep(60_000)
  expect(takeovers.allows('meter-1', 0, 60_000)).toBe(true)
})
