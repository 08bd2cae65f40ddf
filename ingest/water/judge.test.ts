import fc from 'fast-check'
import { expect, test } from 'vitest'
import { midnightOf } from '../../contract/city-time.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange } from '../../store/state/water-port.ts'
import { HOUR_MS } from '../zones/tape.ts'
import { AccountBook } from './account-book.ts'
import type { Standing } from './accounts.ts'
import { accountOf, judgeZone, type ZoneMemory } from './judge.ts'

const DAY_H = 24
const START = midnightOf(20_028)
const DAYS = 15
/** Nights that come to everybody at once in the end: whoever was told of a loss has heard of its end. */
const REST_DAYS = 4
const METERS = ['main', 'home-0', 'home-1', 'home-2'] as const

/** A zone's accounts and judgement in memory, fed by uploads. */
class Village {
  readonly nights = new Map<number, Omit<ZoneNight, 'judgedAt'>>()
  memory: ZoneMemory | undefined
  private readonly book = new AccountBook()
  /** Homes that are known only later. */
  private readonly later: MeterCountChange[] = []
  private changedFrom = Number.POSITIVE_INFINITY

  constructor() {
    const standing = (meter: string): Standing => {
      const part = meter === 'main' ? 'in' : 'household'
      return { memberships: [{ meter, zone: 'v', part, from: 0, to: null }], exchanges: [] }
    }
    this.book.place(new Map(METERS.map((meter) => [meter, standing(meter)])))
  }

  read(meter: string, at: readonly number[], values: readonly number[]): void {
    const changed = this.book.take((accounts) => accounts.add({ deviceId: meter, register: 'volume', at, values }))
    this.changedFrom = Math.min(this.changedFrom, changed.get('v') ?? this.changedFrom)
  }

  /** Homes that should have been heard since then are known only now. */
  register(homes: number, day: number): void {
    const hour = START + day * DAY_H
    this.later.push({ zone: 'v', part: 'household', hour, change: homes })
    this.changedFrom = Math.min(this.changedFrom, hour)
  }

  judge(): readonly string[] {
    const account = accountOf(this.book.hours('v'), [...this.book.counts('v'), ...this.later])
    const judged = judgeZone(this.memory, account, this.changedFrom)
    this.changedFrom = Number.POSITIVE_INFINITY
    if (judged === undefined) return []
    this.memory = judged.memory
    for (const night of judged.nights) this.nights.set(night.day, night)
    return judged.findings.map(({ type }) => type)
  }
}

/** Of each meter and day one upload, m³; the village weeps, and leaks from some night on. */
function uploadsOf(leakFrom: number, leakL: number, lost: readonly number[]) {
  return METERS.flatMap((meter, m) => {
    let register = 1000 * m
    return Array.from({ length: DAYS + REST_DAYS }, (_, day) => {
      const at: number[] = []
      const values: number[] = []
      for (let hour = day * DAY_H; hour < (day + 1) * DAY_H; hour++) {
        const used = [0, 1, 2].map((home) => (hour * 7 + home * 13) % 23)
        at.push((START + hour) * HOUR_MS)
        values.push(register / 1000)
        const weeps = 30 + (hour % 5) + (day >= leakFrom ? leakL : 0)
        register += meter === 'main' ? used[0]! + used[1]! + used[2]! + weeps : used[m - 1]!
      }
      return { meter, day, at, values }
    }).filter(({ day }) => meter === 'main' || !lost.includes(day * METERS.length + m))
  })
}

test('late, doubled and shuffled uploads end in the same nights and the same loss, judged after any of them', () => {
  const count = METERS.length * DAYS
  fc.assert(
    fc.property(
      fc.integer({ min: 7, max: 13 }),
      fc.integer({ min: 0, max: 900 }),
      fc.array(fc.nat(count), { maxLength: 4 }),
      // Up to nine days late, and told again.
      fc.array(fc.nat(9), { minLength: count, maxLength: count }),
      fc.array(fc.nat(count - 1), { maxLength: 10 }),
      fc.integer({ min: 1, max: 9 }),
      (leakFrom, leakL, lost, lateness, again, every) => {
        const whole = uploadsOf(leakFrom, leakL, lost).toSorted((a, b) => a.day - b.day)
        const uploads = whole.filter(({ day }) => day < DAYS)
        const rest = whole.slice(uploads.length)
        const inOrder = new Village()
        for (const { meter, at, values } of uploads) inOrder.read(meter, at, values)
        inOrder.judge()
        const other = new Village()
        const late = uploads
          .map((upload, i) => ({ upload, at: upload.day + lateness[i]! }))
          .sort((a, b) => a.at - b.at)
          .map(({ upload }) => upload)
        const twice = [...late, ...again.flatMap((i) => late[i] ?? [])]
        for (const [i, { meter, at, values }] of twice.entries()) {
          other.read(meter, at, values)
          if (i % every === 0) other.judge()
        }
        other.judge()
        expect([...other.nights.values()].sort((a, b) => a.day - b.day)).toEqual([...inOrder.nights.values()])
        expect(other.memory?.before.at(-1)).toEqual(inOrder.memory?.before.at(-1))
        for (const { meter, at, values } of rest) for (const each of [inOrder, other]) each.read(meter, at, values)
        for (const each of [inOrder, other]) each.judge()
        const told = ({ memory }: Village) => memory?.told && { since: memory.told.since, m3h: memory.told.m3h }
        expect(told(other)).toEqual(told(inOrder))
      },
    ),
    { numRuns: 60 },
  )
})

