import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Field, Readings } from '../../contract/readings.ts'
import type { History, HistoryReader } from './port.ts'

export interface HistoryUnderTest {
  openWriter(): Promise<History>
  openReader(): HistoryReader
  remove(): Promise<void>
}

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const HOUR = 4 * QUARTER
const DAY = 24 * HOUR
/** 2024-11-20 16:00 UTC: midnight in Liaocheng. */
const MIDNIGHT = 1_732_118_400_000
const EVER = [0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const

/** A regular series of one quantity. */
export const series = (
  from: number,
  step: number,
  values: readonly (Value | null)[],
  quantity: Quantity = 'volume',
): Readings => ({ at: values.map((_, i) => from + i * step), fields: [{ quantity, values }] })

const single = (at: number, quantity: Quantity, value: Value): Readings => series(at, 0, [value], quantity)

/** What every history adapter must hold. `make` gives a new, empty history. */
export function historySuite(name: string, make: () => HistoryUnderTest): void {
  describe(`the history (${name})`, () => {
    let under: HistoryUnderTest
    let history: History
    beforeEach(async () => {
      under = make()
      history = await under.openWriter()
    })
    afterEach(async () => {
      await history.close()
      await under.remove()
    })

    const write = async (deviceId: string, ...messages: Readings[]): Promise<void> => {
      expect(await history.write(messages.map((readings) => ({ deviceId, readings })))).toEqual([])
    }
    const all = async (deviceId: string): Promise<Record<string, unknown>> => {
      const { at, fields, truncated } = await history.range(deviceId, ...EVER)
      return { at, ...Object.fromEntries(fields), truncated }
    }

    test('a meter that never reported has no history', async () => {
      expect(await all('meter-1')).toEqual({ at: [], truncated: false })
      expect(await history.buckets('meter-1', 'volume', 0, DAY, HOUR)).toEqual([])
      expect(await history.latest('meter-1')).toEqual(new Map())
    })

    test("a day's upload reads back reading by reading, gaps left out", async () => {
      await write('meter-1', series(MIDNIGHT, QUARTER, [12.001, 12.001, null, 12.004]))
      expect(await all('meter-1')).toEqual({
        at: [MIDNIGHT, MIDNIGHT + QUARTER, MIDNIGHT + 3 * QUARTER],
        volume: [12.001, 12.001, 12.004],
        truncated: false,
      })
    })

    test('numbers, states, words and lists of words come back exactly as they were', async () => {
      const awkward = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0, 123456789.123456, 21.5, 3]
      await write('a', series(1000, 1000, awkward, 'temperature'))
      await write('a', series(1000, 1000, [true, false, null, true], 'alarm'))
      await write('a', series(1000, 1000, ['open', 'closed', 'fault'], 'valve'))
      await write('a', series(1000, 1000, [['leak', 'burst'], [], null, ['leak', 'burst']], 'flags'))
      const { fields } = await history.range('a', ...EVER)
      const temperature = fields.get('temperature') as number[]
      expect(temperature.map((value, i) => Object.is(value, awkward[i]))).toEqual(awkward.map(() => true))
      expect(fields.get('alarm')?.slice(0, 5)).toEqual([true, false, null, true, null])
      expect(fields.get('valve')?.slice(0, 4)).toEqual(['open', 'closed', 'fault', null])
      expect(fields.get('flags')?.slice(0, 4)).toEqual([['leak', 'burst'], [], null, ['leak', 'burst']])
    })

    test('a range takes from its beginning up to, not including, its end', async () => {
      await write('meter-1', series(MIDNIGHT, HOUR, [1, 2, 3, 4, 5]))
      const { at } = await history.range('meter-1', MIDNIGHT + HOUR, MIDNIGHT + 3 * HOUR, 100)
      expect(at).toEqual([MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR])
    })

    test('a range that begins days after a long upload did finds the end of it', async () => {
      await write('meter-1', series(MIDNIGHT, DAY, [1, 2, 3, 4, 5, 6, 7]))
      const { at } = await history.range('meter-1', MIDNIGHT + 5 * DAY, MIDNIGHT + 30 * DAY, 100)
      expect(at).toEqual([MIDNIGHT + 5 * DAY, MIDNIGHT + 6 * DAY])
      expect(await history.buckets('meter-1', 'volume', MIDNIGHT + 5 * DAY, MIDNIGHT + 6 * DAY, DAY)).toHaveLength(1)
    })

    test('a day that begins with the last reading of the day before has it once', async () => {
      const day = Array.from({ length: 97 }, (_, i) => i)
      await write('meter-1', series(MIDNIGHT, QUARTER, day))
      await write(
        'meter-1',
        series(
          MIDNIGHT + DAY,
          QUARTER,
          day.map((n) => 96 + n),
        ),
      )
      const { at, fields } = await history.range('meter-1', ...EVER)
      expect(at).toEqual(Array.from({ length: 193 }, (_, i) => MIDNIGHT + i * QUARTER))
      expect(fields.get('volume')).toEqual(Array.from({ length: 193 }, (_, i) => i))
    })

    test('a range that holds more than asked for gives the oldest and says so', async () => {
      await write('meter-1', series(MIDNIGHT, HOUR, [1, 2, 3, 4, 5]))
      const cut = await history.range('meter-1', MIDNIGHT, MIDNIGHT + DAY, 2)
      expect([cut.at, cut.truncated]).toEqual([[MIDNIGHT, MIDNIGHT + HOUR], true])
      const whole = await history.range('meter-1', MIDNIGHT, MIDNIGHT + DAY, 5)
      expect([whole.at.length, whole.truncated]).toEqual([5, false])
    })

    test('the same upload sent twice is one upload', async () => {
      const upload = series(MIDNIGHT, QUARTER, [1, 2, null, 4])
      await write('meter-1', upload)
      await write('meter-1', upload, upload)
      expect(await all('meter-1')).toMatchObject({ volume: [1, 2, 4] })
    })

    test('a corrected reading replaces the one before, a gap erases nothing', async () => {
      await write('meter-1', series(MIDNIGHT, QUARTER, [1, 2, 3]))
      await write('meter-1', series(MIDNIGHT, QUARTER, [null, 2.5, null]))
      expect(await all('meter-1')).toMatchObject({ volume: [1, 2.5, 3] })
      await write('meter-1', series(MIDNIGHT, QUARTER, [1, 2, 3]))
      expect(await all('meter-1')).toMatchObject({ volume: [1, 2, 3] })
    })

    test('yesterday that comes after today lies before it', async () => {
      await write('meter-1', series(MIDNIGHT, HOUR, [30, 31]))
      await write('meter-1', series(MIDNIGHT - DAY, HOUR, [10, 11]))
      await write('meter-1', single(MIDNIGHT - DAY + 2 * HOUR, 'volume', 12))
      expect(await all('meter-1')).toMatchObject({ volume: [10, 11, 12, 30, 31] })
    })

    test('quantities measured at different times share a table with gaps', async () => {
      await write('meter-1', series(MIDNIGHT, HOUR, [1, 2, 3]), single(MIDNIGHT + HOUR, 'battery', 97))
      await write('meter-1', single(MIDNIGHT + 30 * MINUTE, 'battery', 98))
      expect(await all('meter-1')).toEqual({
        at: [MIDNIGHT, MIDNIGHT + 30 * MINUTE, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR],
        volume: [1, null, 2, 3],
        battery: [null, 98, 97, null],
        truncated: false,
      })
    })

    test('a device that was registered anew as another kind keeps its past', async () => {
      await history.write([{ deviceId: 'm', kind: 'water-meter', readings: series(1000, 1000, [1, 2, 3]) }])
      await history.write([{ deviceId: 'm', kind: 'bulk-meter', readings: series(3000, 1000, [3, 4, 5]) }])
      await history.write([{ deviceId: 'm', readings: single(3000, 'battery', 90) }])
      expect(await all('m')).toMatchObject({ at: [1000, 2000, 3000, 4000, 5000], volume: [1, 2, 3, 4, 5] })
      const cut = await history.range('m', 1000, 9000, 3)
      expect([cut.at, cut.truncated]).toEqual([[1000, 2000, 3000], true])
      expect(await history.latest('m')).toEqual(
        new Map<Quantity, unknown>([
          ['volume', { value: 5, at: 5000 }],
          ['battery', { value: 90, at: 3000 }],
        ]),
      )
    })

    test('more readings than one answer holds are read whole', async () => {
      const values = Array.from({ length: 25_000 }, (_, i) => i)
      await write('meter-1', series(MIDNIGHT, MINUTE, values))
      const { at, fields } = await history.range('meter-1', ...EVER)
      expect([at.length, fields.get('volume')]).toEqual([25_000, values])
      const [week] = await history.buckets('meter-1', 'volume', MIDNIGHT, MIDNIGHT + 25_000 * MINUTE, 25_000 * MINUTE)
      expect(week?.count).toBe(25_000)
    })

    test('the ids of devices stay names, whatever they look like in a statement', async () => {
      const id = 'm.1-_Z'
      await write(id, single(1000, 'volume', 1))
      for (const asked of ["m.1-_Z' OR 'a' = 'a", 'm.1-_Z\\', 'm.1-_Z\n', '', "'", '\\'])
        expect((await history.range(asked, ...EVER)).at).toEqual([])
      expect((await history.range(id, ...EVER)).at).toEqual([1000])
    })

    test('devices do not see each other, also where one name begins another', async () => {
      await history.write([
        { deviceId: 'm', readings: single(1000, 'volume', 1) },
        { deviceId: 'm1', readings: single(1000, 'volume', 2) },
        { deviceId: 'M', readings: single(1000, 'volume', 3) },
      ])
      expect(await all('m')).toMatchObject({ volume: [1] })
      expect(await all('m1')).toMatchObject({ volume: [2] })
      expect(await all('M')).toMatchObject({ volume: [3] })
    })

    test('a sensor that reports one value every ten seconds is read whole, and after a restart goes on', async () => {
      const step = 10_000
      const values = Array.from({ length: 700 }, (_, i) => 18 + (i % 50) / 10)
      for (const [i, value] of values.entries()) await write('s', single(MIDNIGHT + i * step, 'temperature', value))
      await history.close()
      history = await under.openWriter()
      await write('s', single(MIDNIGHT + 700 * step, 'temperature', 40))
      const { at, fields } = await history.range('s', ...EVER)
      expect(fields.get('temperature')).toEqual([...values, 40])
      expect(at).toEqual(Array.from({ length: 701 }, (_, i) => MIDNIGHT + i * step))
    })

    test('latest is the newest measured of each quantity, whatever came last', async () => {
      await write('meter-1', single(MIDNIGHT - 90 * DAY, 'battery', 99), series(MIDNIGHT, HOUR, [7, 8, null]))
      await write('meter-1', single(MIDNIGHT - DAY, 'volume', 5))
      expect(await history.latest('meter-1')).toEqual(
        new Map<Quantity, unknown>([
          ['volume', { value: 8, at: MIDNIGHT + HOUR }],
          ['battery', { value: 99, at: MIDNIGHT - 90 * DAY }],
        ]),
      )
    })

    test('a reader beside the writer sees what has been written, and is there before it', async () => {
      const other = make()
      const reader = other.openReader()
      expect((await reader.range('meter-1', ...EVER)).at).toEqual([])
      const writer = await other.openWriter()
      await writer.write([{ deviceId: 'meter-1', readings: single(1000, 'volume', 1) }])
      expect((await reader.range('meter-1', ...EVER)).at).toEqual([1000])
      await writer.write([{ deviceId: 'meter-1', readings: single(2000, 'volume', 2) }])
      expect((await reader.range('meter-1', ...EVER)).at).toEqual([1000, 2000])
      await reader.close()
      await writer.close()
      await other.remove()
    })

    test('buckets give least, greatest, mean, last and how many; empty ones are left out', async () => {
      await write('t', series(MIDNIGHT, QUARTER, [20, 22, 21, 25, null, null, null, null, 10], 'temperature'))
      expect(await history.buckets('t', 'temperature', MIDNIGHT, MIDNIGHT + DAY, HOUR)).toEqual([
        { at: MIDNIGHT, min: 20, max: 25, mean: 22, last: 25, count: 4, consumption: null },
        { at: MIDNIGHT + 2 * HOUR, min: 10, max: 10, mean: 10, last: 10, count: 1, consumption: null },
      ])
    })

    test('buckets of what is no number are empty', async () => {
      await write('p', single(MIDNIGHT, 'pressed', true))
      expect(await history.buckets('p', 'pressed', MIDNIGHT, MIDNIGHT + DAY, HOUR)).toEqual([])
    })

    test('hourly consumption is interpolated where the meter does not read on the hour', async () => {
      // 60 l/h, read at 20 past and 20 to.
      const at20 = MIDNIGHT - 20 * MINUTE
      await write('meter-1', series(at20, 20 * MINUTE, [1, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12].map(thousandths)))
      await write('meter-2', series(MIDNIGHT + 50 * MINUTE, 20 * MINUTE, [2, 2.02, 2.04, 2.06, 2.08].map(thousandths)))
      const [hour] = await history.buckets('meter-1', 'volume', MIDNIGHT, MIDNIGHT + HOUR, HOUR)
      expect(hour?.consumption).toBeCloseTo(0.06, 9)
      const rows = await history.buckets('meter-2', 'volume', MIDNIGHT, MIDNIGHT + 3 * HOUR, HOUR)
      expect(rows.map((row) => row.at)).toEqual([MIDNIGHT, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR])
      // Nothing before the first reading, nothing after the last: not known.
      expect([rows[0]?.consumption, rows[2]?.consumption]).toEqual([null, null])
      expect(rows[1]?.consumption).toBeCloseTo(0.06, 9)
    })

    test('the consumption of the hours adds up to that of the day', async () => {
      const readings = [0]
      for (let i = 1; i < 97; i++) readings.push(thousandths((readings[i - 1] as number) + ((i * i) % 13) / 1000))
      await write('meter-1', series(MIDNIGHT - 5 * MINUTE, QUARTER, readings))
      const hours = await history.buckets('meter-1', 'volume', MIDNIGHT, MIDNIGHT + 23 * HOUR, HOUR)
      const [day] = await history.buckets('meter-1', 'volume', MIDNIGHT, MIDNIGHT + 23 * HOUR, 23 * HOUR)
      const sum = hours.reduce((total, hour) => total + (hour.consumption ?? Number.NaN), 0)
      expect(day?.consumption).toBeCloseTo(sum, 9)
    })

    test('an exchanged meter gives no negative consumption: what the old and the new one counted is added', async () => {
      await write('meter-1', series(MIDNIGHT, HOUR, [845.2, 845.3, 0, 0.05, 0.15]))
      const [day] = await history.buckets('meter-1', 'volume', MIDNIGHT, MIDNIGHT + 4 * HOUR, 4 * HOUR)
      expect(day?.consumption).toBeCloseTo(0.25, 9)
    })

    test('a register past its last digit starts anew without a loss or a windfall', async () => {
      await write('meter-1', series(MIDNIGHT, HOUR, [99_999.9, 99_999.95, 0.05, 0.1]))
      const hours = await history.buckets('meter-1', 'volume', MIDNIGHT, MIDNIGHT + 3 * HOUR, HOUR)
      expect(hours.map((hour) => thousandths(hour.consumption ?? Number.NaN))).toEqual([0.05, 0, 0.05])
    })

    test('a register that was misread for once counts no water twice', async () => {
      await write('low', series(MIDNIGHT, HOUR, [845.2, 845.3, 0, 845.4, 845.5]))
      await write('high', series(MIDNIGHT, HOUR, [845.2, 845.3, 99_845.3, 845.4, 845.5]))
      for (const meter of ['low', 'high']) {
        const [day] = await history.buckets(meter, 'volume', MIDNIGHT, MIDNIGHT + 4 * HOUR, 4 * HOUR)
        expect(day?.consumption).toBeCloseTo(0.3, 9)
      }
    })

    test('shuffled, sent twice or packed otherwise: the same readings give the same history', async () => {
      await fc.assert(
        fc.asyncProperty(shuffledUploads, async ({ truth, messages }) => {
          const device = `meter-${++propertyRuns}`
          for (const batch of messages) await write(device, ...batch)
          const { at, fields } = await history.range(device, ...EVER)
          expect(asTruth({ at, fields: Array.from(fields, ([quantity, values]) => ({ quantity, values })) })).toEqual(
            truth,
          )
        }),
        { numRuns: 60 },
      )
    })

    test('whatever is written over whatever, the last word on each reading counts', async () => {
      await fc.assert(
        fc.asyncProperty(overwritingUploads, async (batches) => {
          const device = `meter-${++propertyRuns}`
          const truth = new Map<string, Value>()
          for (const batch of batches) {
            await write(device, ...batch)
            for (const message of batch) for (const [key, value] of asTruth(message)) truth.set(key, value)
          }
          const { at, fields } = await history.range(device, ...EVER)
          const stored = asTruth({ at, fields: Array.from(fields, ([quantity, values]) => ({ quantity, values })) })
          expect(stored).toEqual(new Map([...truth].sort(byKey)))
          const latest = await history.latest(device)
          for (const [quantity, { value, at: time }] of latest) {
            expect(truth.get(keyOf(quantity, time))).toEqual(value)
            for (const key of truth.keys())
              if (key.startsWith(`${quantity} `)) expect(key <= keyOf(quantity, time)).toBe(true)
          }
        }),
        { numRuns: 60 },
      )
    })
  })
}

