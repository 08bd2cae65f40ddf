import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { afterTheWords } from './after-the-words.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a hundred alarms are drawn on the map once, after the queue has shown them; a map that was left draws nothing', () => {
  const draw = vi.fn()
  const later = afterTheWords(draw)
  for (let i = 0; i < 100; i++) later.ask()
  expect(draw).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(draw).toHaveBeenCalledTimes(1)
  later.ask()
  later.cancel()
  vi.advanceTimersByTime(1000)
  expect(draw).toHaveBeenCalledTimes(1)
})
