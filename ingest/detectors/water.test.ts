import { describe, expect, it } from 'vitest'
import { meterModel } from './meter-model.ts'
import { DAY, deviceOf, HOUR, MINUTE, Rehearsal, readingsOf, SECOND, T0 } from './rehearsal.ts'

const meter = (model: string | null = null) => new Rehearsal(deviceOf('water-meter', model))

/** Register in m³ with a resolution, from a flow in l/h as a function of time, one value every `step` over `duration`. */
function register(
  duration: number,
  step: number,
  flowAt: (t: number) => number,
  resolutionL = 1,
  startL = 12_345,
): number[] {
  const values: number[] = []
  let litres = startL
  const fine = Math.min(step, MINUTE)
  for (let t = 0; t <= duration; t += fine) {
    if (t % step === 0) values.push((Math.floor(litres / resolutionL + 1e-9) * resolutionL) / 1000)
    litres += (flowAt(t) * fine) / HOUR
  }
  return values
}

/** A family: nothing at night, some use in every hour of the day. */
const family = (t: number): number => {
  const hour = Math.floor((t % DAY) / HOUR)
  const minute = (t % HOUR) / MINUTE
  return hour >= 6 && hour < 23 && minute < 10 ? 300 : 0
}
const leaking = (rate: number) => (t: number) => family(t) + rate

