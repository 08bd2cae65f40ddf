import { expect, test } from 'vitest'
import { readMoment } from './city-moment.ts'

test('a day that no calendar has is refused, not taken for another one', () => {
  expect(readMoment('2028-02-29 08:00')).toBe(Date.UTC(2028, 1, 29))
  expect(readMoment('2026-11-20T06:30:00Z')).toBe(Date.UTC(2026, 10, 20, 6, 30))
  for (const typed of ['2026-02-30', '2026-02-29 08:00', '2026-04-31T00:00:00Z', '2026-13-01', 'yesterday'])
    expect(() => readMoment(typed), typed).toThrow(/is no time/)
})
