import { describe, expect, test } from 'vitest'
import type { Readings } from '../contract/readings.ts'
import { validateTimes } from './validate.ts'

const NOW = Date.UTC(2024, 10, 20, 16)
const HOUR = 3_600_000
const at = (...times: number[]): Readings => ({
  at: times,
  fields: [{ quantity: 'smoke', values: times.map(() => 3) }],
})
const reasons = (readings: Readings): string[] => validateTimes(readings, NOW).complaints.map(({ reason }) => reason)

describe('times of readings', () => {
  test('up to a day ahead is a clock that is a little wrong; more is impossible', () => {
    expect(reasons(at(NOW + 24 * HOUR))).toEqual([])
    expect(reasons(at(NOW + 24 * HOUR + 1))).toEqual(['time.future'])
    expect(validateTimes(at(Date.UTC(2099, 0)), NOW).readings).toBeUndefined()
  })

  test('a single reading whose clock was never set is taken at its arrival', () => {
    for (const unset of [0, Date.UTC(1970, 0, 2), Date.UTC(2000, 0, 1), -1]) {
      expect(validateTimes(at(unset), NOW).readings?.at).toEqual([NOW])
      expect(reasons(at(unset))).toEqual(['time.clock-unset'])
    }
  })

  test('a series of a clock that was never set cannot be placed', () => {
    const result = validateTimes(at(0, 1000, 2000), NOW)
    expect(result.readings).toBeUndefined()
    expect(result.complaints).toMatchObject([{ reason: 'time.clock-unset', count: 3 }])
  })

  test('the good part of a series is kept', () => {
    const result = validateTimes(at(0, NOW - HOUR, NOW, NOW + 48 * HOUR), NOW)
    expect(result.readings).toEqual(at(NOW - HOUR, NOW))
    expect(result.complaints).toMatchObject([
      { reason: 'time.clock-unset', count: 1 },
      { reason: 'time.future', count: 1 },
    ])
  })

  test('a time beyond every calendar has a name too', () => {
    expect(validateTimes(at(9e15), NOW).complaints[0]?.detail).toContain('9000000000000000 ms')
  })
})