let propertyRuns = 0

const thousandths = (value: number): number => Math.round(value * 1000) / 1000

const keyOf = (quantity: Quantity, at: number): string => `${quantity} ${String(at).padStart(16, '0')}`
const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** Every reading by quantity and time, in a fixed order. */
function asTruth(readings: Readings): Map<string, Value> {
  const entries: [string, Value][] = []
  for (const { quantity, values } of readings.fields) {
    for (const [i, at] of readings.at.entries()) {
      const value = values[i]
      if (value !== null && value !== undefined) entries.push([keyOf(quantity, at), value])
    }
  }
  return new Map(entries.sort(byKey))
}

/** Times that crowd enough to meet, and some that lie weeks apart. */
const anyTime = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => MIDNIGHT + n * QUARTER),
  fc.integer({ min: 0, max: 50 }).map((n) => MIDNIGHT + n * 3 * DAY + n * 17),
)
const anyQuantity = fc.constantFrom<Quantity>('volume', 'temperature', 'battery')

const anyMessage: fc.Arbitrary<Readings> = fc.oneof(
  fc
    .record({
      from: anyTime,
      values: fc.array(fc.option(fc.integer({ min: 0, max: 9999 }), { freq: 5 }), { minLength: 1, maxLength: 120 }),
      quantity: anyQuantity,
    })
    .map(({ from, values, quantity }) =>
      series(
        from,
        QUARTER,
        values.map((value) => (value === null ? null : value / 100)),
        quantity,
      ),
    ),
  fc
    .record({ at: anyTime, value: fc.integer({ min: 0, max: 9999 }), quantity: anyQuantity })
    .map(({ at, value, quantity }) => series(at, 0, [value], quantity)),
)

