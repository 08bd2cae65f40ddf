import { describe, expect, it } from 'vitest'
import { type Network, openNetwork } from './network-engine.ts'
import { dayOfHousehold, spreadHouseholds } from './network-households.ts'
import { networkWorld } from './network-world.ts'
import { branchIntoZones, cutIntoZones } from './network-zones.ts'

/** Two villages on one main, with a loop in the second. */
const INP = `[JUNCTIONS]
a1 10 1
a2 10 2
a3 10 1
b1 12 1
b2 12 2
b3 12 1
[RESERVOIRS]
plant 60
[PIPES]
m plant a1 500 200 130 0 Open
p1 a1 a2 100 150 130 0 Open
p2 a2 a3 100 150 130 0 Open
link a1 b1 900 150 130 0 Open
q1 b1 b2 100 100 130 0 Open
q2 b2 b3 100 100 130 0 Open
q3 b3 b1 100 100 130 0 Open
[OPTIONS]
Units CMH
Headloss H-W
[END]`

const litresOf = (payload: string, quantity: string): number[] => JSON.parse(payload).values[quantity] ?? []

async function play(seed: number, leaksPerMonth: number, days = 24) {
  const network = await openNetwork(INP)
  const world = networkWorld(network, { seed, meters: 40, villages: 2, days, leaksPerMonth })
  return { network, world, days: [...world.days()] }
}

describe('a network of pipes', () => {
  it('is cut where two villages meet and where the plant feeds them', async () => {
    const network: Network = await openNetwork(INP)
    const { boundaries, zoneOf } = cutIntoZones(network, 2)
    const ids = boundaries.map(({ link }) => link.id)
    expect(ids).toEqual(['m', 'link'])
    expect(new Set(zoneOf.values()).size).toBe(2)
  })

  it('hangs villages off its mains by one inlet, shuts every other pipe between them, and does so again for the wells', async () => {
    const network = await openNetwork(INP)
    const { zones, zoneOf, boundaries, closed, wells, wellOf } = branchIntoZones(network, 2, 2)
    const nodeOf = new Map(network.nodes.map(({ id, index }) => [id, index]))
    expect(zones).toBe(3)
    // a1 feeds both villages: it is the mains.
    expect(zoneOf.get(nodeOf.get('a1')!)).toBe(2)
    for (let village = 0; village < 2; village++)
      expect(boundaries.filter(({ from, to }) => from === village || to === village)).toHaveLength(1)
    for (const { from, to } of closed)
      expect(boundaries.some(({ link }) => link.from === from && link.to === to)).toBe(false)
    for (const { zone, inlet } of wells) expect([zoneOf.get(inlet.from), zoneOf.get(inlet.to)]).toEqual([zone, zone])
    for (const [node, well] of wellOf) expect(zoneOf.get(node)).toBe(wells[well]!.zone)
    expect(wells.length).toBeGreaterThan(0)
  })

  it('gives off exactly what its junctions take and its holes lose, step by step', async () => {
    const network = await openNetwork(INP)
    const junctions = network.nodes.filter(({ type }) => type === 'junction').map(({ index }) => index)
    const main = network.links.find(({ id }) => id === 'm')!.index
    const solved = network.solve({
      stepS: 3600,
      steps: 48,
      junctions,
      demand: (step) => Float64Array.from(junctions, (_, i) => 1 + i + step / 10),
      emitters: (step) => (step < 10 ? [] : [{ node: junctions[5]!, coefficient: 0.5 }]),
    })
    let step = 0
    for (const { linkM3, leakedM3 } of solved) {
      const taken = junctions.reduce((sum, _, i) => sum + 1 + i + step / 10, 0)
      const leaked = leakedM3.reduce((sum, m3) => sum + m3, 0)
      expect(leaked > 0).toBe(step >= 10)
      expect(linkM3[main]).toBeCloseTo(taken + leaked, 1)
      step++
    }
    expect(step).toBe(48)
  })

  it('uploads the same readings for the same seed, others for another, and tells no leak in them', async () => {
    const [one, again, other] = [await play(5, 1), await play(5, 1), await play(6, 1)]
    expect(again.days).toEqual(one.days)
    expect(again.world.truth).toEqual(one.world.truth)
    expect(other.days).not.toEqual(one.days)
    expect(JSON.stringify(one.days.map(({ uploads }) => uploads))).not.toContain('leak')
  })

  it('has leaks that really run, from their start to their repair', async () => {
    const { world } = await play(5, 2, 45)
    expect(world.truth.length).toBeGreaterThan(0)
    for (const { ranM3, kind } of world.truth) {
      expect(ranM3.at(-1)).toBeGreaterThan(0)
      if (kind === 'incipient') expect(ranM3[1]!).toBeLessThan(ranM3.at(-1)!)
    }
  })

  it('has registers that never run backwards', async () => {
    const { days } = await play(7, 0, 4)
    const before = new Map<string, number>()
    for (const { uploads } of days)
      for (const { deviceId, payload } of uploads)
        for (const value of litresOf(payload, 'volume')) {
          expect(value).toBeGreaterThanOrEqual(before.get(deviceId) ?? 0)
          before.set(deviceId, value)
        }
  })
})

it('households lie where the demand does', () => {
  expect(spreadHouseholds([1, 0, 3], 8)).toEqual([0, 0, 2, 2, 2, 2, 2, 2])
})

it('a home uses about a hundred litres a person and day', () => {
  const days = Array.from({ length: 200 }, (_, day) =>
    dayOfHousehold(3, 1, 2, day).reduce((sum, litres) => sum + litres, 0),
  )
  const mean = days.reduce((sum, litres) => sum + litres, 0) / days.length
  expect(mean).toBeGreaterThan(160)
  expect(mean).toBeLessThan(280)
})
