import { expect, test } from 'vitest'
import { RefusalPace } from './refusal-pace.ts'

test('an address that is refused all the time gets its answers late, others in time', () => {
  const pace = new RefusalPace(2)
  const answers = Array.from({ length: 40 }, () => pace.answerAfterMs('attacker', 0))
  expect(answers.filter((ms) => ms === 100)).toHaveLength(30)
  expect(answers.at(-1)).toBe(2000)
  expect(pace.slowed).toBe(10)
  expect(pace.answerAfterMs('someone else', 0)).toBe(100)
  expect(pace.answerAfterMs('attacker', 1000)).toBe(100)
  pace.sweep(1_000_000)
  expect(pace.answerAfterMs('attacker', 1_000_000)).toBe(100)
})
