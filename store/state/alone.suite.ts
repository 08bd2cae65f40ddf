import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Away, CITY_RULE, type OwnUse } from '../../contract/alone.ts'
import type { AloneWatches, WatchToPut } from './alone-port.ts'
import { NO_DECISION } from './decisions-port.ts'
import type { Registry } from './registry-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

/** What every store of watched people must hold. */
export function aloneSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`people who live alone (${name})`, () => {
    let alone: AloneWatches
    let registry: Registry
    beforeEach(async () => {
      alone = bench.keep(bench.state.alone())
      registry = bench.keep(bench.state.registry())
      await registry.put([METER], { replace: false })
    })
    afterEach(() => bench.clear())

    test('whoever is entered is watched from then on, and detection learns it with the meter', async () => {
      const before = await registry.revision()
      await alone.put([WATCH], '李雷', 1000)
      expect(await alone.find('m1')).toEqual({ ...WATCH, away: null, judgedFrom: 1000 })
      const { changed } = await registry.changesSince(before)
      expect(changed.map(({ id, alone: facts }) => [id, facts])).toEqual([
        ['m1', { ...CITY_RULE, placeId: 'd1', judgedFrom: 1000, away: null }],
      ])
      await registry.put([{ ...METER, name: '另一名称' }], { replace: true })
      expect((await registry.find('m1'))?.alone?.placeId).toBe('d1')
    })

    test('something new of them leaves their absence; every change is a line of the history', async () => {
      await alone.put([WATCH], '李雷', 1000)
      expect(await alone.note('m1', LEFT, { away: AWAY, judgedFrom: 2000 })).toBe(true)
      await alone.put([{ ...WATCH, contacts: [] }], '韩梅', 3000)
      expect(await alone.find('m1')).toMatchObject({ contacts: [], away: AWAY, judgedFrom: 2000 })
      expect((await alone.history('m1', 10)).map(({ type, by, at }) => [type, by, at])).toEqual([
        ['changed', '韩梅', 3000],
        ['away', '李雷', 2000],
        ['watched', '李雷', 1000],
      ])
      expect(await alone.note('m9', LEFT, {})).toBe(false)
    })

    test('who is watched no longer is unknown to detection; what was said of them stays', async () => {
      await alone.put([WATCH], '李雷', 1000)
      const before = await registry.revision()
      expect(await alone.remove('m1', '李雷', 2000)).toBe(true)
      expect(await alone.remove('m1', '李雷', 2000)).toBe(false)
      expect((await registry.changesSince(before)).changed.map(({ id, alone: facts }) => [id, facts])).toEqual([
        ['m1', undefined],
      ])
      expect((await alone.history('m1', 10)).map(({ type }) => type)).toEqual(['unwatched', 'watched'])
      expect(await alone.all()).toEqual([])
    })

    test('water that runs again ends the absence once, however often it is decided', async () => {
      const decisions = bench.keep(bench.state.decisions())
      await alone.put([WATCH], '李雷', 1000)
      await alone.note('m1', LEFT, { away: AWAY, judgedFrom: 2000 })
      const homecomings = [{ deviceId: 'm1', at: 5000 }]
      await decisions.commit({ ...NO_DECISION, homecomings: [{ deviceId: 'm1', at: AWAY.from }] })
      expect((await alone.find('m1'))?.away).toEqual(AWAY)
      const before = await registry.revision()
      await decisions.commit({ ...NO_DECISION, homecomings })
      await decisions.commit({ ...NO_DECISION, homecomings })
      expect(await alone.find('m1')).toMatchObject({ away: null, judgedFrom: 5000 })
      expect((await registry.changesSince(before)).changed).toHaveLength(1)
      expect(await alone.history('m1', 1)).toMatchObject([{ type: 'back-by-itself', by: null, at: 5000, from: 1500 }])
      expect(await alone.history('m1', 10)).toHaveLength(3)
    })

    test('answers are found by meter and time; what detection remembers, by what was heard since', async () => {
      const decisions = bench.keep(bench.state.decisions())
      await alone.put([WATCH], '李雷', 1000)
      for (const at of [2000, 3000])
        await alone.note('m1', { at, type: 'answer', by: '李雷', answer: 'nobody', stage: 'family', contact: 0 }, {})
      const found = await alone.answersSince(['m1', 'm2'], 2500)
      expect([...found].map(([id, events]) => [id, events.map(({ at, answer }) => [at, answer])])).toEqual([
        ['m1', [[3000, 'nobody']]],
      ])
      expect(await alone.ownUse(-1)).toEqual([])
      await decisions.commit({
        ...NO_DECISION,
        sightings: [{ deviceId: 'm1', lastHeardAt: 10 }],
        detectorStates: new Map([['m1', JSON.stringify({ detectors: { noUse: { memory: USE } } })]]),
      })
      const [heard] = await alone.ownUse(-1)
      expect(heard?.use).toEqual(USE)
      expect(await alone.ownUse(heard?.rev ?? 0)).toEqual([])
    })
  })
}

const METER = {
  id: 'm1',
  kind: 'water-meter',
  name: '水表',
  model: null,
  placeId: 'well-1',
  gatewayId: null,
  lon: null,
  lat: null,
  rhythmS: null,
  secretHash: new Uint8Array(32),
} as const
const WATCH: WatchToPut = {
  deviceId: 'm1',
  placeId: 'd1',
  residentId: 'r1',
  rule: CITY_RULE,
  contacts: [{ stage: 'family', name: '王强', phone: '0635-0001', minutes: 10 }],
}
const AWAY: Away = { from: 1500, until: null, by: '李雷', note: '女儿家' }
const LEFT = { at: 2000, type: 'away', by: '李雷', from: 1500, note: '女儿家' } as const
const USE: OwnUse = { last: [10, 5], still: [3, 2], points: [3, 3, 10, 5], days: [{ day: 20_000, gap: 3 }] }
