import { describe, expect, it } from 'vitest'
import { INFLOW_LIMITS, type InflowFinding, newInflow, watchInflow } from './inflow-watch.ts'
import { bandOf, judgeNight, type NightFinding, newNightLoss } from './night-loss.ts'

/** Small scatter that is the same every time: −1…1. */
const wobble = (i: number): number => Math.sin(i * 12.9898) * Math.cos(i * 4.1414)
const WEEK = 168
const DAY = 24

/** A town's flow: people by day, more on Sundays, a little scatter. */
const usual = (hour: number): number => {
  const ofDay = hour % DAY
  const people = 60 * Math.max(0, Math.sin(((ofDay - 5) / 18) * Math.PI))
  return 40 + people * (Math.floor(hour / DAY) % 7 === 6 ? 1.3 : 1) + wobble(hour)
}

function watch(flow: (hour: number) => number | null, hours: number): InflowFinding[] {
  let state = newInflow(INFLOW_LIMITS.windows.length)
  const found: InflowFinding[] = []
  for (let hour = 0; hour < hours; hour++) {
    // Stopped and started again every day: nothing but plain data is carried over.
    if (hour % DAY === 7) state = JSON.parse(JSON.stringify(state))
    const finding = watchInflow(state, hour, flow(hour), INFLOW_LIMITS)
    if (finding !== undefined) found.push(finding)
  }
  return found
}

describe('a district of which only the inflow is measured', () => {
  const start = 5 * WEEK + 3 * DAY + 14

  it('says nothing in ten quiet weeks with their Sundays, gaps and a growing demand', () => {
    expect(watch((hour) => (hour % 97 === 0 ? null : usual(hour) * (1 + hour / 40_000)), 10 * WEEK)).toEqual([])
  })

  it('a main that stands still rings for no litre, and more going out than in is judged like any other', () => {
    expect(watch((hour) => (hour % 101 === 0 ? 0.001 : 0), 12 * WEEK)).toEqual([])
    expect(watch(() => -0.5, 8 * WEEK)).toEqual([])
    const [rise] = watch((hour) => -usual(hour) + (hour >= start ? 30 : 0), 8 * WEEK)
    expect(rise).toMatchObject({ type: 'rise', since: start })
  })

  it('a main that passes on what it takes has nothing but scatter, from the first day on, and then a leak', () => {
    const net = (hour: number): number => wobble(hour) - 0.05
    expect(watch(net, 20 * WEEK)).toEqual([])
    const [rise] = watch((hour) => net(hour) + (hour >= start ? 2 : 0), 8 * WEEK)
    expect(rise?.at).toBeLessThan(start + DAY)
    expect(rise?.m3h).toBeCloseTo(2, 0)
  })

  it('a tank that a pump fills by turns is judged by whole days: no turn of it is a burst, a leak behind it is', () => {
    // Three to four hours at a time, never at the same ones.
    const pumped = (volume: (hour: number) => number) => {
      let level = 100
      let on = false
      return (hour: number): number => {
        level -= volume(hour)
        if (level < 60) on = true
        if (level > 160) on = false
        if (on) level += 44
        return on ? 44 : 0
      }
    }
    const used = (hour: number): number => usual(hour) / 4
    expect(watch(pumped(used), 12 * WEEK)).toEqual([])
    const found = watch(
      pumped((hour) => used(hour) + (hour >= start ? 4 : 0)),
      9 * WEEK,
    )
    expect(found[0]).toMatchObject({ type: 'growth' })
    expect(found[0]!.at - start).toBeLessThan(6 * DAY)
    expect(found.at(-1)!.m3h).toBeGreaterThan(2)
  })

  it('a burst main is told within four hours, with its size, and is over when it is repaired', () => {
    const repaired = start + 200
    const [rise, over] = watch((hour) => usual(hour) + (hour >= start && hour < repaired ? 15 : 0), 8 * WEEK)
    expect(rise).toMatchObject({ type: 'rise' })
    expect(rise!.at - start).toBeLessThanOrEqual(4)
    expect(over).toMatchObject({ type: 'over' })
    expect(over!.at).toBeGreaterThanOrEqual(repaired)
  })

  it('holds its tongue where a pool is filled for two days in every third week, after three times', () => {
    const filled = (hour: number): boolean => hour > 4 * WEEK && hour % (3 * WEEK) >= 30 && hour % (3 * WEEK) < 78
    const found = watch((hour) => usual(hour) + (filled(hour) ? 4 : 0), 30 * WEEK).filter(({ type }) => type === 'rise')
    expect(found.map(({ at }) => Math.floor(at / WEEK))).toEqual([6, 9, 12])
  })

  it('a leak that grows by a fifth of a cubic metre an hour and day is told before it is a tenth of the inflow', () => {
    const found = watch((hour) => usual(hour) + Math.max(0, ((hour - start) / DAY) * 0.4), 9 * WEEK)
    expect(found[0]).toMatchObject({ type: 'growth' })
    expect((found[0]!.at - start) / DAY).toBeLessThan(15)
    expect(found.filter(({ type }) => type === 'growth' || type === 'rise').length).toBe(1)
  })
})

