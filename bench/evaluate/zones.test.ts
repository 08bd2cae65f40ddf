import { describe, expect, it } from 'vitest'
import { playNetwork } from './network-replay.ts'
import { earlyScore, f1Of, score } from './zone-scoring.ts'

/** A plant, a main of two pipes, and two villages of one street with two branches each. */
const INP = `[JUNCTIONS]
main1 10 0
main2 10 0
a0 10 0
a1 10 2
a2 10 2
b0 12 0
b1 12 2
b2 12 2
[RESERVOIRS]
plant 60
[PIPES]
m1 plant main1 500 200 130 0 Open
m2 main1 main2 900 200 130 0 Open
inA main1 a0 50 150 130 0 Open
wa1 a0 a1 100 100 130 0 Open
wa2 a0 a2 100 100 130 0 Open
inB main2 b0 50 150 130 0 Open
wb1 b0 b1 100 100 130 0 Open
wb2 b0 b2 100 100 130 0 Open
loop a2 b1 700 80 130 0 Open
[OPTIONS]
Units CMH
Headloss H-W
[END]`

describe('villages played through the accounting of production', () => {
  it('find their leaks within three nights and name the meter well', async () => {
    const zones = await playNetwork(INP, {
      seed: 3,
      meters: 80,
      villages: 2,
      wells: 2,
      days: 40,
      leaksPerMonth: 1,
    })
    const leaks = zones.flatMap((zone) => zone.leaks).filter(({ isWhole }) => isWhole)
    expect(leaks.length).toBeGreaterThan(1)
    for (const { delay, named, well, all, before } of leaks) {
      expect(delay).toBeLessThanOrEqual(76)
      expect(well).toMatch(/^well-/)
      expect(named).toBe(well)
      expect(before).toBeLessThan(all)
    }
    expect(zones.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0)).toBe(0)
  })
})

describe('scores of leaks', () => {
  it('credit each leak once and in its own place; what is told of it again is false', () => {
    const leak = { place: 'a', start: 100, end: 200, kind: 'abrupt', m3h: 1 } as const
    const alarms = [90, 120, 150].map((at) => ({ place: 'a', at })).concat({ place: 'b', at: 130 })
    expect(score([leak], alarms, () => 100)).toEqual({ hits: 1, of: 1, delays: [20], falseAlarms: 3 })
    expect(f1Of(1, 0, 3)).toBe(40)
    expect(f1Of(0, 5, 0)).toBe(0)
  })

  it('give full marks for early detection at once, half after a fifth of the leak, none for a miss', () => {
    expect(earlyScore(0, 100)).toBe(1)
    expect(earlyScore(22, 100)).toBeCloseTo(0.5, 1)
    expect(earlyScore(undefined, 100)).toBe(0)
  })
})