describe('a leak', () => {
  it('is decided by one upload of a whole day, hourly or every quarter of an hour', () => {
    for (const step of [HOUR, 15 * MINUTE]) {
      const house = meter()
      const volume = register(DAY, step, leaking(14))
      const found = house.series(T0, step, { volume })
      expect(found).toMatchObject([{ type: 'leak', active: true, value: 14, unit: 'l/h', since: T0 }])
      expect(found[0]?.reason).toMatch(/^Never below 14 l\/h for 24 h, about 3\d\d l so far$/)
      expect(found[0]?.reasonZh).toMatch(/^24小时内流量从未低于14升\/小时,累计约3\d\d升$/)
    }
  })

  it('where water is expected to run, as in a public toilet, is told from what somebody has set', () => {
    const toilet = (litresPerHour: number): Rehearsal => {
      const house = new Rehearsal({ ...deviceOf('water-meter'), limits: { 'leak.from': 20 } })
      house.series(T0, HOUR, { volume: register(2 * DAY, HOUR, leaking(litresPerHour)) })
      return house
    }
    expect(toilet(14).alarms.get('leak')).toBeUndefined()
    expect(toilet(25).alarms.get('leak')).toMatchObject({ active: true })
  })

  it('of 3 l/h is found with a register of one litre in five days', () => {
    for (const step of [HOUR, 15 * MINUTE, 5 * MINUTE]) {
      const house = meter()
      house.series(T0, step, { volume: register(112 * HOUR, step, leaking(3)) })
      expect(house.said).toEqual([])
      house.series(T0 + 112 * HOUR + step, step, {
        volume: register(122 * HOUR, step, leaking(3)).slice(112 * (HOUR / step) + 1),
      })
      expect(house.alarms.get('leak')).toMatchObject({ active: true })
    }
  })

  it('of 6 l/h is found with a register of ten litres in a week', () => {
    const house = meter()
    house.series(T0, HOUR, { volume: register(7 * DAY, HOUR, leaking(6), 10) })
    expect(house.alarms.get('leak')).toMatchObject({ active: true })
  })

  it('is not a register of ten litres whose home rests for four hours a night', () => {
    const house = meter()
    const busy = (t: number) => (t % DAY >= 1 * HOUR && t % DAY < 5 * HOUR ? 0 : 40)
    house.series(T0, HOUR, { volume: register(14 * DAY, HOUR, busy, 10) })
    expect(house.said).toEqual([])
  })

  it('is not a home that draws a little in every hour of one day', () => {
    const house = meter()
    house.series(T0, HOUR, { volume: register(4 * DAY, HOUR, (t) => (t < 2 * DAY && t > 10 * HOUR ? 5 : family(t))) })
    expect(house.said).toEqual([])
  })

  it('is not a family that rests at night, at any rhythm', () => {
    for (const step of [HOUR, 15 * MINUTE, MINUTE]) {
      const house = meter()
      house.series(T0, step, { volume: register(5 * DAY, step, family) })
      expect(house.said).toEqual([])
    }
  })

  it('is not a family with a single quiet hour a day', () => {
    const busy = (t: number) => (t % DAY >= 3 * HOUR && t % DAY < 4.25 * HOUR ? 0 : 60)
    for (const step of [HOUR / 4, HOUR / 6]) {
      const house = meter()
      house.series(T0, step, { volume: register(5 * DAY, step, busy) })
      expect(house.said).toEqual([])
    }
  })

  it('is found in the flow of a meter without a register', () => {
    const house = meter()
    const flow = Array.from({ length: 25 * 12 }, (_, i) => leaking(14)(i * 5 * MINUTE) / 1000)
    house.series(T0, 5 * MINUTE, { flow })
    expect(house.alarms.get('leak')?.last).toMatchObject({ active: true, value: 14 })
  })

  it('is found when a meter reports every 10 s, one message each', () => {
    const house = meter()
    const volume = register(25 * HOUR, 10 * SECOND, leaking(20))
    for (let i = 0; i < volume.length; i++) house.send(T0 + i * 10 * SECOND, { volume: volume[i]! })
    expect(house.alarms.get('leak')).toMatchObject({ active: true, raised: 1 })
    expect(house.stored().length).toBeLessThan(1000)
  })

  it('that shrinks to a few litres is told with what it is now, never as one of no time and no litres', () => {
    const house = meter()
    const volume = register(4 * DAY, HOUR, (t) => (t < 30 * HOUR ? leaking(80)(t) : 5))
    for (let i = 0; i < volume.length; i++) house.send(T0 + i * HOUR, { volume: volume[i]! })
    expect(house.said.length).toBeGreaterThan(60)
    for (const { reason, reasonZh } of house.said) {
      expect(reason).not.toMatch(/ for 0 | about 0 l/)
      expect(reasonZh).not.toMatch(/^0|约0升/)
    }
    expect(house.alarms.get('leak')?.last).toMatchObject({ active: true, value: 5 })
  })

  it('is over after one hour of standstill, and tells the size it had', () => {
    const house = meter()
    house.series(T0, 15 * MINUTE, { volume: register(30 * HOUR, 15 * MINUTE, leaking(14)) })
    const end = register(30 * HOUR, 15 * MINUTE, leaking(14)).at(-1)!
    const quiet = [1, 2, 3, 4].flatMap((i) => house.send(T0 + 30 * HOUR + i * 15 * MINUTE, { volume: end }))
    expect(quiet.filter(({ active }) => !active)).toMatchObject([{ type: 'leak', at: T0 + 31 * HOUR, value: 0 }])
    expect(house.alarms.get('leak')).toMatchObject({ active: false, raised: 1 })
  })

  it('that was repaired within the upload is told as past', () => {
    const house = meter()
    const volume = register(40 * HOUR, HOUR, (t) => (t < 30 * HOUR ? leaking(50)(t) : 0))
    expect(house.series(T0, HOUR, { volume })).toMatchObject([
      { type: 'leak', active: false, missed: true, value: 50, since: T0 },
    ])
  })

  it('that grows is told with its new size after a day', () => {
    const house = meter()
    house.series(T0, HOUR, { volume: register(3 * DAY, HOUR, (t) => leaking(t < DAY ? 5 : 80)(t)) })
    expect(house.alarms.get('leak')?.last.value).toBe(80)
  })

  it('is neither raised nor cleared by hours that are missing', () => {
    const known = register(60 * HOUR, HOUR, leaking(14))
    const at = (from: number, to: number) =>
      readingsOf(
        Array.from({ length: to - from }, (_, i) => T0 + (from + i) * HOUR),
        { volume: known.slice(from, to) },
      )
    const raised = meter()
    raised.read(at(0, 17))
    raised.read(at(22, 25))
    expect(raised.said).toEqual([])
    raised.read(at(25, 32))
    expect(raised.alarms.get('leak')?.active).toBe(true)
    raised.read(at(50, 51))
    expect(raised.alarms.get('leak')).toMatchObject({ active: true, raised: 1 })
  })

  it('is seen across an upload that was lost, by what was measured before and behind it', () => {
    const house = meter()
    const volume = register(80 * HOUR, HOUR, leaking(14))
    house.series(T0, HOUR, { volume: volume.slice(0, 12) })
    house.series(T0 + 36 * HOUR, HOUR, { volume: volume.slice(36, 46) })
    expect(house.said).toEqual([])
    house.series(T0 + 46 * HOUR, HOUR, { volume: volume.slice(46, 50) })
    expect(house.alarms.get('leak')?.last).toMatchObject({ active: true, since: T0 })
  })

  it('is counted anew when nothing was heard for longer than that', () => {
    const house = meter()
    const volume = register(80 * HOUR, HOUR, leaking(14))
    house.series(T0, HOUR, { volume: volume.slice(0, 20) })
    house.series(T0 + 51 * HOUR, HOUR, { volume: volume.slice(51, 72) })
    expect(house.said).toEqual([])
  })

  it('cannot be judged from one reading a day', () => {
    const house = meter()
    house.series(T0, DAY, { volume: [1, 1.5, 2, 2.5, 3, 3.5] })
    expect(house.said).toEqual([])
  })

  it('of a bulk meter is for the balance of its zone to say', () => {
    const bulk = new Rehearsal(deviceOf('bulk-meter'))
    bulk.series(T0, HOUR, { volume: register(3 * DAY, HOUR, leaking(5000)) })
    expect(bulk.said).toEqual([])
  })

  it("by the meter's flag and by its register is one alarm that names both, over when both are", () => {
    const house = meter()
    const volume = register(30 * HOUR, HOUR, (t) => (t < 27 * HOUR ? leaking(14)(t) : 0))
    house.series(T0, HOUR, { volume: volume.slice(0, 26) })
    expect(house.send(T0 + 26 * HOUR, { volume: volume[26]!, flags: ['leak'] })[0]?.reason).toMatch(
      /^Never below 14 l\/h for 26 h, about \d+ l so far; reported by the device itself$/,
    )
    house.send(T0 + 27 * HOUR, { volume: volume[27]! })
    expect(house.send(T0 + 28 * HOUR, { volume: volume[28]! })).toMatchObject([{ active: true }])
    expect(house.send(T0 + 29 * HOUR, { volume: volume[29]!, flags: [] })).toMatchObject([{ active: false }])
  })

  it('starts anew with another meter', () => {
    const house = meter()
    house.series(T0, HOUR, { volume: register(20 * HOUR, HOUR, leaking(14)) })
    house.series(T0 + 21 * HOUR, HOUR, { volume: register(10 * HOUR, HOUR, leaking(14), 1, 0) })
    expect(house.said).toEqual([])
  })
})

