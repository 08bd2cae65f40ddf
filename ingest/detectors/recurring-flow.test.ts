import { describe, expect, it } from 'vitest'
import type { Readings } from '../../contract/readings.ts'
import { continuousFlow } from './continuous-flow.ts'
import type { Detector, DetectorInput, DeviceFacts, Finding } from './detector.ts'
import { recurringFlow } from './recurring-flow.ts'
import { DAY, deviceOf, HOUR, Rehearsal, readingsOf, T0 } from './rehearsal.ts'

/** l in each hour of a home: T0 is midnight in Beijing. */
type Hours = number[]

/** The same tries at each run: multiplicative congruence of Lehmer. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** A family of three: nothing between eleven and six but one flush a night, 5 to 60 l in two hours out of three by day. */
function family(days: number, seed = 7): Hours {
  const random = dice(seed)
  return Array.from({ length: days * 24 }, (_, hour) => {
    const time = hour % 24
    if (time === 3) return random() < 0.5 ? 6 : 0
    return time < 6 || time > 22 || random() < 1 / 3 ? 0 : Math.round(5 + 55 * random())
  })
}

/** Adds `rate` from hour to hour. */
function run(hours: Hours, rate: number, from: number, to: number): void {
  for (let hour = Math.floor(from); hour < to; hour++)
    hours[hour]! += rate * (Math.min(to, hour + 1) - Math.max(from, hour))
}

/** A flapper that seats now and then: it runs for three to seven hours and rests for two to six. */
function flapper(hours: Hours, rate: number, from: number, to: number, seed = 3): void {
  const random = dice(seed)
  for (let at = from; at < to; at += 2 + 4 * random()) {
    const end = Math.min(to, at + 3 + 4 * random())
    run(hours, rate, at, end)
    at = end
  }
}

/** What a register shows, uploaded once a day. */
function uploads(hours: Hours, step = 1): readonly Readings[] {
  let litres = 812_345
  const shown = hours.map((drawn) => {
    litres += drawn
    return (Math.floor(litres / step + 1e-9) * step) / 1000
  })
  return Array.from({ length: hours.length / 24 }, (_, day) =>
    readingsOf(
      Array.from({ length: 24 }, (_, i) => T0 + (day * 24 + i + 1) * HOUR),
      { volume: shown.slice(day * 24, day * 24 + 24) },
    ),
  )
}

const BOTH = [continuousFlow, recurringFlow]

function told(hours: Hours, { step = 1, device = deviceOf('water-meter') } = {}): Rehearsal {
  const meter = new Rehearsal(device, BOTH)
  for (const upload of uploads(hours, step)) meter.read(upload)
  return meter
}

const raisedOf = (meter: Rehearsal): readonly Finding[] => meter.said.filter(({ type }) => type === 'intermittentLeak')

describe('water that stops and runs again at the same rate', () => {
  const hours = family(40)
  flapper(hours, 14, 25 * 24 + 5, 33 * 24)

  it('is told within a week, by how often, how long and how much, also at night', () => {
    const meter = told(hours)
    const [first] = raisedOf(meter)
    expect(first).toMatchObject({ type: 'intermittentLeak', active: true, unit: 'l/h' })
    expect(first?.value).toBeCloseTo(14, -0.5)
    expect(first!.at).toBeLessThan(T0 + 32 * DAY)
    expect(first!.since).toBeGreaterThanOrEqual(T0 + 25 * DAY)
    expect(first?.reason).toMatch(
      /^Stops and runs again: \d times on \d days, for up to \d h, always at 14 l\/h, also at night; at least \d+ l a day$/,
    )
    expect(first?.reasonZh).toMatch(/^时停时流:\d天内\d次,每次最长\d小时,流量均约14升\/小时,夜间也有;每天至少\d+升$/)
    // It stands still every day: no leak by the makers' rule.
    expect(meter.alarms.get('leak')).toBeUndefined()
  })

  it('is over when it has stayed away for five days of readings', () => {
    const last = raisedOf(told(hours)).at(-1)
    expect(last).toMatchObject({ active: false })
    expect(last!.at).toBeGreaterThanOrEqual(T0 + 37 * DAY)
    expect(last?.reason).toContain('it has not run for five days')
    // Nobody knows of days that are missing.
    expect(hear(uploads(hours), [33, 34, 35, 36]).at(-1)).toMatchObject({ active: true })
  })

  it('is told once, however it was cut into messages and whatever was stored between them', () => {
    const meter = new Rehearsal(deviceOf('water-meter'), BOTH)
    for (const { at, fields } of uploads(hours))
      for (const [i, time] of at.entries()) meter.send(time, { volume: fields[0]!.values[i]! })
    expect(meter.alarms.get('intermittentLeak')).toMatchObject({ active: false, raised: 1 })
    expect(JSON.parse(meter.stored())).toEqual(JSON.parse(told(hours).stored()))
  })

  it('is told of a dial of ten litres where it is large enough to move it', () => {
    const large = family(40)
    flapper(large, 65, 25 * 24 + 5, 36 * 24)
    expect(raisedOf(told(large, { step: 10 })).at(0)).toMatchObject({ active: true })
  })

  it('is not told below what was set for this meter: a public toilet', () => {
    const device: DeviceFacts = { ...deviceOf('water-meter'), limits: { 'leak.from': 30 } }
    expect(raisedOf(told(hours, { device }))).toEqual([])
  })

  it('is remembered in less than a kilobyte', () => {
    const meter = new Rehearsal(deviceOf('water-meter'), [recurringFlow])
    for (const upload of uploads(hours)) {
      meter.read(upload)
      expect(meter.stored().length).toBeLessThan(1000)
    }
  })
})

