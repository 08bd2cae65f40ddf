import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewEvent } from '../../contract/events.ts'
import type { DutyCheck, Incident, WatchMode } from '../../contract/incidents.ts'
import { watchTarget } from '../../contract/incidents.ts'
import { type Decision, type Decisions, NO_DECISION } from './decisions-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'
import type { Views } from './views-port.ts'

const incident = (id: string, more: Partial<Incident> = {}): Incident => ({
  id,
  kind: 'fire',
  state: 'received',
  mode: 'real',
  verification: 'pre-alarm',
  confirmedBy: null,
  severity: 'CRITICAL',
  premisesId: 'home',
  placeId: 'floor',
  cell: null,
  openedAt: 1000,
  noticedAt: 1000,
  lastAt: 1000,
  alarms: 1,
  devices: 1,
  sources: [],
  confirmedAt: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  dispatchedAt: null,
  onSceneAt: null,
  arrivals: {},
  escalation: { step: 0, nextAt: 31_000 },
  verifyBy: null,
  closedAt: null,
  closedBy: null,
  disposition: null,
  cause: null,
  closingNote: null,
  ...more,
})
const told = (of: Incident, type: 'incident.opened' | 'incident.closed' = 'incident.opened'): NewEvent => ({
  type,
  at: 1001,
  commandId: null,
  actor: null,
  incident: of,
  comment: '',
  alarmId: null,
})

/** What ingest decides about incidents, and what everybody reads of it. */
export function incidentsSuite(name: string, make: () => StateUnderTest): void {
  describe(`${name}: incidents, watch modes and duty checks`, () => {
    const bench = new Bench(make)
    let decisions: Decisions
    let views: Views
    const decide = (parts: Partial<Decision>): Promise<number> => decisions.commit({ ...NO_DECISION, ...parts })
    beforeEach(() => {
      decisions = bench.keep(bench.state.decisions())
      views = bench.keep(bench.state.views())
    })
    afterEach(() => bench.clear())

    test('an incident is stored with its event and found again as it is now', async () => {
      const opened = incident('i1')
      await decide({ incidents: [opened], events: [told(opened)] })
      const closed = incident('i1', { state: 'closed', closedAt: 5000 })
      expect(await views.openIncidents()).toEqual([opened])
      await decide({ incidents: [closed], events: [told(closed, 'incident.closed')] })
      expect(await views.openIncidents()).toEqual([])
      expect(await views.incident('i1')).toEqual(closed)
      expect((await views.eventsOfIncident('i1')).map(({ type }) => type)).toEqual([
        'incident.opened',
        'incident.closed',
      ])
      expect(await views.eventsOfIncident('i2')).toEqual([])
      expect(await decisions.incidents(4000)).toEqual([closed])
      expect(await decisions.incidents(6000)).toEqual([])
      expect(await decisions.incident('i2')).toBeUndefined()
    })

    test('they are listed newest first, by page, by kind and by home', async () => {
      await decide({
        incidents: [
          incident('i1', { noticedAt: 1 }),
          incident('i2', { noticedAt: 2, kind: 'care', premisesId: 'dwelling' }),
          incident('i3', { noticedAt: 3, state: 'closed', closedAt: 9 }),
          incident('i4', { noticedAt: 3 }),
        ],
      })
      const ids = async (filter: Partial<Parameters<Views['incidents']>[0]>): Promise<string[]> =>
        (await views.incidents({ state: 'all', limit: 10, ...filter })).items.map(({ id }) => id)
      expect(await ids({})).toEqual(['i4', 'i3', 'i2', 'i1'])
      expect(await ids({ state: 'open' })).toEqual(['i4', 'i2', 'i1'])
      expect(await ids({ kind: 'care' })).toEqual(['i2'])
      expect(await ids({ premisesId: 'home' })).toEqual(['i4', 'i3', 'i1'])
      const first = await views.incidents({ state: 'all', limit: 3 })
      expect(first).toMatchObject({ total: 4 })
      expect(await ids({ cursor: first.next ?? '' })).toEqual(['i1'])
      expect(await ids({ cursor: 'nonsense' })).toHaveLength(4)
    })

    test('there is one watch mode per target, until it has ended', async () => {
      const drill: WatchMode = {
        placeId: 'home',
        deviceId: null,
        mode: 'drill',
        since: 1,
        until: 9,
        by: '李',
        reason: 'yearly',
      }
      const target = watchTarget(drill)
      await decide({ watchModes: new Map([[target, drill]]) })
      const test_: WatchMode = { ...drill, mode: 'test' }
      await decide({ watchModes: new Map([[target, test_]]) })
      expect(await views.watchModes()).toEqual([test_])
      await decide({ watchModes: new Map([[target, null]]) })
      expect(await decisions.watchModes()).toEqual([])
    })

    test('a duty check runs until it is settled; all of a home are found', async () => {
      const duty: DutyCheck = {
        id: 'd1',
        placeId: 'home',
        askedAt: 1,
        askedBy: '李',
        dueAt: 9,
        answeredAt: null,
        answeredBy: null,
        settled: null,
      }
      await decide({ dutyChecks: [duty, { ...duty, id: 'd2', askedAt: 2, settled: 'unanswered' }] })
      expect(await decisions.openDutyChecks()).toEqual([duty])
      expect(await decisions.dutyCheck('d2')).toMatchObject({ settled: 'unanswered' })
      expect((await views.dutyChecks({ placeId: 'home', limit: 9 })).items.map(({ id }) => id)).toEqual(['d2', 'd1'])
      expect((await views.dutyChecks({ placeId: 'elsewhere', limit: 9 })).total).toBe(0)
    })

    test('resets, attributes and alarms of an incident are known to whoever decides next', async () => {
      await decide({
        placeResets: new Map([['home', 5000]]),
        sightings: [{ deviceId: 'm1', attributes: { cellId: 7 } }],
      })
      expect(await decisions.placeResets(4000)).toEqual(new Map([['home', 5000]]))
      expect(await decisions.placeResets(5000)).toEqual(new Map())
      expect(await decisions.attributes('m1')).toEqual({ cellId: 7 })
      expect(await decisions.attributes('m2')).toEqual({})
    })

    test('who holds all places, or all detectors, is told when they changed', async () => {
      const registry = bench.keep(bench.state.registry())
      const before = await registry.placeRevision()
      await registry.putPlaces([
        { id: 'home', parentId: null, kind: 'home', name: 'h', lon: null, lat: null, contact: null },
      ])
      expect(await registry.placeRevision()).toBeGreaterThan(before)
      const facts = { model: null, placeId: null, gatewayId: null, lon: null, lat: null, rhythmS: null }
      const device = (id: string, kind: 'water-meter' | 'smoke-detector' | 'gateway') => ({
        ...facts,
        id,
        kind,
        name: id,
        secretHash: new Uint8Array(32),
      })
      const kinds = [device('m', 'water-meter'), device('s', 'smoke-detector'), device('g', 'gateway')]
      await registry.put(kinds, { replace: false })
      expect((await registry.fireAndCare()).map(({ id }) => id)).toEqual(['s'])
    })
  })
}
