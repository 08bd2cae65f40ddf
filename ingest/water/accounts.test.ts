import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Membership } from '../../contract/zones.ts'
import type { RegisterName } from '../zones/accounting.ts'
import { type Exchange, HOUR_MS } from '../zones/tape.ts'
import { AccountBook } from './account-book.ts'

const START = 480_000
const HOURS = 60
const at = (hour: number): number => (START + hour) * HOUR_MS
const place = (
  meter: string,
  zone: string,
  part: Membership['part'],
  from = 0,
  to: number | null = null,
): Membership => ({
  meter,
  zone,
  part,
  from: from === 0 ? 0 : at(from),
  to: to === null ? null : at(to),
})

interface Read {
  readonly meter: string
  readonly at: number
  readonly litres: number
}

/** Registers of two villages and the main between them; readings at odd minutes and of uneven rhythm. */
const registers = fc
  .record({
    use: fc.array(fc.array(fc.nat(90), { minLength: HOURS, maxLength: HOURS }), { minLength: 6, maxLength: 6 }),
    minutes: fc.array(fc.nat(59), { minLength: 6, maxLength: 6 }),
    missing: fc.array(fc.nat(5), { minLength: 30, maxLength: 30 }),
  })
  .map(({ use, minutes, missing }): readonly Read[] =>
    use.flatMap((litres, meter) => {
      let register = 1000 * meter
      return litres.flatMap((litre, hour): readonly Read[] => {
        register += litre
        const lost = missing[(hour * 7 + meter) % missing.length] === 0 && hour > 0 && hour < HOURS - 1
        return lost ? [] : [{ meter: `m${meter}`, at: at(hour) + minutes[meter]! * 60_000, litres: register }]
      })
    }),
  )

const TOPOLOGY: readonly Membership[] = [
  place('m0', 'A', 'in'),
  place('m1', 'A', 'out'),
  place('m1', 'B', 'in'),
  place('m2', 'A', 'household'),
  // A meter that is moved from one village to the other, on the thirtieth hour.
  place('m3', 'A', 'household', 0, 30),
  place('m3', 'B', 'household', 30),
  place('m4', 'B', 'household'),
  place('m5', 'B', 'household', 12),
]

/** Readings of one decision, in this order. */
const DECISION = 40

const standingsOf = (topology: readonly Membership[], exchanges: readonly Exchange[] = []) =>
  new Map([...Map.groupBy(topology, ({ meter }) => meter)].map(([id, memberships]) => [id, { memberships, exchanges }]))

const bookOf = (reads: readonly Read[], topology = TOPOLOGY): AccountBook => {
  const book = new AccountBook()
  book.place(standingsOf(topology))
  for (let from = 0; from < reads.length; from += DECISION)
    book.take((accounts) => {
      for (const { meter, at, litres } of reads.slice(from, from + DECISION))
        accounts.add({ deviceId: meter, register: 'volume', at: [at], values: [litres / 1000] })
    })
  return book
}

const read = (book: AccountBook, deviceId: string, time: number, litres: number, register: RegisterName = 'volume') =>
  book.take((accounts) => accounts.add({ deviceId, register, at: [time], values: [litres / 1000] }))

const sumsOf = (book: AccountBook) =>
  ['A', 'B'].map((zone) =>
    Array.from({ length: HOURS + 2 }, (_, hour) => book.balance(zone, START + hour, START + hour + 1)),
  )

