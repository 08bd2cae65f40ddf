import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { promptly } from './frame.ts'
import { createStore } from './store.ts'

let frames: (() => void)[] = []
const drawFrame = (): void => {
  const due = frames
  frames = []
  for (const callback of due) callback()
}

beforeEach(() => {
  frames = []
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback))
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A store of numbers, and the numbers it has shown. */
function shownBy() {
  const store = createStore(0, promptly())
  const shown: number[] = []
  store.subscribe(() => shown.push(store.get()))
  return { shown, set: (n: number) => store.update(() => n) }
}

test('a lone fire is shown at once, without waiting for a frame', () => {
  const { shown, set } = shownBy()
  set(1)
  expect(shown).toEqual([1])
  drawFrame()
  set(2)
  expect(shown).toEqual([1, 2])
})

test('what follows within the same frame is shown once, with the next one', () => {
  const { shown, set } = shownBy()
  for (let n = 1; n <= 100; n++) set(n)
  expect(shown).toEqual([1])
  drawFrame()
  expect(shown).toEqual([1, 100])
})

test('a hidden tab that gets no frames still shows what came', () => {
  const { shown, set } = shownBy()
  set(1)
  set(2)
  vi.runAllTimers()
  set(3)
  expect(shown).toEqual([1, 2, 3])
})
