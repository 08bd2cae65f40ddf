import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Field } from '../contract/readings.ts'
import { type Piece, readPiece, writePiece } from './piece-text.ts'

const T = Date.UTC(2026, 2, 1, 16)
const HOUR = 3_600_000

const register = (rows: number) =>
  fc.array(fc.oneof(fc.constant(null), fc.constant(0), fc.integer({ min: -5_000_000, max: 1e9 })), {
    minLength: rows,
    maxLength: rows,
  })
const words = (rows: number) =>
  fc.array(fc.constantFrom(null, ['leak'], ['burst', 'tamper'], [], 'open', true, 1 / 3, 1e30), {
    minLength: rows,
    maxLength: rows,
  })

const pieces: fc.Arbitrary<Piece> = fc.integer({ min: 1, max: 40 }).chain((rows) =>
  fc
    .record({
      gaps: fc.array(fc.constantFrom(0, HOUR, HOUR, HOUR, HOUR / 4, 1), { minLength: rows, maxLength: rows }),
      lead: fc.constantFrom(0, HOUR, 7),
      each: fc.boolean(),
      volume: register(rows),
      flow: register(rows),
      flags: words(rows),
    })
    .map(({ gaps, lead, each, volume, flow, flags }) => {
      let time = T
      const at = gaps.map((gap) => {
        time += gap
        return time
      })
      const m3 = (values: readonly (number | null)[]) => values.map((value) => (value === null ? null : value / 1000))
      const fields: Field[] = [
        { quantity: 'volume', values: m3(volume) },
        { quantity: 'flow', values: m3(flow) },
        { quantity: 'flags', values: flags },
      ]
      return { from: at[0]! - lead, readings: { at, fields }, ...(each ? { each: true as const } : {}) }
    }),
)

describe('a piece of a tape', () => {
  test('comes back as it was written', () => {
    fc.assert(
      fc.property(pieces, (piece) => {
        expect(readPiece(JSON.parse(JSON.stringify(writePiece(piece))))).toEqual(piece)
      }),
      { numRuns: 300 },
    )
  })

  test('of a day of quarter-hours is short', () => {
    const at = Array.from({ length: 96 }, (_, i) => T + (i * HOUR) / 4)
    const fields: Field[] = [
      { quantity: 'volume', values: at.map((_, i) => (445_850 + Math.max(0, i - 24) * 7) / 1000) },
      { quantity: 'reverseVolume', values: at.map(() => 0.012) },
      { quantity: 'flow', values: at.map((_, i) => (i === 30 ? 0.45 : 0)) },
    ]
    expect(writePiece({ from: T, readings: { at, fields } }).length).toBeLessThan(200)
  })
})
