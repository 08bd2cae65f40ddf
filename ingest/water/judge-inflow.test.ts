import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { midnightOf } from '../../contract/city-time.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'
import type { Finding } from '../detectors/detector.ts'
import { HOUR_MS } from '../zones/tape.ts'
import { emptyTapes, packTapes } from '../zones/tape-bytes.ts'
import { Accounts, type KnownMeter } from './accounts.ts'
import { accountOf } from './judge.ts'
import { type InflowMemory, judgeInflow } from './judge-inflow.ts'

const DAY_H = 24
const START = midnightOf(20_028)
const INLETS = ['east', 'west'] as const

/** An industrial estate: two inlets, nobody's own meter. Its accounts and its judge in memory. */
class Estate {
  readonly nights = new Map<number, Omit<ZoneNight, 'judgedAt'>>()
  /** What was said, in the order it was. */
  readonly said: Finding[] = []
  memory: InflowMemory | undefined
  private readonly meters = new Map<string, KnownMeter>()
  private readonly hours = new Map<number, ZoneHour>()
  private readonly counts: MeterCountChange[] = []

  constructor(west: 'in' | 'out' = 'in') {
    for (const meter of INLETS) {
      const part = meter === 'west' ? west : 'in'
      const standing = { memberships: [{ meter, zone: 'e', part, from: 0, to: null } as const], exchanges: [] }
      this.meters.set(meter, { memberships: [], awaitedFrom: 0, tapes: packTapes(emptyTapes('bulk')), standing })
      this.take((accounts) => accounts.place(meter, standing))
    }
  }

  read({ meter, at, values }: Upload): void {
    this.take((accounts) => accounts.add({ deviceId: meter, register: 'volume', at, values }))
  }

  judge(): void {
    const hours = [...this.hours.values()].sort((a, b) => a.hour - b.hour)
    // Stopped and started again every time: nothing but plain data is carried over.
    const memory = this.memory && (JSON.parse(JSON.stringify(this.memory)) as InflowMemory)
    const judged = judgeInflow(memory, accountOf(hours, this.counts))
    if (judged === undefined) return
    this.memory = judged.memory
    for (const night of judged.nights) this.nights.set(night.day, night)
    this.said.push(...judged.findings)
  }

  /** What a person knows who has heard it all. */
  get ending(): unknown {
    return [[...this.nights.values()].sort((a, b) => a.day - b.day), this.memory]
  }

  private take(change: (accounts: Accounts) => void): void {
    const accounts = new Accounts((id) => this.meters.get(id))
    change(accounts)
    const water = accounts.finish()
    for (const [id, meter] of water?.meters ?? []) this.meters.set(id, meter)
    this.counts.push(...(water?.counts ?? []))
    for (const { hour, ...added } of water?.hours ?? []) {
      const had = this.hours.get(hour)
      const sum = (name: 'inflowL' | 'householdL' | 'householdKnownMs' | 'householdMeasuredMs' | 'bulkMeasuredMs') =>
        (had?.[name] ?? 0) + added[name]
      this.hours.set(hour, {
        hour,
        inflowL: sum('inflowL'),
        householdL: sum('householdL'),
        householdKnownMs: sum('householdKnownMs'),
        householdMeasuredMs: sum('householdMeasuredMs'),
        bulkMeasuredMs: sum('bulkMeasuredMs'),
      })
    }
  }
}

interface Upload {
  readonly meter: string
  readonly day: number
  readonly at: number[]
  readonly values: number[]
}

/** Litres of an hour: shifts by day, less on Sundays, a little scatter. */
function usual(hour: number): number {
  const people = 30_000 * Math.max(0, Math.sin((((hour % DAY_H) - 5) / 18) * Math.PI))
  const isSunday = Math.floor(hour / DAY_H) % 7 === 6
  return Math.round(20_000 + people * (isSunday ? 0.5 : 1) + 600 * Math.sin(hour * 12.9898) * Math.cos(hour * 4.1414))
}