describe('a burst', () => {
  const shower = (t: number) => (t >= HOUR && t < HOUR + 15 * MINUTE ? 700 : 0)

  it.each([
    [15 * MINUTE, 30 * MINUTE],
    [5 * MINUTE, 30 * MINUTE],
    [MINUTE, 30 * MINUTE],
    [HOUR, HOUR],
  ])('of 20 % of Q3 is found by readings every %d ms after %d ms', (step, after) => {
    const house = meter()
    const volume = register(4 * HOUR, step, (t) => (t >= HOUR ? 520 : 0))
    const raisedAt = volume.findIndex((value, i) => house.send(T0 + i * step, { volume: value }).length > 0)
    expect(raisedAt * step).toBeGreaterThanOrEqual(HOUR + after)
    expect(raisedAt * step).toBeLessThanOrEqual(HOUR + after + 5 * MINUTE)
    expect(house.said[0]).toMatchObject({ type: 'burst', active: true, threshold: 0.5, unit: 'm³/h', since: T0 + HOUR })
  })

  it('above the overload flow is found after two minutes, by register and by flow', () => {
    const step = 30 * SECOND
    const byRegister = meter()
    const volume = register(10 * MINUTE, step, (t) => (t >= 2 * MINUTE ? 4000 : 0))
    const registerAt = volume.findIndex((value, i) => byRegister.send(T0 + i * step, { volume: value }).length > 0)
    expect(registerAt * step).toBe(4 * MINUTE)
    const byFlow = meter()
    const flowAt = volume.findIndex((_, i) => byFlow.send(T0 + i * step, { flow: i >= 4 ? 4 : 0 }).length > 0)
    expect(flowAt * step).toBe(4 * MINUTE)
    expect(byFlow.said[0]?.reason).toBe("Flow 4 m³/h, above the meter's overload flow of 3.13 for 2 min")
  })

  it('that is over within the upload is told as past', () => {
    const house = meter()
    const volume = register(DAY - 15 * MINUTE, 15 * MINUTE, (t) => (t >= 2 * HOUR && t < 5 * HOUR ? 900 : 0))
    expect(house.series(T0, 15 * MINUTE, { volume })).toMatchObject([
      { type: 'burst', active: false, missed: true, value: 0.9, since: T0 + 2 * HOUR },
    ])
  })

  it('is over when the flow falls below half the limit', () => {
    const house = meter()
    const volume = register(8 * HOUR, 15 * MINUTE, (t) => (t < 2 * HOUR ? 900 : t < 4 * HOUR ? 300 : 100))
    for (let i = 0; i < volume.length; i++) house.send(T0 + i * 15 * MINUTE, { volume: volume[i]! })
    expect(house.alarms.get('burst')).toMatchObject({ active: false, raised: 1, last: { at: T0 + 4.25 * HOUR } })
  })

  it('is neither a lawn sprinkler on its third morning, nor a hose that was over before its upload came', () => {
    const house = meter()
    const known = 9 * DAY
    const sprinkler = (t: number) => (t > known && t % DAY >= 5 * HOUR && t % DAY < 7.35 * HOUR ? 2000 : 0)
    const volume = register(known + 5 * DAY, HOUR, sprinkler)
    for (let day = 0; day < 14; day++)
      house.series(T0 + day * DAY, HOUR, { volume: volume.slice(day * 24, day * 24 + 24) })
    expect(house.alarms.get('burst')).toMatchObject({ active: false, raised: 2 })
    const hose = meter()
    hose.series(T0, HOUR, { volume: register(DAY, HOUR, (t) => (t >= 9 * HOUR && t < 9.9 * HOUR ? 700 : 0)) })
    expect(hose.said).toEqual([])
  })

  it('is a sprinkler that does not stop', () => {
    const known = 9 * DAY
    const volume = register(known + 4 * DAY, HOUR, (t) =>
      t > known && t % DAY >= 5 * HOUR && (t > known + 3 * DAY || t % DAY < 7.35 * HOUR) ? 2000 : 0,
    )
    const house = meter()
    for (let day = 0; day < 13; day++)
      house.series(T0 + day * DAY, HOUR, { volume: volume.slice(day * 24, day * 24 + 24) })
    expect(house.alarms.get('burst')).toMatchObject({ active: true, raised: 3 })
  })

  it('is no shower of a quarter of an hour', () => {
    for (const step of [MINUTE, 15 * MINUTE, HOUR]) {
      const house = meter()
      house.series(T0, step, { volume: register(4 * HOUR, step, shower) })
      expect(house.said).toEqual([])
    }
  })

  it('is judged by the size of the meter', () => {
    const flow = (t: number) => (t >= HOUR ? 700 : 0)
    const big = meter('NB-IoT DN20')
    big.series(T0, 15 * MINUTE, { volume: register(4 * HOUR, 15 * MINUTE, flow) })
    expect(big.said).toEqual([])
    const small = meter('NB-IoT DN15')
    small.series(T0, 15 * MINUTE, { volume: register(4 * HOUR, 15 * MINUTE, flow) })
    expect(small.alarms.get('burst')?.active).toBe(true)
  })

  it('is found between the slips of a flow sensor', () => {
    const house = meter()
    for (let i = 0; i < 40 * 6; i++) house.send(T0 + i * 10 * SECOND, { flow: i % 20 === 7 ? 40_000 : 0.8 })
    expect(house.alarms.get('burst')?.active).toBe(true)
  })

  it('is neither a slip of the flow sensor nor an exchanged register', () => {
    const house = meter()
    for (let i = 0; i < 60; i++)
      house.send(T0 + i * 10 * SECOND, { flow: i % 7 === 3 ? 20 : i % 11 === 5 ? 40_000 : 0 })
    expect(house.said).toEqual([])
    const exchanged = meter()
    exchanged.series(T0, HOUR, { volume: [5, 5, 5, 905, 905, 905] })
    expect(exchanged.said).toEqual([])
  })
})