describe('what is no leak that comes and goes', () => {
  it('is a family, at any time of two months', () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(raisedOf(told(family(60, seed)))).toEqual([])
  })

  it('is drip irrigation: it comes at its hour', () => {
    const hours = family(60)
    for (let day = 25; day < 60; day++) run(hours, 42, day * 24 - 1.1, day * 24 + 2.9)
    expect(raisedOf(told(hours))).toEqual([])
  })

  it('is a tank on the roof that has always filled again after meals; a new flow in that home is one', () => {
    const tank = (): Hours => {
      const hours = new Array<number>(60 * 24).fill(0)
      const random = dice(11)
      for (let day = 0; day < 60; day++)
        for (const meal of [7, 13, 19]) {
          hours[day * 24 + meal]! += 40
          run(hours, 12, day * 24 + meal + 1, day * 24 + meal + 2 + 3 * random())
        }
      return hours
    }
    expect(raisedOf(told(tank()))).toEqual([])
    const hours = tank()
    flapper(hours, 30, 40 * 24, 48 * 24)
    expect(raisedOf(told(hours)).at(0)).toMatchObject({ active: true })
  })

  it('is a leak that never stops: that is told as a leak, and not again when it is repaired', () => {
    const hours = family(45)
    run(hours, 20, 25 * 24 + 5, 35 * 24)
    const meter = told(hours)
    expect(raisedOf(meter)).toEqual([])
    expect(meter.alarms.get('leak')).toMatchObject({ active: false, raised: 1 })
  })

  it('goes over when it does not stop any more, and the leak takes its place', () => {
    const hours = family(50)
    flapper(hours, 25, 25 * 24 + 5, 33 * 24)
    run(hours, 25, 33 * 24, 45 * 24)
    const meter = told(hours)
    const end = raisedOf(meter).find(({ active }) => !active)
    expect(end?.reason).toContain('it does not stop any more')
    expect(meter.said.find(({ type, at }) => type === 'leak' && at <= end!.at + DAY)).toMatchObject({ active: true })
    for (const { at } of meter.said.filter(({ type, active }) => type === 'leak' && active))
      expect(raisedOf(meter).some((one) => one.active && one.at === at)).toBe(false)
  })
})

describe('an upload that is missing', () => {
  it('ends what was running unseen: nothing is concluded across it, and nothing that its days would take back', () => {
    const hours = family(40)
    flapper(hours, 14, 25 * 24 + 5, 36 * 24)
    const all = uploads(hours)
    const [whole] = hear(all, [])
    for (let missing = 24; missing < 34; missing++) {
      const [first] = hear(all, [missing])
      // Less is known, never something else: what is told without it is told no earlier.
      expect(first!.at).toBeGreaterThanOrEqual(whole!.at)
    }
  })
})

/** What is told when uploads are missing that may still come. */
function hear(all: readonly Readings[], missing: readonly number[]): readonly Finding[] {
  const device = deviceOf('water-meter')
  const detector: Detector<unknown> = recurringFlow
  let state = detector.initial
  let last: number | undefined
  const told: Finding[] = []
  for (const [day, readings] of all.entries()) {
    if (missing.includes(day)) continue
    const after = missing.includes(day - 1) && last !== undefined ? { after: last } : {}
    const input: DetectorInput = { type: 'readings', device, readings, arrivedAt: 0, ...after }
    const { state: next, findings } = detector.step(state, input)
    state = next
    last = readings.at[readings.at.length - 1]
    told.push(...findings)
  }
  return told
}
