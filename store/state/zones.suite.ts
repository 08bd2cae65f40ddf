import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HourSums, ZoneNight } from '../../contract/zones.ts'
import { type Decisions, NO_DECISION } from './decisions-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'
import type { WaterDecision, Zones } from './water-port.ts'

/** What every store of zone accounts must hold. */
export function zonesSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`zones (${name})`, () => {
    let zones: Zones
    let decisions: Decisions
    beforeEach(() => {
      zones = bench.keep(bench.state.zones())
      decisions = bench.keep(bench.state.decisions())
    })
    afterEach(() => bench.clear())
    const store = (water: Partial<WaterDecision>): Promise<number> =>
      decisions.commit({ ...NO_DECISION, water: { ...NOTHING, ...water } })
    const hour = (zone: string, at: number, inflowL: number, more: Partial<HourSums> = {}) => ({
      ...NO_SUMS,
      zone,
      hour: at,
      inflowL,
      ...more,
    })

    test('what is added to an hour and taken from it again is gone; the rest adds up to the litre', async () => {
      const large = 3_600_000 * 300_000
      await store({ hours: [hour('v1', 100, 1200), hour('v1', 143, 5), hour('v2', 100, 1)] })
      await store({ hours: [hour('v1', 100, -1300, { householdL: 7, householdKnownMs: large }), hour('v1', 143, -5)] })
      expect(await zones.hours('v1', 0, 1000)).toEqual([
        { ...NO_SUMS, hour: 100, inflowL: -100, householdL: 7, householdKnownMs: large },
      ])
      expect(await zones.hours('v1', 101, 1000)).toEqual([])
      expect(await zones.hours('v2', 100, 101)).toHaveLength(1)
    })

    test('how many meters there were is known for every hour without looking at one of them', async () => {
      const count = (zone: string, part: 'household' | 'in' | 'out', at: number, change: number) => ({
        zone,
        part,
        hour: at,
        change,
      })
      await store({
        counts: [count('v1', 'household', 0, 240), count('v1', 'in', 0, 1), count('v2', 'out', 10, 1)],
      })
      await store({ counts: [count('v1', 'household', 100, -3), count('v1', 'household', 0, 1)] })
      expect(await zones.meterHours('v1', 90, 110)).toEqual({ household: 241 * 20 - 30, bulk: 20 })
      expect(await zones.meterHours('v1', 0, 0)).toEqual({ household: 0, bulk: 0 })
      expect(await zones.meterHours('v2', 0, 12)).toEqual({ household: 0, bulk: 2 })
      expect(await zones.counts('v1')).toEqual([
        count('v1', 'household', 0, 241),
        count('v1', 'in', 0, 1),
        count('v1', 'household', 100, -3),
      ])
      expect(await zones.zones()).toEqual(['v1', 'v2'])
    })

    test('whoever judges or draws learns which zones have changed since, and from when on', async () => {
      await store({ hours: [hour('v1', 100, 1), hour('v2', 100, 1)] })
      const revision = await zones.revision()
      expect(await zones.changedSince(revision)).toEqual([])
      await store({ hours: [hour('v1', 60, 1), hour('v1', 130, 1)] })
      expect(await zones.changedSince(revision)).toEqual([{ zone: 'v1', firstHour: 48 }])
      await decisions.commit(NO_DECISION)
      expect(await zones.revision()).toBe(revision + 1)
    })

    test('meters, nights and what judging remembers come back as they were stored last', async () => {
      const memberships = [{ meter: 'm1', zone: 'v1', part: 'household', from: 0, to: null }] as const
      await store({ meters: new Map([['m1', { memberships, awaitedFrom: 0, tapes: new Uint8Array([1, 2]) }]]) })
      await store({ meters: new Map([['m1', { memberships, awaitedFrom: 7, tapes: new Uint8Array([3]) }]]) })
      expect(await zones.meter('m1')).toEqual({ memberships, awaitedFrom: 7, tapes: new Uint8Array([3]) })
      expect(await zones.meter('m2')).toBeUndefined()
      const night = (day: number, more: Partial<ZoneNight> = {}) => ({ ...NIGHT, zone: 'v1', day, ...more })
      await store({ nights: [night(5), night(6), night(7)], zoneStates: new Map([['v1', '{}']]) })
      await store({ nights: [night(6, { verdict: 'not-judged', expectedM3h: null })] })
      expect(await zones.nights('v1', 5, 7)).toEqual([
        { ...NIGHT, day: 5 },
        { ...NIGHT, day: 6, verdict: 'not-judged', expectedM3h: null },
      ])
      expect(await zones.lastNights()).toEqual(new Map([['v1', { ...NIGHT, day: 7 }]]))
      expect(await zones.zoneState('v1')).toBe('{}')
      expect(await zones.zoneState('v2')).toBeUndefined()
    })

    test('up to where the topology has been followed is known after a restart', async () => {
      expect(await zones.followed()).toBeUndefined()
      await store({ followed: { registry: 17, places: 3 } })
      await store({})
      expect(await zones.followed()).toEqual({ registry: 17, places: 3 })
    })
  })
}

const NO_SUMS: HourSums = {
  inflowL: 0,
  householdL: 0,
  householdKnownMs: 0,
  householdMeasuredMs: 0,
  bulkMeasuredMs: 0,
}

const NOTHING: WaterDecision = { meters: new Map(), hours: [], counts: [], nights: [], zoneStates: new Map() }

const NIGHT: ZoneNight = {
  day: 5,
  lossM3h: 1.25,
  nightM3h: 6.5,
  inflowM3h: 8,
  expectedM3h: 0.5,
  lowM3h: 0.25,
  highM3h: 0.75,
  reported: 0.96,
  bulkReported: 1,
  verdict: 'loss',
  judgedAt: 1000,
}
