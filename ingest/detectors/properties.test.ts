import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../contract/kinds.ts'
import type { Value } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'
import { type Columns, cut, deviceOf, MINUTE, Rehearsal, readingsOf, SECOND, T0 } from './rehearsal.ts'

/** What remains of a message however it was cut: what holds now, what was ever raised, and what is remembered. */
const outcome = (room: Rehearsal) => ({
  alarms: [...room.alarms]
    // A hose that was over before its upload came is told only to those who heard of it while it ran.
    .filter(([type, { active }]) => type !== 'burst' || active)
    .map(([type, { active, raised, last }]) => [type, active, raised > 0, last.at, last.severity])
    .sort(),
  states: JSON.parse(room.stored()),
})

const maybe = <T extends Value>(value: fc.Arbitrary<T>, nil = 2): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 10 - nil, arbitrary: value }, { weight: nil, arbitrary: fc.constant(null) })

/** A column that stays for a while, so that conditions get time to hold. */
const runs = <T extends Value>(value: fc.Arbitrary<T>, length: number): fc.Arbitrary<(T | null)[]> =>
  fc.array(fc.tuple(maybe(value, 1), fc.integer({ min: 1, max: 20 })), { minLength: 1, maxLength: 12 }).map((parts) => {
    const column = parts.flatMap(([v, n]) => Array.from({ length: n }, () => v))
    return Array.from({ length }, (_, i) => column[i % column.length] ?? null)
  })

const LENGTH = 64

const waterColumns: fc.Arbitrary<Columns> = fc
  .record({
    volume: runs(fc.constantFrom(0, 0.001, 0.003, 0.02, 0.2, 0.6, 5, -0.01), LENGTH),
    reverseVolume: runs(fc.constantFrom(0, 0.001, 0.01), LENGTH),
    flow: runs(fc.constantFrom(-0.2, 0, 0.01, 0.6, 4, 900), LENGTH),
    flags: runs(fc.constantFrom(['leak'], ['burst', 'tamper'], ['reverse'], [] as string[]), LENGTH),
    temperature: runs(fc.constantFrom(1, 4, 5.5, 12), LENGTH),
    battery: runs(fc.constantFrom(5, 12, 80), LENGTH),
  })
  .chain((columns) =>
    fc.subarray(Object.keys(columns), { minLength: 1 }).map((names) => {
      const total = (increments: readonly (number | null)[], start: number) => {
        let sum = start
        return increments.map((v) => {
          sum = Math.max(0, sum + (v ?? 0))
          return v === null ? null : Math.round(sum * 1000) / 1000
        })
      }
      const all: Columns = {
        ...columns,
        volume: total(columns.volume, 100),
        reverseVolume: total(columns.reverseVolume, 0),
      }
      return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
    }),
  )

const fireColumns: fc.Arbitrary<Columns> = fc
  .record({
    smoke: runs(fc.constantFrom(0, 0.3, 0.55, 0.7, 1.5, 5), LENGTH),
    temperature: runs(fc.constantFrom(20, 24, 30, 45, 60, -40, 300), LENGTH),
    co: runs(fc.constantFrom(0, 29, 40, 80, 200, 400, 90_000), LENGTH),
    gas: runs(fc.constantFrom(0, 4.5, 7, 15), LENGTH),
    residualCurrent: runs(fc.constantFrom(0, 280, 400), LENGTH),
    alarm: runs(fc.boolean(), LENGTH),
    pressed: runs(fc.boolean(), LENGTH),
    test: runs(fc.boolean(), LENGTH),
  })
  .chain((columns) =>
    fc
      .subarray(Object.keys(columns), { minLength: 1 })
      .map((names) => Object.fromEntries(Object.entries(columns).filter(([name]) => names.includes(name)))),
  )

const times = (step: number) =>
  fc
    .array(fc.constantFrom(step, step, step, step * 1.1, step * 5), { minLength: LENGTH, maxLength: LENGTH })
    .map((gaps) => {
      let at = T0
      return gaps.map((gap) => {
        at += Math.round(gap)
        return at
      })
    })

const cuts = fc
  .uniqueArray(fc.integer({ min: 1, max: LENGTH - 1 }), { maxLength: 10 })
  .map((at) => at.sort((a, b) => a - b))

const pieces = (readings: Readings, at: readonly number[]): readonly Readings[] =>
  [0, ...at].map((from, i) => cut(readings, from, at[i] ?? readings.at.length))

function check(kind: Kind, columns: fc.Arbitrary<Columns>, steps: readonly number[]): void {
  fc.assert(
    fc.property(columns, fc.constantFrom(...steps).chain(times), cuts, (all, at, where) => {
      const readings = readingsOf(at, all)
      const whole = new Rehearsal(deviceOf(kind))
      whole.read(readings)
      const cutUp = new Rehearsal(deviceOf(kind))
      for (const piece of pieces(readings, where)) cutUp.read(piece)
      const [a, b] = [outcome(whole), outcome(cutUp)]
      expect(b.states).toEqual(a.states)
      // Where a condition ends twice within one message only the last end is told; what holds and what was raised is the same.
      expect(b.alarms).toEqual(a.alarms)
      expect(cutUp.stored().length).toBeLessThan(2500)
    }),
    { numRuns: 300 },
  )
}

describe('a day in one message or in many', () => {
  it('gives the same alarms and the same memory for a meter', () => {
    check('water-meter', waterColumns, [10 * SECOND, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE])
  })
  it.each([
    'smoke-detector',
    'co-detector',
    'heat-detector',
    'fire-panel',
  ] as const)('gives the same alarms and the same memory for a %s', (kind) => {
    check(kind, fireColumns, [2 * SECOND, 30 * SECOND, 5 * MINUTE])
  })
})

describe('whatever a device sends', () => {
  it('late data raises nothing as if it were now, and changes no memory', () => {
    fc.assert(
      fc.property(fireColumns, times(MINUTE), (columns, at) => {
        const room = new Rehearsal(deviceOf('smoke-detector'))
        const found = room.late(T0, readingsOf(at, columns))
        expect(found.every(({ active, missed }) => !active && missed === true)).toBe(true)
        expect(room.stored()).toBe('{}')
      }),
      { numRuns: 200 },
    )
  })

  it('an alarm that is over was raised before, or is told as missed', () => {
    fc.assert(
      fc.property(fireColumns, times(30 * SECOND), (columns, at) => {
        const room = new Rehearsal(deviceOf('smoke-detector'))
        const holds = new Set<string>()
        for (const piece of pieces(readingsOf(at, columns), [8, 16, 24, 32, 40, 48, 56]))
          for (const { type, active, missed, since, at: seenAt } of room.read(piece)) {
            if (!active) expect(holds.delete(type) !== (missed === true)).toBe(true)
            else holds.add(type)
            expect(since ?? seenAt).toBeLessThanOrEqual(seenAt)
          }
      }),
      { numRuns: 200 },
    )
  })
})