describe('a village whose households are all metered', () => {
  function judge(loss: (day: number) => number, days: number): NightFinding[] {
    let state = newNightLoss()
    const found: NightFinding[] = []
    for (let day = 0; day < days; day++) {
      state = JSON.parse(JSON.stringify(state))
      const finding = judgeNight(state, { day, lossM3h: loss(day), inflowM3h: 3 })
      if (finding !== undefined) found.push(finding)
    }
    return found
  }
  const weeping = (day: number): number => 0.05 + 0.008 * wobble(day)

  it('is quiet on quiet nights and when a main is flushed one night', () => {
    expect(judge((day) => weeping(day) + (day === 20 ? 0.75 : 0), 60)).toEqual([])
  })

  it('an hour of hydrants in the same night of two weeks is no leak where the hours are known', () => {
    const state = newNightLoss()
    for (let day = 0; day < 40; day++) {
      const hoursM3h = [0, 1, 2, 3].map((hour) => weeping(day) + (hour === 2 && day >= 20 && day < 34 ? 3 : 0))
      const lossM3h = hoursM3h.reduce((sum, hour) => sum + hour, 0) / 4
      expect(judgeNight(state, { day, lossM3h, hoursM3h, inflowM3h: 3 })).toBeUndefined()
    }
  })

  it('a leak of three per cent of the inflow is told within three nights, and its repair is seen', () => {
    const [loss, over] = judge((day) => weeping(day) + (day >= 20 && day < 34 ? 0.09 : 0), 50)
    expect(loss).toMatchObject({ type: 'loss' })
    expect(loss!.m3h).toBeCloseTo(0.09, 1)
    expect(judge((day) => weeping(day) + (day >= 20 ? 0.09 : 0), 23)).toHaveLength(1)
    expect(over).toMatchObject({ type: 'over' })
  })

  it('the band of quiet nights is known after a week, holds them, and an open loss does not widen it', () => {
    const state = newNightLoss()
    for (let day = 0; day < 5; day++) judgeNight(state, { day, lossM3h: weeping(day), inflowM3h: 3 })
    expect(bandOf(state)).toBeUndefined()
    for (let day = 5; day < 20; day++) judgeNight(state, { day, lossM3h: weeping(day), inflowM3h: 3 })
    const quiet = bandOf(state)!
    for (let day = 0; day < 40; day++) {
      expect(weeping(day)).toBeGreaterThan(quiet.lowM3h)
      expect(weeping(day)).toBeLessThan(quiet.highM3h)
    }
    for (let day = 20; day < 40; day++) judgeNight(state, { day, lossM3h: 0.4 + weeping(day), inflowM3h: 3 })
    expect(bandOf(state)!.highM3h).toBeLessThan(0.2)
  })
})
