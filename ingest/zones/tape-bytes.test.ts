import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyTape, exchangeMeters, forget, record } from './tape.ts'
import { emptyTapes, packTapes, unpackTapes } from './tape-bytes.ts'

const HOUR_MS = 3_600_000
const ignore = (): void => {}

test('a tape is the same when it comes back from its bytes, whatever the rhythm and the registers', () => {
  const reading = fc.record({ at: fc.nat(20 * 24 * HOUR_MS), litres: fc.nat(2 ** 40) })
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 60 }), fc.constantFrom(1, 1000), (readings, unit) => {
      const tapes = { volume: emptyTape('bulk'), reverseVolume: emptyTape('bulk') }
      for (const [i, { at, litres }] of readings.entries())
        record(i % 3 === 0 ? tapes.reverseVolume : tapes.volume, 1.7e12 + at - (at % unit), litres, ignore)
      exchangeMeters(tapes.volume, [{ at: 1.7e12 + 1, lastLitres: 0, firstLitres: null }], ignore)
      forget(tapes.reverseVolume, 1.7e12 + 10 * 24 * HOUR_MS)
      expect(unpackTapes(packTapes(tapes))).toEqual(tapes)
    }),
    { numRuns: 60 },
  )
})

test('ten days of hourly readings of a household take no more than 1.5 kB', () => {
  const tapes = emptyTapes('household')
  for (let hour = 0; hour <= 240; hour++)
    record(tapes.volume, 1.7e12 + hour * HOUR_MS, 800_000 + hour * 12 + (hour % 7) * 5, ignore)
  expect(packTapes(tapes).length).toBeLessThan(600)
})
