import { describe, expect, test } from 'vitest'
import type { Readings } from '../contract/readings.ts'
import { checkRegisters, type RegisterStates } from './registers.ts'

const series = (...volume: (number | null)[]): Readings => ({
  at: volume.map((_, i) => i * 900_000),
  fields: [{ quantity: 'volume', values: volume }],
})
const check = (before: RegisterStates, readings: Readings) => {
  const { states, readings: kept, complaint } = checkRegisters(before, readings)
  return { states, volume: kept.fields[0]?.values, bad: complaint?.count ?? 0, reason: complaint?.reason }
}
const at = (value: number): RegisterStates => ({ volume: { value, lower: 0, lowest: 0 } })

describe('a water register', () => {
  test('that grows or stands still is believed', () => {
    expect(check({}, series(12, 12, null, 12.5))).toMatchObject({ volume: [12, 12, null, 12.5], bad: 0 })
  })

  test('that runs backwards without reverse flow is left out, the readings after it are kept', () => {
    expect(check(at(100), series(100.5, 40, 101))).toMatchObject({
      volume: [100.5, null, 101],
      bad: 1,
      reason: 'value.register-backwards',
    })
  })

  test('may wobble by its last digit', () => {
    expect(check(at(100), series(99.999, 100))).toMatchObject({ bad: 0 })
  })

  test('may run backwards where the meter says so', () => {
    const flagged = (field: Readings['fields'][number]): Readings => ({
      at: [1],
      fields: [{ quantity: 'volume', values: [90] }, field],
    })
    const reverse = { ...at(100), reverseVolume: { value: 1, lower: 0, lowest: 0 } }
    expect(check(reverse, flagged({ quantity: 'flags', values: [['reverse']] })).bad).toBe(0)
    expect(check(reverse, flagged({ quantity: 'flow', values: [-0.2] })).bad).toBe(0)
    expect(check(reverse, flagged({ quantity: 'reverseVolume', values: [11] })).bad).toBe(0)
    expect(check(reverse, flagged({ quantity: 'flow', values: [0.2] })).bad).toBe(1)
  })

  test('rolls over at the end of its dial', () => {
    expect(check(at(99_998), series(99_999.5, 0.2, 0.4))).toMatchObject({ bad: 0 })
    expect(check(at(50_000), series(0.2)).bad).toBe(1)
  })

  test('of another meter is believed after four readings that agree', () => {
    const exchanged = check(at(1234), series(0.1, 0.2, 0.3))
    expect(exchanged).toMatchObject({ volume: [null, null, null], bad: 3 })
    expect(check(exchanged.states, series(0.4, 0.5))).toMatchObject({ volume: [0.4, 0.5], bad: 0 })
  })

  test('of another meter is believed from its first reading on where all four come in one message', () => {
    const exchanged = check(at(1234), series(1234.1, 0.1, null, 0.2, 0.3, 0.4, 0.5))
    expect(exchanged).toMatchObject({ volume: [1234.1, 0.1, null, 0.2, 0.3, 0.4, 0.5], bad: 0 })
    expect(check(exchanged.states, series(0.6)).bad).toBe(0)
  })

  test('that slipped upwards once is believed again from the next reading on', () => {
    expect(check(at(100), series(140, 100.1, 100.2, 100.2, 100.3))).toMatchObject({
      volume: [140, 100.1, 100.2, 100.2, 100.3],
      bad: 0,
    })
  })

  test('is not taken for exchanged by four slips that do not agree', () => {
    expect(check(at(1234), series(9, 7, 5, 3, 1235)).volume).toEqual([null, null, null, null, 1235])
  })
})
