import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Readings } from '../contract/readings.ts'
import { NOTHING_SEEN, type OrderState, order } from './order.ts'
import { countReadings } from './readings.ts'

const T = Date.UTC(2024, 10, 20, 16)
const STEP = 900_000
const MINUTE = 60_000

const volume = (at: readonly number[], values: readonly (number | null)[] = at.map((t) => t / 1000)): Readings => ({
  at,
  fields: [{ quantity: 'volume', values }],
})
const every = (count: number, from = T): number[] => Array.from({ length: count }, (_, i) => from + i * STEP)

/** Through storage, as between two batches. */
const stored = (state: OrderState): OrderState => JSON.parse(JSON.stringify(state)) as OrderState

describe('order', () => {
  test('a day that is sent again is recognised whole', () => {
    const day = volume(every(96))
    const first = order(NOTHING_SEEN, day, T + 96 * STEP, 'bulk')
    expect(first.fresh).toEqual(day)
    const again = order(stored(first.state), day, T + 97 * STEP, 'bulk')
    expect(again).toMatchObject({ fresh: undefined, late: undefined, duplicates: 96 })
  })

  test('days that overlap are parted at what is new', () => {
    const first = order(NOTHING_SEEN, volume(every(96)), T + 96 * STEP, 'bulk')
    const second = order(stored(first.state), volume(every(96, T + 90 * STEP)), T + 190 * STEP, 'bulk')
    expect(second.duplicates).toBe(6)
    expect(second.fresh?.at).toEqual(every(90, T + 96 * STEP))
    expect(second.late).toBeUndefined()
  })

  test('yesterday that comes after today is late, and only what was missing of it', () => {
    const today = order(NOTHING_SEEN, volume(every(4, T + 10 * STEP)), T + 20 * STEP, 'bulk')
    const before = order(stored(today.state), volume(every(12)), T + 21 * STEP, 'bulk')
    expect(before.late?.at).toEqual(every(10))
    expect(before.duplicates).toBe(2)
    expect(before.fresh).toBeUndefined()
    expect(before.state.judgedAt).toBe(today.state.judgedAt)
  })

  test('a gap in a series that is filled later is no repeat', () => {
    const first = order(NOTHING_SEEN, volume(every(4), [1, null, 3, 4]), T + 5 * STEP, 'bulk')
    const filled = order(stored(first.state), volume([T + STEP], [2]), T + 6 * STEP, 'bulk')
    expect(filled.late).toEqual(volume([T + STEP], [2]))
  })

  test('another quantity of the same time is in order, not late', () => {
    const first = order(NOTHING_SEEN, volume([T]), T, 'bulk')
    const flow: Readings = { at: [T], fields: [{ quantity: 'flow', values: [1] }] }
    expect(order(first.state, flow, T + 5, 'bulk').fresh).toEqual(flow)
  })

  test('an id is recognised for good, a counter only for as long as a retry takes', () => {
    const withMark = (at: number, mark: object): Readings => ({ ...volume([at], [1]), ...mark })
    const id = order(NOTHING_SEEN, withMark(T, { id: 'x' }), T, 'bulk')
    expect(order(id.state, withMark(T + 1, { id: 'x' }), T + 600 * MINUTE, 'bulk').duplicates).toBe(1)
    const seq = order(NOTHING_SEEN, withMark(T, { seq: 1 }), T, 'bulk')
    expect(order(seq.state, withMark(T + 1, { seq: 1 }), T + MINUTE, 'bulk').duplicates).toBe(1)
    // The battery was changed and the counter starts at 1 again: this press is a new one.
    expect(order(seq.state, withMark(T + 1, { seq: 1 }), T + 60 * MINUTE, 'bulk').fresh).toBeDefined()
    expect(order(seq.state, { ...volume([T + 1], [2]), seq: 1 }, T + MINUTE, 'bulk').fresh).toBeDefined()
  })

  test('a clock that was hours ahead and is put right does not make the present late', () => {
    const ahead = order(NOTHING_SEEN, volume([T + 20 * 60 * MINUTE]), T, 'bulk')
    const right = order(stored(ahead.state), volume([T + 2 * MINUTE]), T + 2 * MINUTE, 'bulk')
    expect(right.setBackBy).toBe(20 * 60 * MINUTE)
    expect(right.fresh?.at).toEqual([T + 2 * MINUTE])
    const next = order(right.state, volume([T + 3 * MINUTE]), T + 3 * MINUTE, 'bulk')
    expect(next.setBackBy).toBe(0)
    expect(next.fresh?.at).toEqual([T + 3 * MINUTE])
  })

  test('after this machine’s clock was set back an hour, what a device without a clock says is of now, not late', () => {
    const before = order(NOTHING_SEEN, volume([T]), T, 'urgent')
    const after = order(stored(before.state), volume([T - 59 * MINUTE], [7]), T - 59 * MINUTE, 'urgent')
    expect(after).toMatchObject({ setBackBy: 59 * MINUTE, late: undefined })
    expect(after.fresh?.at).toEqual([T - 59 * MINUTE])
    expect(order(after.state, volume([T - 58 * MINUTE], [8]), T - 58 * MINUTE, 'urgent')).toMatchObject({
      setBackBy: 0,
      late: undefined,
    })
  })

  test('a device with a clock of its own does not notice that this machine’s was set back', () => {
    const before = order(NOTHING_SEEN, volume([T]), T, 'bulk')
    const after = order(stored(before.state), volume([T + STEP]), T - 40 * MINUTE, 'bulk')
    expect(after.setBackBy).toBe(0)
    expect(after.fresh?.at).toEqual([T + STEP])
    const yesterday = order(after.state, volume([T - 90 * STEP]), T - 39 * MINUTE, 'bulk')
    expect(yesterday).toMatchObject({ setBackBy: 0, fresh: undefined })
  })

  test('what waited in the other lane is late, not a clock that was set back', () => {
    const alarm = order(NOTHING_SEEN, volume([T]), T, 'urgent')
    const backlog = order(alarm.state, volume([T - 30 * MINUTE], [7]), T - 30 * MINUTE, 'bulk')
    expect(backlog).toMatchObject({ setBackBy: 0, fresh: undefined })
  })

  test('however messages are cut, doubled and shuffled, every reading is judged exactly once and time never runs back', () => {
    const messages = fc.array(
      fc.record({ from: fc.nat(60), count: fc.integer({ min: 1, max: 20 }), stride: fc.constantFrom(1, 1, 1, 2, 3) }),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(messages, (plan) => {
        let state = NOTHING_SEEN
        let judged = Number.NEGATIVE_INFINITY
        const told = new Map<number, number>()
        const sent = new Set<number>()
        for (const { from, count, stride } of plan) {
          const at = Array.from({ length: count }, (_, i) => T + (from + i * stride) * STEP)
          for (const t of at) sent.add(t)
          const result = order(state, volume(at), T + 1000 * STEP, 'bulk')
          for (const t of [...(result.late?.at ?? []), ...(result.fresh?.at ?? [])]) told.set(t, (told.get(t) ?? 0) + 1)
          for (const t of result.fresh?.at ?? []) {
            expect(t).toBeGreaterThanOrEqual(judged)
            judged = t
          }
          expect(result.duplicates + sum(result.late) + sum(result.fresh)).toBe(count)
          state = stored(result.state)
        }
        expect([...told.keys()].sort()).toEqual([...sent].sort())
        expect(Math.max(...told.values())).toBe(1)
      }),
    )
  })

  test('what is remembered of a device stays small, whatever it sends', () => {
    let state = NOTHING_SEEN
    for (let i = 0; i < 2000; i++)
      state = order(state, volume([T + i * 1000 + ((i * 7919) % 900)]), T + i * 1000, 'bulk').state
    expect(JSON.stringify(state).length).toBeLessThan(2000)
  })
})

const sum = (readings: Readings | undefined): number => (readings === undefined ? 0 : countReadings(readings))