const overwritingUploads = fc.array(fc.array(anyMessage, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 12,
})

/** One set of readings, cut into messages in several ways, some sent twice, in any order, in batches of any size. */
const shuffledUploads = fc
  .record({
    times: fc.uniqueArray(anyTime, { minLength: 1, maxLength: 300 }),
    cuts: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }),
    batchSize: fc.integer({ min: 1, max: 5 }),
    order: fc.infiniteStream(fc.nat()),
  })
  .map(({ times, cuts, batchSize, order }) => {
    const at = times.sort((a, b) => a - b)
    const fields: Field[] = [
      { quantity: 'volume', values: at.map((time) => Math.floor((time - MIDNIGHT) / MINUTE) / 1000) },
      { quantity: 'battery', values: at.map((time) => (time % 7 === 0 ? 100 - (time % 3) : null)) },
    ]
    const pieces: { rank: number; message: Readings }[] = []
    for (const size of [...cuts, at.length]) {
      for (let from = 0; from < at.length; from += size) {
        const message = {
          at: at.slice(from, from + size),
          fields: fields.map(({ quantity, values }) => ({ quantity, values: values.slice(from, from + size) })),
        }
        pieces.push({ rank: order.next().value ?? 0, message })
      }
    }
    pieces.sort((a, b) => a.rank - b.rank)
    const messages: Readings[][] = []
    for (let i = 0; i < pieces.length; i += batchSize)
      messages.push(pieces.slice(i, i + batchSize).map((piece) => piece.message))
    return { truth: asTruth({ at, fields }), messages }
  })
