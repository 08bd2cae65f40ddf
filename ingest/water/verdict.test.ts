import { expect, test } from 'vitest'
import { midnightOf } from '../../contract/city-time.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange } from '../../store/state/water-port.ts'
import type { Finding } from '../detectors/detector.ts'
import { HOUR_MS } from '../zones/tape.ts'
import { AccountBook } from './account-book.ts'
import type { Standing } from './accounts.ts'
import { canBeJudged, firstHourOf, type Memory, verdictOn } from './verdict.ts'

const DAY_H = 24
const FIRST_DAY = 20_028
const START = midnightOf(FIRST_DAY)
const FOREVER = null

/** An estate with one bulk meter, in which household meters come and go. */
class Estate {
  readonly said: Finding[] = []
  readonly nights = new Map<number, Omit<ZoneNight, 'judgedAt'>>()
  private readonly book = new AccountBook()
  private memory: Memory | undefined
  private register = 700_000
  private hour = 0

  constructor() {
    this.book.place(new Map([['main', standing('main', 'in', 0, FOREVER)]]))
  }

  /** Days of readings, the last one up to now, of which so many litres an hour are beyond the usual. */
  live(days: number, extra: number): void {
    for (const last = this.hour + days * DAY_H; this.hour < last; ) {
      const at: number[] = []
      const values: number[] = []
      for (let h = 0; h <= DAY_H; h++) {
        at.push((START + this.hour) * HOUR_MS)
        values.push(this.register / 1000)
        if (h === DAY_H) continue
        const wobble = 600 * Math.sin(this.hour * 12.9898) * Math.cos(this.hour * 4.1414)
        this.register += Math.round(20_000 + 1000 * (this.hour % DAY_H) + wobble) + extra
        this.hour += 1
      }
      this.judge(this.book.take((accounts) => accounts.add({ deviceId: 'main', register: 'volume', at, values })))
    }
  }

  home(to: number | null): void {
    this.stand(standing('home', 'household', 35 * DAY_H, to))
  }

  /** The home never was in it. */
  noHome(): void {
    this.stand({ memberships: [], exchanges: [] })
  }

  private stand(home: Standing): void {
    this.judge(this.book.place(new Map([['home', home]])))
    this.judge(this.book.take((accounts) => accounts.place('home', home)))
  }

  private judge(changed: ReadonlyMap<string, number>): void {
    const counts = asStored(this.book.counts('e'))
    const firstHour = changed.get('e') ?? START + this.hour
    const hours = this.book.hours('e', firstHourOf(this.memory, counts, firstHour))
    const verdict = verdictOn(this.memory, hours, counts, firstHour)
    if (verdict === undefined) return
    this.memory = JSON.parse(JSON.stringify(verdict.memory)) as Memory
    for (const night of verdict.nights) this.nights.set(night.day, night)
    this.said.push(...(verdict.findings as Finding[]))
  }
}

/** Changes of one hour are one row of the store, and none where they come to nothing. */
const asStored = (counts: readonly MeterCountChange[]): MeterCountChange[] =>
  [...Map.groupBy(counts, ({ part, hour }) => `${part} ${hour}`).values()]
    .map((same) => ({ ...same[0]!, change: same.reduce((sum, { change }) => sum + change, 0) }))
    .filter(({ change }) => change !== 0)

function standing(meter: string, part: 'in' | 'household', from: number, to: number | null): Standing {
  const at = (hour: number): number => (START + hour) * HOUR_MS
  const membership = { meter, zone: 'e', part, from: from === 0 ? 0 : at(from), to: to === null ? null : at(to) }
  return { memberships: [membership], exchanges: [] }
}

test('a household meter that was registered in an estate by mistake and taken out again leaves it its judge and its past', () => {
  const estate = new Estate()
  estate.live(29, 0)
  estate.live(6, 15_000)
  const open = estate.said.at(-1)!
  expect(open).toMatchObject({ active: true, value: expect.closeTo(15, 0) })
  const past = [...estate.nights]

  estate.home(FOREVER)
  expect(estate.said.at(-1)).toMatchObject({
    active: false,
    since: open.since,
    reason: expect.stringMatching(/household meters are read now/),
  })
  estate.home(35 * DAY_H + 5)
  // The leak that still runs is told again, and nothing else of the past.
  expect(estate.said.slice(-2).map(({ active, since }) => [active, since])).toEqual([
    [false, open.since],
    [true, open.since],
  ])
  for (const [day, night] of past) expect(estate.nights.get(day), `day ${day - FIRST_DAY}`).toEqual(night)

  estate.live(3, 15_000)
  estate.live(2, 55_000)
  expect(estate.said.at(-1)).toMatchObject({ active: true, value: expect.closeTo(55, -1) })
  expect(estate.nights.get(FIRST_DAY + 38)).toMatchObject({ verdict: 'loss', lossM3h: null })
})

test('a household meter of which it is said that it never was in an estate leaves it nothing but the leak that still runs', () => {
  const estate = new Estate()
  estate.live(29, 0)
  estate.live(2, 15_000)
  estate.live(2, 0)
  estate.live(3, 15_000)
  const open = estate.said.at(-1)!
  expect(open).toMatchObject({ active: true, value: expect.closeTo(15, 0) })
  estate.home(FOREVER)
  const told = estate.said.length
  estate.noHome()
  expect(estate.said.slice(told)).toEqual([open])
})

test('a village that is without household meters for a day is told again of the loss that still runs, and of none that is over', () => {
  for (const [lossTo, told] of [
    [26, []],
    [99, ['loss']],
  ] as const) {
    let memory: Memory | undefined
    let found: readonly string[] = []
    const count = (part: 'in' | 'household', day: number, change: number) =>
      ({ zone: 'e', part, hour: START + day * DAY_H, change }) as const
    const judge = (days: number, ...moved: readonly ReturnType<typeof count>[]): void => {
      const hours = Array.from({ length: days * DAY_H }, (_, h) => {
        const day = h / DAY_H
        const leak = day >= 20 && day < lossTo ? 500 : 0
        const known = { householdKnownMs: HOUR_MS, householdMeasuredMs: HOUR_MS, bulkMeasuredMs: HOUR_MS }
        return { hour: START + h, inflowL: 1000 + ((h * 7) % 23) + leak, householdL: 900, ...known }
      })
      const verdict = verdictOn(memory, hours, [count('in', 0, 1), count('household', 0, 1), ...moved], START)
      memory = verdict?.memory
      found = verdict?.findings.flatMap((finding) => ('day' in finding ? [finding.type] : [])) ?? []
    }
    judge(31)
    expect(found[0]).toBe('loss')
    const left = count('household', 31, -1)
    judge(32, left)
    expect(memory).toHaveProperty('said')
    judge(33, left, count('household', 32, 1))
    expect(found).toEqual(told)
  }
})

test('an upload of households whose inflow nobody measures has no old hours read', () => {
  const households = { zone: 'e', part: 'household', hour: START, change: 20 } as const
  expect(canBeJudged([households])).toBe(false)
  const silent = { zone: 'e', part: 'in', hour: START, change: 1 } as const
  expect(firstHourOf(undefined, [households, silent], START + 400 * DAY_H)).toBe(START + 400 * DAY_H)
})