describe('a stuck register', () => {
  it('is one that stands for three days in which its meter saw water run once', () => {
    const house = meter()
    const flow = Array.from({ length: 71 }, (_, i) => (i === 30 ? 0.4 : 0))
    house.series(T0, HOUR, { volume: flow.map(() => 7), flow })
    expect(house.said).toEqual([])
    house.series(T0 + 71 * HOUR, HOUR, { volume: [7, 7], flow: [0, 0] })
    expect(house.alarms.get('stuck')?.active).toBe(true)
  })

  it('is one that stands for a day while its own meter sees water run', () => {
    const house = meter()
    const flow = Array.from({ length: 96 }, (_, i) => (i === 30 || i === 70 ? 0.4 : 0))
    house.series(T0, 15 * MINUTE, { volume: flow.map(() => 7), flow })
    expect(house.said).toEqual([])
    house.series(T0 + DAY, 15 * MINUTE, { volume: [7, 7], flow: [0, 0] })
    expect(house.alarms.get('stuck')?.last).toMatchObject({ active: true, value: 0.4, since: T0 })
    house.send(T0 + 2 * DAY, { volume: 7.001, flow: 0 })
    expect(house.alarms.get('stuck')).toMatchObject({ active: false, raised: 1 })
  })

  it('is not a home where nobody is', () => {
    const house = meter()
    house.series(T0, HOUR, {
      volume: Array.from({ length: 24 * 40 }, () => 7),
      flow: Array.from({ length: 24 * 40 }, () => 0),
    })
    expect(house.said).toEqual([])
  })
})

