import { expect, test } from 'vitest'
import { formatDate } from '../format/time.ts'
import { daysLeft, partyOf, whyNotJudge, withReadableTimes } from './hazard-rules.ts'

const AGREED = { agreed: true, at: 0, reason: '' }

test('each of the three verdicts is one party’s', () => {
  expect((['put-right', 'standard', 'people'] as const).map(partyOf)).toEqual(['care', 'fire', 'dispatcher'])
})

test('nobody judges what is not claimed done, or what is another party’s', () => {
  const open = { state: 'open', verdicts: {} } as const
  const claimed = { ...open, state: 'claimed-done' } as const
  const brigade = { name: 'wang', role: 'fire' } as const
  expect(whyNotJudge(open, 'standard', brigade)).toBe('not-claimed')
  expect(whyNotJudge(claimed, 'standard', brigade)).toBeNull()
  expect(whyNotJudge(claimed, 'people', brigade)).toBe('not-your-verdict')
  expect(whyNotJudge({ ...claimed, state: 'closed' }, 'standard', brigade)).toBe('closed')
})

test('an administrator who stands in gives one of the three, and may think again about that one', () => {
  const admin = { name: 'root', role: 'admin' } as const
  const hazard = { state: 'claimed-done', verdicts: { people: { ...AGREED, by: 'root' } } } as const
  expect(whyNotJudge(hazard, 'standard', admin)).toBe('one-verdict-each')
  expect(whyNotJudge(hazard, 'people', admin)).toBeNull()
})

test('a deadline of today is not over before midnight in the city', () => {
  const dueAt = Date.parse('2026-11-22T23:59:00+08:00')
  expect(daysLeft(dueAt, Date.parse('2026-11-22T00:10:00+08:00'), formatDate)).toBe(0)
  expect(daysLeft(dueAt, Date.parse('2026-11-23T00:10:00+08:00'), formatDate)).toBe(-1)
  expect(daysLeft(dueAt, Date.parse('2026-11-19T23:50:00+08:00'), formatDate)).toBe(3)
})

test('what a deadline was before is read as a day of the city', () => {
  const words = 'parts late (Li, 2026-11-22T15:59:00.000Z → Li, 2026-11-30T16:00:00.000Z)'
  expect(withReadableTimes(words, formatDate)).toBe('parts late (Li, 2026-11-22 → Li, 2026-12-01)')
})
