import { describe, expect, test } from 'vitest'
import { hoursOfRegister } from './register-hours.ts'

const HOUR_MS = 3_600_000
const H = (hours: number): number => hours * HOUR_MS

describe('a register by the hour', () => {
  test('readings at the full hour are the hours’ litres', () => {
    expect(hoursOfRegister([H(1), H(2), H(3)], [1, 1.007, 1.02], 1, 3)).toEqual([
      { hour: 1, litres: 7, measured: true },
      { hour: 2, litres: 13, measured: true },
    ])
  })

  test('a clock that is off by minutes loses no litre', () => {
    const at = Array.from({ length: 25 }, (_, i) => H(i - 0.2))
    const m3 = at.map((_, i) => 5 + i * 0.0107)
    const hours = hoursOfRegister(at, m3, 0, 23)
    const whole = hours.reduce((sum, { litres }) => sum + (litres ?? 0), 0)
    expect(Math.abs(whole - 23 * 10.7)).toBeLessThan(1)
    expect(hours.every(({ measured }) => measured)).toBe(true)
  })

  test('of a gap the sum is known, not when it ran', () => {
    const hours = hoursOfRegister([H(0), H(6), H(7)], [1, 1.06, 1.07], 0, 7)
    expect(hours.map(({ litres }) => litres)).toEqual([10, 10, 10, 10, 10, 10, 10])
    expect(hours.map(({ measured }) => measured)).toEqual([false, false, false, false, false, false, true])
  })

  test('before the first and after the last reading nothing is known', () => {
    expect(hoursOfRegister([H(1), H(2)], [1, 1.001], 0, 3).map(({ litres }) => litres)).toEqual([null, 1, null])
  })

  test('an exchanged meter makes no negative use', () => {
    const litres = hoursOfRegister([H(0), H(1), H(1.5), H(2), H(3)], [50, 50.1, 0, 0.01, 0.03], 0, 3)
    expect(litres.map((hour) => hour.litres)).toEqual([100, null, 20])
  })
})