describe('a meter that is too small', () => {
  const market = (t: number) => (t % DAY >= 6 * HOUR && t % DAY < 14 * HOUR ? 2900 : 200)

  it('passes more than its Q3 for six hours: one case, however often it comes, over after a day without', () => {
    for (const step of [HOUR, 15 * MINUTE]) {
      const shop = meter('DN15')
      const volume = register(5 * DAY, step, (t) => (t < 3 * DAY ? market(t) : 200))
      for (let i = 0; i < volume.length; i++) shop.send(T0 + i * step, { volume: volume[i]! })
      const said = shop.said.filter(({ type }) => type === 'undersized')
      expect(said[0]).toMatchObject({ active: true, value: 2.9, threshold: 2.5, unit: 'm³/h', since: T0 + 6 * HOUR })
      expect(shop.alarms.get('undersized')).toMatchObject({ active: false, raised: 1 })
      expect(said.at(-1)?.at).toBe(T0 + 2 * DAY + 14 * HOUR + DAY)
    }
  })

  it('is judged by its model, and by its flow where it has no register', () => {
    const large = meter('DN20')
    large.series(T0, HOUR, { volume: register(DAY, HOUR, market) })
    expect(large.alarms.has('undersized')).toBe(false)
    const byFlow = meter('DN15')
    byFlow.series(T0, 15 * MINUTE, { flow: Array.from({ length: 40 }, () => 2.9) })
    expect(byFlow.alarms.get('undersized')?.active).toBe(true)
  })

  it('is no bulk meter of which nobody has said how large it is', () => {
    const volume = register(2 * DAY, HOUR, () => 30_000)
    const unknown = new Rehearsal(deviceOf('bulk-meter'))
    unknown.series(T0, HOUR, { volume })
    expect(unknown.said).toEqual([])
    const known = new Rehearsal(deviceOf('bulk-meter', 'Ultrasonic DN50'))
    known.series(T0, HOUR, { volume })
    expect(known.alarms.get('undersized')?.last).toMatchObject({ active: true, value: 30, threshold: 25 })
  })

  it('is not one that passes it for five hours', () => {
    const shop = meter('DN15')
    shop.series(T0, HOUR, { volume: register(DAY, HOUR, (t) => (t % DAY < 5 * HOUR ? 2900 : 0)) })
    expect(shop.alarms.has('undersized')).toBe(false)
  })
})

