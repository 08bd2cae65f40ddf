import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whenParentIsGone } from './parent-gone.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('when npm is ended by a service manager, what it has started ends too, once', () => {
  let parent = 4711
  let told = 0
  whenParentIsGone(
    () => parent,
    () => {
      told += 1
    },
  )
  vi.advanceTimersByTime(10_000)
  expect(told).toBe(0)
  parent = 1
  vi.advanceTimersByTime(10_000)
  expect(told).toBe(1)
})
