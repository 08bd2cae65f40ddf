import { expect, test } from 'vitest'
import { midnightOf } from '../../contract/city-time.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import type { Finding } from '../detectors/detector.ts'
import { HOUR_MS } from '../zones/tape.ts'
import { AccountBook } from './account-book.ts'
import type { Standing } from './accounts.ts'
import { firstHourOf, type Memory, verdictOn } from './verdict.ts'

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
    const home = standing('home', 'household', 35 * DAY_H, to)
    this.judge(this.book.place(new Map([['home', home]])))
    this.judge(this.book.take((accounts) => accounts.place('home', home)))
  }

  private judge(changed: ReadonlyMap<string, number>): void {
    const counts = this.book.counts('e')
    const firstHour = changed.get('e') ?? START + this.hour
    const hours = this.book.hours('e', firstHourOf(this.memory, counts, firstHour))
    const verdict = verdictOn(this.memory, hours, counts, firstHour)
    if (verdict === undefined) return
    this.memory = JSON.parse(JSON.stringify(verdict.memory)) as Memory
    for (const night of verdict.nights) this.nights.set(night.day, night)
    this.said.push(...(verdict.findings as Finding[]))
  }
}

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