/** Of each inlet and day one upload; `extra`: litres an hour that run through the east inlet besides. */
function uploads(days: number, extra: (hour: number) => number): Upload[] {
  return INLETS.flatMap((meter) => {
    let register = 5_000_000
    return Array.from({ length: days }, (_, day) => {
      const at: number[] = []
      const values: number[] = []
      for (let hour = day * DAY_H; hour <= (day + 1) * DAY_H; hour++) {
        at.push((START + hour) * HOUR_MS)
        values.push(register / 1000)
        if (hour === (day + 1) * DAY_H) continue
        register += meter === 'east' ? usual(hour) + extra(hour) : Math.round(usual(hour) / 3)
      }
      return { meter, day, at, values }
    })
  })
}

const byDay = (some: readonly Upload[]): Upload[] => some.toSorted((a, b) => a.day - b.day)

function watch(days: number, extra: (hour: number) => number): Estate {
  const estate = new Estate()
  for (const upload of byDay(uploads(days, extra))) {
    estate.read(upload)
    estate.judge()
  }
  return estate
}

describe('a zone of which only the inflow is measured', () => {
  const burst = 29 * DAY_H + 14
  const repaired = 33 * DAY_H + 9
  const running = (hour: number): number => (hour >= burst && hour < repaired ? 12_000 : 0)

  it('a main that bursts is told with its hour and size once its upload is there, and is over when it is mended', () => {
    const { said, nights } = watch(38, running)
    const rise = said[0]
    const over = said.at(-1)
    expect(said.filter(({ active }) => !active)).toHaveLength(1)
    expect(rise).toMatchObject({ type: 'zoneLoss', active: true, since: (START + burst) * HOUR_MS })
    expect(rise!.at - rise!.since!).toBeLessThanOrEqual(4 * HOUR_MS)
    expect(rise!.value).toBeCloseTo(12, 0)
    expect(rise!.reason).toMatch(
      /more than usual runs in since 14:00 on .*; 2\d % of inflow; households are not metered/,
    )
    // More than any district varies by itself: as loud as a loss that was measured.
    expect(rise!.severity).toBeUndefined()
    expect(over).toMatchObject({ active: false, since: rise!.since })
    expect(over!.at).toBeGreaterThan((START + repaired) * HOUR_MS)
    const verdicts = [...nights.values()].map(({ day, verdict }) => [day - 20_028, verdict])
    expect(verdicts.filter(([, verdict]) => verdict === 'loss').map(([day]) => day)).toEqual([30, 31, 32, 33])
    expect(verdicts.filter(([, verdict]) => verdict === 'learning')).toHaveLength(14)
  })

  it('its nights have no loss; what ran in stands beside what usually does, and an open rise widens nothing', () => {
    const { nights } = watch(36, (hour) => (hour >= burst ? 12_000 : 0))
    for (const night of nights.values()) expect(night.lossM3h).toBeNull()
    const open = nights.get(20_028 + 34)!
    expect(open.nightM3h! - open.expectedM3h!).toBeCloseTo(12, 0)
    expect(open.highM3h).toBeLessThan(open.nightM3h!)
    expect(nights.get(20_028 + 28)!.nightM3h! - nights.get(20_028 + 28)!.expectedM3h!).toBeCloseTo(0, 0)
  })

  it('a small rise is a warning: it may be use', () => {
    const [rise] = watch(34, (hour) => (hour >= burst ? 4000 : 0)).said
    expect(rise).toMatchObject({ active: true, severity: 'WARNING' })
  })

  it('a burst is no smaller where more is metered out of the zone than into it', () => {
    const estate = new Estate('out')
    const extra = (hour: number): number => Math.round(-0.8 * usual(hour)) + (hour >= burst ? 2000 : 0)
    for (const upload of byDay(uploads(34, extra))) {
      estate.read(upload)
      estate.judge()
    }
    const [rise] = estate.said
    expect(rise).toMatchObject({ active: true, value: expect.closeTo(2, 0) })
    expect(rise!.severity).toBeUndefined()
  })

  it('hours of which an inlet has not reported are passed over, and nothing is made up of them', () => {
    const estate = new Estate()
    const lost = byDay(uploads(34, () => 0)).filter(({ meter, day }) => meter === 'east' || day !== 30)
    for (const upload of lost) {
      estate.read(upload)
      estate.judge()
    }
    expect(estate.said).toEqual([])
    expect(estate.nights.get(20_028 + 30)).toMatchObject({ verdict: 'not-judged', nightM3h: null })
    expect(estate.nights.get(20_028 + 32)).toMatchObject({ verdict: 'quiet' })
  })

  it('what began and ended in an upload that came late is told as over, and rings for nobody', () => {
    const late = uploads(36, (hour) => (hour >= 30 * DAY_H + 1 && hour < 31 * DAY_H + 1 ? 15_000 : 0))
    const isLate = ({ meter, day }: Upload): boolean => meter === 'east' && (day === 30 || day === 31)
    const estate = new Estate()
    for (const upload of [...byDay(late.filter((upload) => !isLate(upload))), ...late.filter(isLate)]) {
      estate.read(upload)
      estate.judge()
    }
    expect(estate.said.length).toBeGreaterThan(0)
    expect(estate.said.filter(({ active, missed }) => active || missed !== true)).toEqual([])
  })

  it('looked at for the first time with months behind it, it tells of what runs, and of no burst that was mended long ago', () => {
    const long = 40 * DAY_H + 14
    const history = byDay(
      uploads(
        60,
        (hour) => running(hour) + (hour >= long && hour < long + 60 ? 9000 : 0) + (hour >= 56 * DAY_H ? 9000 : 0),
      ),
    )
    const estate = new Estate()
    for (const upload of history) estate.read(upload)
    estate.judge()
    expect(estate.said).toMatchObject([{ active: true, since: (START + 56 * DAY_H) * HOUR_MS }])
    const verdicts = [...estate.nights.values()].filter(({ verdict }) => verdict === 'loss')
    expect(verdicts.length).toBeGreaterThan(8)
  })

  it('years that no meter measured are passed over at once', () => {
    const stale = new Estate()
    const reset = [0, 1].map((hour) => Date.UTC(2010, 0, 2, hour))
    stale.read({ meter: 'east', day: 0, at: reset, values: [0, 0] })
    stale.judge()
    for (const upload of byDay(uploads(34, running))) stale.read(upload)
    stale.judge()
    expect(stale.nights.size).toBeLessThan(34 + 20)
    // And leave nothing behind.
    const sound = new Estate()
    for (const upload of byDay(uploads(34, running))) sound.read(upload)
    sound.judge()
    for (const [day, night] of sound.nights) expect(stale.nights.get(day)).toEqual(night)
    expect(stale.said.at(-1)).toMatchObject({ type: 'zoneLoss', reason: expect.stringContaining('14:00') })
  })
})

