import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QUANTITY_NAMES, type Quantity, type Value } from '../../contract/quantities.ts'
import { BlockView, packBlock } from './block.ts'
import { QUANTITY_CODES, quantitiesOf } from './quantity-codes.ts'

const roundTrip = (at: readonly number[], quantity: Quantity, values: readonly (Value | null)[]) => {
  const body = packBlock({ at, fields: [{ quantity, values }] })
  const view = new BlockView(body, at[0] as number, at.length)
  return { at: view.at, values: view.values(quantity), size: body.length }
}
const steady = (n: number): number[] => Array.from({ length: n }, (_, i) => i * 900_000)

describe('readings packed into a row', () => {
  test('come back bit for bit, whatever the number', () => {
    const decimal = fc
      .record({ k: fc.maxSafeInteger(), d: fc.integer({ min: 0, max: 12 }) })
      .map(({ k, d }) => k / 10 ** d)
    const number = fc.oneof(fc.double(), fc.float(), fc.integer(), decimal, fc.constantFrom(0, -0, 0.1 + 0.2))
    const numbers = fc.oneof(
      fc.array(fc.option(number), { minLength: 1, maxLength: 300 }),
      fc.array(fc.option(fc.float()), { minLength: 1, maxLength: 50 }),
      fc.array(fc.option(decimal), { minLength: 1, maxLength: 50 }),
      fc.array(
        fc.integer({ min: -500, max: 5000 }).map((k) => k / 1000),
        { minLength: 1, maxLength: 300 },
      ),
    )
    fc.assert(
      fc.property(numbers, (values) => {
        const back = roundTrip(steady(values.length), 'flow', values).values
        expect(back?.length).toBe(values.length)
        for (const [i, value] of values.entries()) expect(Object.is(back?.[i], value)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('come back the same where they are states, words or lists', () => {
    const value = fc.oneof(fc.boolean(), fc.string(), fc.array(fc.string(), { maxLength: 3 }))
    const values = fc.oneof(
      fc.array(fc.option(fc.boolean()), { minLength: 1, maxLength: 300 }),
      fc.array(fc.option(value), { minLength: 1, maxLength: 300 }),
    )
    fc.assert(
      fc.property(values, (column) => {
        expect(roundTrip(steady(column.length), 'flags', column).values).toEqual(column)
      }),
    )
  })

  test('come back at the same millisecond, however irregular', () => {
    const gap = fc.oneof(
      fc.constant(900_000),
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 30 }).map((s) => s * 1000),
      fc.integer({ min: 1, max: 2 ** 40 }),
    )
    const times = fc
      .record({ start: fc.integer({ min: -1e12, max: 4e12 }), gaps: fc.array(gap, { maxLength: 200 }) })
      .map(({ start, gaps }) => {
        const at = [start]
        for (const each of gaps) at.push((at[at.length - 1] as number) + each)
        return at
      })
    fc.assert(
      fc.property(times, (at) => {
        expect(
          roundTrip(
            at,
            'co',
            at.map(() => 1),
          ).at,
        ).toEqual(at)
      }),
    )
  })

  test('take a byte each where a register steps by litres, or a sensor drifts around ten seconds', () => {
    const register = Array.from({ length: 96 }, (_, i) => 845_123 + i * 9).map((litres) => litres / 1000)
    expect(roundTrip(steady(96), 'volume', register).size).toBeLessThan(96 + 20)
    const drifting = Array.from({ length: 256 }, (_, i) => 1_596_503_593_000 + i * 10_000 + ((i * i) % 3) * 1000)
    expect(
      roundTrip(
        drifting,
        'flow',
        drifting.map(() => 0),
      ).size,
    ).toBeLessThan(2 * 256 + 20)
  })

  test('a damaged row is refused, not read as other readings', () => {
    const body = packBlock({ at: steady(4), fields: [{ quantity: 'volume', values: [1, 2, 3, 4] }] })
    const newer = body.map((byte, i) => (i === 0 ? 9 : byte))
    expect(() => new BlockView(newer, 0, 4)).toThrow(/newer version/)
    expect(() => new BlockView(body.subarray(0, body.length - 2), 0, 4).values('volume')).toThrow(/ends too early/)
  })

  test('every quantity has a code of its own that fits a set of bits', () => {
    const codes = Object.values(QUANTITY_CODES)
    expect(new Set(codes).size).toBe(QUANTITY_NAMES.length)
    expect(Math.max(...codes)).toBeLessThan(31)
    expect(quantitiesOf(codes.reduce<number>((bits, code) => bits | (1 << code), 0))).toHaveLength(
      QUANTITY_NAMES.length,
    )
  })
})