describe('the size of a meter', () => {
  it.each([
    [null, 2500, 3125],
    ['LXS-15E', 2500, 3125],
    ['NB-LXS DN20', 4000, 5000],
    ['flowIQ 2200 Q3 6.3', 6300, 7875],
    ['dn-40', 16_000, 20_000],
  ])('%s has Q3 %d and Q4 %d l/h', (model, q3, q4) => {
    expect(meterModel(model)).toMatchObject({ q3, q4 })
  })
})

describe('reverse flow', () => {
  it('is found by a reverse register that grows for a quarter of an hour', () => {
    const house = meter()
    const values = [0.1, 0.1, 0.101, 0.103, 0.105, 0.107]
    const raised = values.findIndex((value, i) => house.send(T0 + i * 5 * MINUTE, { reverseVolume: value }).length > 0)
    expect(raised).toBe(4)
    expect(house.said[0]).toMatchObject({ type: 'reverse', active: true, value: 5, unit: 'l', since: T0 + 5 * MINUTE })
  })
  it('is found in an hourly upload, and told as past when it ended in it', () => {
    const house = meter()
    const found = house.series(T0, HOUR, { reverseVolume: [0, 0, 0.02, 0.02, 0.02], volume: [1, 1, 1, 1, 1] })
    expect(found).toMatchObject([{ type: 'reverse', active: false, missed: true, value: 20 }])
  })
  it('is found by a register that falls, and by negative flow', () => {
    const byRegister = meter()
    byRegister.series(T0, 5 * MINUTE, { volume: [1, 0.99, 0.98, 0.97, 0.96] })
    expect(byRegister.alarms.get('reverse')?.active).toBe(true)
    const byFlow = meter()
    byFlow.series(T0, MINUTE, { flow: Array.from({ length: 21 }, () => -0.1) })
    expect(byFlow.alarms.get('reverse')?.active).toBe(true)
  })
  it('is over after an hour without', () => {
    const house = meter()
    house.series(T0, 5 * MINUTE, { reverseVolume: [0, 0.01, 0.02, 0.03, 0.04] })
    const active = Array.from(
      { length: 13 },
      (_, i) => house.send(T0 + (25 + i * 5) * MINUTE, { reverseVolume: 0.04 })[0]?.active,
    )
    expect(active.indexOf(false)).toBe(11)
    expect(house.alarms.get('reverse')).toMatchObject({ active: false, raised: 1 })
  })
  it('is not the litre that a pressure swing pushes back, nor a single negative value', () => {
    const house = meter()
    house.series(T0, 15 * MINUTE, { reverseVolume: [0, 0.001, 0.001, 0.002, 0.002, 0.002] })
    house.series(T0 + 2 * HOUR, MINUTE, { flow: [0, -1, 0, 0.1, -0.5, 0.1] })
    expect(house.said).toEqual([])
  })
  it('is not an exchanged meter', () => {
    const house = meter()
    house.series(T0, HOUR, { volume: [900, 900, 5, 5, 5] })
    expect(house.said).toEqual([])
  })
})

it('a burst begins at a fifth of Q3, or at the share that somebody has set for the meter or its place', () => {
  const school = (share: number): Rehearsal => {
    const house = new Rehearsal({ ...deviceOf('water-meter'), limits: { 'burst.share': share } })
    // Q3 2.5 m³/h: 5 % are 125 l/h.
    house.series(T0, 5 * MINUTE, { volume: register(HOUR, 5 * MINUTE, () => 200) })
    return house
  }
  expect(school(20).alarms.get('burst')).toBeUndefined()
  expect(school(5).alarms.get('burst')?.last.threshold).toBe(0.13)
})