test('late, doubled and shuffled uploads end in the same nights and findings, judged after any of them', () => {
  const days = 30
  const count = INLETS.length * days
  fc.assert(
    fc.property(
      fc.integer({ min: 16 * DAY_H, max: 29 * DAY_H }),
      fc.integer({ min: 1, max: 10 * DAY_H }),
      fc.integer({ min: 0, max: 20_000 }),
      fc.array(fc.nat(9), { minLength: count, maxLength: count }),
      fc.array(fc.nat(count - 1), { maxLength: 10 }),
      fc.integer({ min: 3, max: 12 }),
      (from, length, litres, lateness, again, every) => {
        const all = uploads(days, (hour) => (hour >= from && hour < from + length ? litres : 0))
        const inOrder = new Estate()
        for (const upload of byDay(all)) {
          inOrder.read(upload)
          if (upload.meter === 'west') inOrder.judge()
        }
        const late = all
          .map((upload, i) => ({ upload, at: upload.day + lateness[i]! }))
          .sort((a, b) => a.at - b.at)
          .map(({ upload }) => upload)
        const other = new Estate()
        for (const [i, upload] of [...late, ...again.map((one) => late[one]!)].entries()) {
          other.read(upload)
          if (i % every === 0) other.judge()
        }
        other.judge()
        expect(other.ending).toEqual(inOrder.ending)
      },
    ),
    { numRuns: 15 },
  )
})