describe('the loss of a village', () => {
  it('is what came in less what its households used, to the litre, whatever the order, repeats and late readings', () => {
    fc.assert(
      fc.property(registers, fc.infiniteStream(fc.nat(1e6)), (reads, dice) => {
        const shuffled = [...reads, ...reads.filter((_, i) => i % 3 === 0)]
          .map((read) => ({ read, key: dice.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ read }) => read)
        const inOrder = bookOf(reads)
        expect(sumsOf(bookOf(shuffled))).toEqual(sumsOf(inOrder))

        const used = (meter: string): number => {
          const all = reads.filter((read) => read.meter === meter).map(({ litres }) => litres)
          return all.at(-1)! - all[0]!
        }
        const [a, b] = ['A', 'B'].map((zone) => inOrder.balance(zone, START, START + HOURS + 2))
        // m5 belongs to nobody in its first hours; everything else is in one village or the other.
        const outside = bookOf(
          reads.filter((read) => read.meter === 'm5'),
          [place('m5', 'none', 'household', 0, 12)],
        )
        const nobody = outside.balance('none', START, START + HOURS + 2).householdL
        expect(a!.lossL + b!.lossL).toBe(used('m0') - used('m2') - used('m3') - used('m4') - used('m5') + nobody)
        expect(a!.lossL).toBe(a!.inflowL - a!.householdL)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same in any order where readings are wrong, too, and one wrong reading costs not a litre', () => {
    const wrong = fc.array(fc.record({ which: fc.nat(5 * HOURS), litres: fc.nat(20_000_000) }), { maxLength: 12 })
    fc.assert(
      fc.property(registers, wrong, fc.array(fc.nat(1e6), { minLength: 6 * HOURS }), (reads, slips, keys) => {
        const spoilt = reads.map((read) => ({ ...read }))
        for (const { which, litres } of slips) spoilt[which % spoilt.length]!.litres = litres
        const shuffled = spoilt
          .map((read, i) => ({ read, key: keys[i % keys.length]! }))
          .sort((a, b) => a.key - b.key)
          .map(({ read }) => read)
        expect(sumsOf(bookOf(shuffled))).toEqual(sumsOf(bookOf(spoilt)))
        const which = reads.findIndex(({ meter }) => meter === 'm4') + 20
        const one = reads.map((read, i) => (i === which ? { ...read, litres: read.litres + 5_000_000 } : read))
        const total = (book: AccountBook) => book.balance('B', START, START + HOURS + 2).lossL
        const [right, slipped] = [reads, one].map((some) => total(bookOf(some.filter(({ meter }) => meter > 'm3'))))
        expect(slipped).toBe(right)
      }),
      { numRuns: 60 },
    )
  })

  it('another meter under the same name is no water: neither its first register nor what it fell by', () => {
    for (const [part, last, first] of [
      ['household', 812_000, 4],
      ['household', 4, 812_000],
      ['in', 90_000_000, 12_000_000],
    ] as const) {
      const book = bookOf([], [place('m', 'A', part)])
      for (const hour of [0, 1]) read(book, 'm', at(hour), last + 10 * hour)
      for (const hour of [2, 3]) read(book, 'm', at(hour), first + 10 * hour)
      const { inflowL, householdL } = book.balance('A', START, START + 5)
      expect(inflowL + householdL).toBe(20)
    }
  })

  it('a clock that fell back to 2010 and was set again spreads no litres over the years between', () => {
    const book = bookOf([], [place('m', 'A', 'household')])
    read(book, 'm', Date.UTC(2010, 0, 2), 100_000)
    for (const hour of [0, 1, 24 * 60]) read(book, 'm', at(hour), 500_000 + 10 * hour)
    expect(book.hours('A').length).toBe(24 * 60)
    expect(book.balance('A', START - 200_000, START + 24 * 60).householdL).toBe(10 * 24 * 60)
  })

  it('what ran backwards through a bulk meter is not in the village, and does not make the meter two', () => {
    const book = bookOf([], [place('b', 'A', 'in'), place('b', 'B', 'out')])
    for (let hour = 0; hour <= 5; hour++) {
      read(book, 'b', at(hour), hour * 100)
      read(book, 'b', at(hour), hour * 30, 'reverseVolume')
    }
    expect(book.balance('A', START, START + 5)).toMatchObject({ inflowL: 350, bulkReported: 1 })
    expect(book.balance('B', START, START + 5)).toMatchObject({ inflowL: -350 })
  })

  it('is the same when the move of a meter is told only after its readings', () => {
    fc.assert(
      fc.property(registers, (reads) => {
        const book = bookOf(reads, [...TOPOLOGY.filter(({ meter }) => meter !== 'm3'), place('m3', 'A', 'household')])
        book.place(standingsOf(TOPOLOGY.filter(({ meter }) => meter === 'm3')))
        expect(sumsOf(book)).toEqual(sumsOf(bookOf(reads)))
      }),
      { numRuns: 30 },
    )
  })

  it('adds up hour by hour to the same litres as the night as a whole', () => {
    fc.assert(
      fc.property(registers, (reads) => {
        const book = bookOf(reads)
        const hours = [20, 21, 22, 23].map((hour) => book.balance('A', START + hour, START + hour + 1).lossL)
        expect(hours.reduce((sum, litres) => sum + litres, 0)).toBe(book.balance('A', START + 20, START + 24).lossL)
      }),
      { numRuns: 20 },
    )
  })
})

describe('an exchanged meter', () => {
  const reads = (): Read[] => [
    { meter: 'h', at: at(0), litres: 500_000 },
    { meter: 'h', at: at(1), litres: 500_010 },
    { meter: 'h', at: at(3), litres: 4 },
    { meter: 'h', at: at(4), litres: 9 },
  ]
  const topology = [place('h', 'A', 'household')]

  it('keeps both histories: neither register is taken from the other', () => {
    const book = bookOf([], topology)
    book.place(standingsOf(topology, [{ at: at(1) + 40 * 60_000, lastLitres: null, firstLitres: null }]))
    for (const one of reads().reverse()) read(book, one.meter, one.at, one.litres)
    expect(book.balance('A', START, START + 6).householdL).toBe(10 + 5)
  })

  it('loses not a litre where both registers are written down, also when that is told last', () => {
    const book = bookOf(reads(), topology)
    book.place(standingsOf(topology, [{ at: at(1) + 40 * 60_000, lastLitres: 500_012, firstLitres: 0 }]))
    expect(book.balance('A', START, START + 6).householdL).toBe(12 + 9)
  })
})

describe('validity stands beside the figure', () => {
  it('no judgement while fewer than nine meters of ten have reported, and the late ones repair it', () => {
    const meters = Array.from({ length: 10 }, (_, i) => `h${i}`)
    const book = bookOf([], [place('b', 'A', 'in'), ...meters.map((meter) => place(meter, 'A', 'household'))])
    const day = (meter: string, litres: number): void => {
      for (let hour = 0; hour <= 5; hour++) read(book, meter, at(hour), hour * litres)
    }
    day('b', 200)
    for (const meter of meters.slice(2)) day(meter, 10)
    const before = book.balance('A', START, START + 5)
    expect(before).toMatchObject({ valid: false, reported: 0.8, lossL: 600, unknownL: 100 })
    for (const meter of meters.slice(0, 2)) day(meter, 10)
    expect(book.balance('A', START, START + 5)).toMatchObject({
      valid: true,
      reported: 1,
      lossL: 500,
      unknownL: 0,
    })
  })

  it('no judgement where the bulk meter is silent, however well the households report', () => {
    const book = bookOf([], [place('b', 'A', 'in'), place('h', 'A', 'household')])
    for (let hour = 0; hour <= 5; hour++) read(book, 'h', at(hour), hour)
    read(book, 'b', at(0), 0)
    read(book, 'b', at(5), 100)
    expect(book.balance('A', START, START + 5)).toMatchObject({ valid: false, bulkReported: 0, inflowL: 100 })
  })
})