test('a past that is filled in meter by meter ends in the same nights, whichever meter comes first', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 7, max: 16 }),
      fc.integer({ min: 0, max: 900 }),
      fc.shuffledSubarray([...METERS], { minLength: METERS.length }),
      fc.integer({ min: 1, max: 30 }),
      (leakFrom, leakL, meters, every) => {
        const uploads = uploadsOf(leakFrom, leakL, []).toSorted((a, b) => a.day - b.day)
        const inOrder = new Village()
        for (const { meter, at, values } of uploads) inOrder.read(meter, at, values)
        inOrder.judge()
        const filled = new Village()
        const whole = meters.flatMap((one) => uploads.filter(({ meter }) => meter === one))
        for (const [i, { meter, at, values }] of whole.entries()) {
          filled.read(meter, at, values)
          if (i % every === 0) filled.judge()
        }
        filled.judge()
        expect([...filled.nights.values()].sort((a, b) => a.day - b.day)).toEqual([...inOrder.nights.values()])
        expect(filled.memory?.before.at(-1)).toEqual(inOrder.memory?.before.at(-1))
      },
    ),
    { numRuns: 60 },
  )
})

test('years that no bulk meter measured are passed over at once, and what comes after them is judged as ever', () => {
  const uploads = uploadsOf(9, 600, []).toSorted((a, b) => a.day - b.day)
  const reset = [0, 1].map((hour) => Date.UTC(2010, 0, 2, hour))
  const [village, stale] = [new Village(), new Village()]
  stale.read('main', reset, [0, 0])
  stale.judge()
  for (const each of [village, stale]) for (const { meter, at, values } of uploads) each.read(meter, at, values)
  for (const each of [village, stale]) each.judge()
  expect(stale.nights.size).toBeLessThan(DAYS + 20)
  const losses = ({ nights }: Village) =>
    [...nights.values()].flatMap(({ day, verdict }) => (verdict === 'loss' ? [day] : []))
  expect(losses(village).length).toBeGreaterThan(1)
  expect(losses(stale)).toEqual(losses(village))
})

test('a loss stays told while the nights that carried it cannot be judged, and goes on or ends with the nights behind them', () => {
  for (const [leakTo, last] of [
    [DAYS + REST_DAYS, []],
    [13, ['over']],
  ] as const) {
    const village = new Village()
    const uploads = uploadsOf(9, 600, []).toSorted((a, b) => a.day - b.day)
    const dry = uploadsOf(DAYS, 0, []).toSorted((a, b) => a.day - b.day)
    let lost = 0
    const play = (from: number, to: number): readonly string[] => {
      for (const [i, { meter, day, at, values }] of uploads.entries()) {
        if (day < from || day >= to) continue
        if (meter === 'main' && day === leakTo) lost = uploads[i]!.values[0]! - dry[i]!.values[0]!
        village.read(meter, at, meter === 'main' && day >= leakTo ? dry[i]!.values.map((m3) => m3 + lost) : values)
      }
      return village.judge()
    }
    expect(play(0, 12)).toEqual(['loss'])
    village.register(3, 9)
    expect(village.judge()).toEqual([])
    expect(village.memory?.told?.m3h).toBeCloseTo(0.6, 1)
    // They were installed on the thirteenth morning, and are heard no more than before.
    village.register(-3, 13)
    expect(play(12, 13)).toEqual([])
    expect(play(13, DAYS + REST_DAYS).filter((type) => type !== 'more')).toEqual(last)
    expect(village.memory?.told === null).toBe(last.length > 0)
  }
})
