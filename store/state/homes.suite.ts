import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Responder, Staff } from '../../contract/homes.ts'
import type { DutyCheck, WatchMode } from '../../contract/incidents.ts'
import { NO_DECISION } from './decisions-port.ts'
import type { Homes } from './homes-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

/** What every store of staff, responders and floor plans must hold. */
export function homesSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`homes (${name})`, () => {
    let homes: Homes
    beforeEach(() => {
      homes = bench.keep(bench.state.homes())
    })
    afterEach(() => bench.clear())
    const carer = (id: string, placeId: string): Staff => ({
      id,
      placeId,
      name: '李秀兰',
      duty: 'carer',
      phone: '0635-0000001',
      from: '20:00',
      to: '08:00',
      days: [5, 6],
    })
    const responder = (id: string, more: Partial<Responder> = {}): Responder => ({
      id,
      kind: 'neighbour',
      name: '王守田',
      phone: '',
      lon: 115.98,
      lat: 36.45,
      serves: null,
      engines: 0,
      ...more,
    })
    const plan = { placeId: 'f1', imageId: 'a'.repeat(64), mediaType: 'image/png', width: 800, height: 600 } as const

    test('staff are kept whole, replaced by id, and a home is staffed in the hours of its own people', async () => {
      await homes.putStaff([carer('s1', 'home-1'), carer('s2', 'home-2')])
      expect(await homes.staff(['home-1'])).toEqual([carer('s1', 'home-1')])
      const saturdayNight = Date.parse('2026-11-22T03:00:00+08:00')
      expect(await homes.staffed('home-1', saturdayNight)).toBe(true)
      expect(await homes.staffed('home-1', saturdayNight + 86_400_000)).toBe(false)
      expect(await homes.staffed('home-3', saturdayNight)).toBe(false)
      await homes.putStaff([{ ...carer('s1', 'home-1'), days: [] }])
      expect(await homes.staffed('home-1', saturdayNight + 86_400_000)).toBe(true)
      expect(await homes.removeStaff('s1')).toBe(true)
      expect(await homes.removeStaff('s1')).toBe(false)
      expect((await homes.staff()).map(({ id }) => id)).toEqual(['s2'])
    })

    test('to a place come those who serve it, and those who serve everybody', async () => {
      const post = responder('post', { kind: 'fire-post', engines: 3, lon: null, lat: null })
      await homes.putResponders([post, responder('next-door', { serves: 'home-1' }), responder('x', { serves: 'h2' })])
      expect((await homes.respondersTo(['room-1', 'home-1'])).map(({ id }) => id)).toEqual(['post', 'next-door'])
      expect(await homes.responders({ kind: 'fire-post' })).toEqual([post])
      expect(await homes.removeResponder('post')).toBe(true)
      expect((await homes.responders()).map(({ id }) => id)).toEqual(['next-door', 'x'])
    })

    test('a new image of a floor raises its revision; the pins stay where they are', async () => {
      expect(await homes.setPins('f1', [])).toBeUndefined()
      expect(await homes.putPlan(plan)).toEqual({ ...plan, revision: 1, pins: [] })
      await homes.setPins('f1', [{ deviceId: 'd1', x: 0.25, y: 1 }])
      const second = await homes.putPlan({ ...plan, imageId: 'b'.repeat(64), mediaType: 'image/webp', width: 900 })
      expect(second).toMatchObject({ revision: 2, width: 900, pins: [{ deviceId: 'd1', x: 0.25, y: 1 }] })
      expect(await homes.plan('f1')).toEqual(second)
      expect(await homes.plans(['f1', 'f2'])).toEqual([second])
      expect(await homes.plan('f2')).toBeUndefined()
    })

    test('drills that were announced, the last duty check and what incidents turned out to be are on record', async () => {
      const decisions = bench.keep(bench.state.decisions())
      const drill = (since: number): WatchMode => ({
        placeId: 'home-1',
        deviceId: null,
        mode: 'drill',
        since,
        until: since + 10,
        by: 'wang',
        reason: '夜间演练',
      })
      const duty = (id: string, askedAt: number): DutyCheck => ({
        id,
        placeId: 'home-1',
        askedAt,
        askedBy: 'wang',
        dueAt: askedAt + 10,
        answeredAt: null,
        answeredBy: null,
        settled: null,
      })
      for (const since of [100, 200])
        await decisions.commit({
          ...NO_DECISION,
          watchModes: new Map([['place:home-1', drill(since)]]),
          dutyChecks: [duty(`d-${since}`, since)],
        })
      await decisions.commit({
        ...NO_DECISION,
        watchModes: new Map([
          ['place:home-1', null],
          ['place:home-2', { ...drill(300), placeId: 'home-2', mode: 'test' }],
        ]),
      })
      expect(await homes.drills(['home-1', 'home-2'], 10)).toEqual(
        [200, 100].map((since) => ({ placeId: 'home-1', since, until: since + 10, by: 'wang', reason: '夜间演练' })),
      )
      expect(await homes.lastRecords(['home-1', 'home-2'])).toEqual(
        new Map([['home-1', { lastDrillAt: 200, lastDutyCheck: duty('d-200', 200) }]]),
      )
      expect(await homes.dispositions('home-1', 0)).toEqual({})
    })
  })
}
