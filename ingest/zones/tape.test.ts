import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyTape, exchangeMeters, HOUR_MS, type Portion, record } from './tape.ts'
import { packTapes, unpackTapes } from './tape-bytes.ts'

const START = 480_000 * HOUR_MS
const HOURS = 30

/** Litres and measured time by hour. */
class Sums {
  readonly hours = new Map<number, [number, number, number]>()
  readonly add: Portion = (hour, ...added) => {
    const known = this.hours.get(hour) ?? [0, 0, 0]
    const sums: [number, number, number] = [known[0] + added[0], known[1] + added[1], known[2] + added[2]]
    if (sums.some((sum) => sum !== 0)) this.hours.set(hour, sums)
    else this.hours.delete(hour)
  }
}

test('an exchange that was told by mistake and is taken back leaves every hour as if it had never been told', () => {
  const reading = fc.record({ at: fc.nat(HOURS * 60), litres: fc.nat(40) })
  const exchange = fc.record({
    at: fc.nat(HOURS * 60),
    lastLitres: fc.option(fc.nat(2000)),
    firstLitres: fc.option(fc.nat(2000)),
  })
  fc.assert(
    fc.property(
      fc.array(reading, { maxLength: 90 }),
      fc.array(exchange, { maxLength: 2 }),
      fc.nat(90),
      (raw, told, when) => {
        let register = 500
        const readings = raw
          .toSorted((a, b) => a.at - b.at)
          .map(({ at, litres }) => {
            register += litres
            return { at: START + at * 60_000, litres: register }
          })
        const sorted = (raw.length % 2 === 0 ? readings : readings.toReversed()).map((one) => ({ ...one }))
        const [plain, corrected] = [new Sums(), new Sums()]
        const [never, mistaken] = [emptyTape('household'), emptyTape('household')]
        const exchanges = told.map(({ at, ...registers }) => ({ ...registers, at: START + at * 60_000 }))
        for (const [i, { at, litres }] of sorted.entries()) {
          if (i === when) exchangeMeters(mistaken, exchanges, corrected.add)
          record(never, at, litres, plain.add)
          record(mistaken, at, litres, corrected.add)
        }
        exchangeMeters(mistaken, [], corrected.add)
        expect(corrected.hours).toEqual(plain.hours)
      },
    ),
    { numRuns: 200 },
  )
})

test('registers that an older edition kept among the readings are taken out of them', () => {
  const tape = emptyTape('household')
  for (const [at, litres] of [
    [0, 10],
    [30, 22],
    [90, 5],
  ] as const)
    record(tape, START + at * 60_000, litres, () => {})
  const exchanges = [{ at: START + 31 * 60_000, lastLitres: 24, firstLitres: 0 }]
  const bytes = packTapes({
    volume: {
      ...tape,
      exchanges,
      at: [START, START + 30 * 60_000, START + 31 * 60_000 - 1, START + 31 * 60_000, START + 90 * 60_000],
      litres: [10, 22, 24, 0, 5],
    },
    reverseVolume: emptyTape('household'),
  })
  bytes[0] = 1
  const { volume } = unpackTapes(bytes)
  expect(volume.litres).toEqual([10, 22, 5])
  const sums = new Sums()
  exchangeMeters(volume, [], sums.add)
  exchangeMeters(volume, exchanges, sums.add)
  expect([...sums.hours.values()].reduce((all, [litres]) => all + litres, 0)).toBe(0)
})

test('a register of an exchange that an older edition’s tape begins with stays: the next litres are counted from it', () => {
  const exchanges = [{ at: START, lastLitres: 24, firstLitres: 0 }]
  const begun = { size: 'household', at: [START, START + HOUR_MS], litres: [0, 5], exchanges, from: START + 1 } as const
  const bytes = packTapes({
    volume: { ...begun, at: [...begun.at], litres: [...begun.litres] },
    reverseVolume: emptyTape('household'),
  })
  bytes[0] = 1
  const { volume } = unpackTapes(bytes)
  const sums = new Sums()
  // What is known of it before a late reading comes in between, and what is known then.
  sums.add(START / HOUR_MS, 5, HOUR_MS, HOUR_MS)
  record(volume, START + HOUR_MS / 2, 3, sums.add)
  expect([...sums.hours.values()]).toEqual([[5, HOUR_MS, HOUR_MS]])
})
