import { afterEach, expect, test, vi } from 'vitest'
import { RefusalPace } from './refusal-pace.ts'

afterEach(() => vi.useRealTimers())

test('an address that is refused all the time gets its answers late, others in time', () => {
  const pace = new RefusalPace(2)
  const answers = Array.from({ length: 40 }, () => pace.isInTime('attacker', 0))
  expect(answers.filter(Boolean)).toHaveLength(30)
  expect(answers.at(-1)).toBe(false)
  expect(pace.isInTime('someone else', 0)).toBe(true)
  expect(pace.isInTime('attacker', 1000)).toBe(true)
  pace.sweep(1_000_000)
  expect(pace.isInTime('attacker', 1_000_000)).toBe(true)
})

test('a refusal in time comes 100 ms after its CONNECT, a late one 2 s, and no more than a thousand wait so long', async () => {
  vi.useFakeTimers()
  const pace = new RefusalPace(1)
  const answered: number[] = []
  for (let n = 0; n < 1100; n++) void pace.wait('attacker', 0, () => 30).then(() => answered.push(n))
  await vi.advanceTimersByTimeAsync(69)
  expect(answered).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(answered).toHaveLength(15 + 85)
  await vi.advanceTimersByTimeAsync(1900)
  expect(answered).toHaveLength(1100)
  expect(pace.slowed).toBe(1000)
})
