import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Alarm } from '../../contract/alarms.ts'
import type { NewEvent } from '../../contract/events.ts'
import type { Reason } from '../../contract/reasons.ts'
import { type Decision, type Decisions, type DeviceSighting, NO_DECISION } from './decisions-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'
import type { Views } from './views-port.ts'

const alarm = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  id,
  deviceId: 'd1',
  placeId: null,
  type: 'smoke',
  severity: 'CRITICAL',
  state: 'ACTIVE_UNACK',
  raisedAt: 1000,
  noticedAt: 1001,
  lastAt: 1000,
  count: 1,
  value: 3.1,
  threshold: 0.2,
  unit: 'dB/m',
  reason: '3.1 dB/m',
  reasonZh: '3.1 dB/m',
  test: false,
  ackBy: null,
  ackAt: null,
  clearedAt: null,
  closedBy: null,
  disposition: null,
  incidentId: null,
  ...more,
})

const raised = (a: Alarm): NewEvent => ({ type: 'alarm.raised', at: 1001, commandId: null, actor: null, alarm: a })

const decision = (parts: Partial<Decision>): Decision => ({ ...NO_DECISION, ...parts })

const quarantined = (journalSeq: number, bytes: string | Uint8Array, reason: Reason = 'payload.not-json') => ({
  at: 1000 + journalSeq,
  deviceId: 'd1',
  lane: 'bulk' as const,
  journalSeq,
  kind: 'telemetry' as const,
  sender: 'd1',
  arg: '',
  topic: 'v1/devices/me/telemetry',
  reason,
  detail: 'why',
  bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
})

/** What every store of decisions must hold, seen through its views. */
export function decisionsSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`what ingest decides (${name})`, () => {
    let decisions: Decisions
    let views: Views
    beforeEach(() => {
      decisions = bench.keep(bench.state.decisions())
      views = bench.keep(bench.state.views())
    })
    afterEach(() => bench.clear())

    test('a reader finds an empty state before anything was decided', async () => {
      expect(await decisions.cursor('detect', 'urgent')).toBe(0)
      expect(await views.lastEventSeq()).toBe(0)
      expect(await views.lastRev()).toBe(0)
      expect(await views.eventsAfter(0, 10)).toEqual([])
      expect(await views.totals()).toEqual({ readings: 0, lastReadingAt: null })
      expect(await views.sighting('d1')).toBeUndefined()
      expect(await decisions.commit(decision({}))).toBe(0)
    })

    test('alarm, event, detector state, reading and cursor are stored together', async () => {
      const fire = alarm('a1')
      const seq = await decisions.commit(
        decision({
          cursors: { urgent: 17 },
          sightings: [{ deviceId: 'd1', lastHeardAt: 1001, latest: new Map([['smoke', { value: 3.1, at: 1000 }]]) }],
          detectorStates: new Map([['d1', '{"smoke":{"since":1000}}']]),
          alarms: [fire],
          events: [raised(fire)],
          readings: 2,
        }),
      )
      expect(seq).toBe(1)
      expect(await decisions.cursor('detect', 'urgent')).toBe(17)
      expect(await decisions.cursor('archive', 'urgent')).toBe(0)
      expect(await decisions.detectorState('d1')).toBe('{"smoke":{"since":1000}}')
      expect(await decisions.openAlarms()).toEqual([fire])
      expect(await views.alarm('a1')).toEqual(fire)
      expect(await views.lastEventSeq()).toBe(1)
      expect(await views.eventsAfter(0, 10)).toEqual([{ seq: 1, ...raised(fire) }])
      expect(await views.eventsOfAlarm('a1')).toHaveLength(1)
      expect(await views.totals()).toEqual({ readings: 2, lastReadingAt: 1001 })
      expect(await decisions.lastHeard()).toEqual(new Map([['d1', 1001]]))
      expect(await views.cursors()).toEqual([{ cursor: 'detect', lane: 'urgent', seq: 17 }])
    })

    test('a source has one open alarm of a type: a second one stores nothing of its batch', async () => {
      await decisions.commit(decision({ cursors: { urgent: 1 }, alarms: [alarm('a1')] }))
      const again = alarm('a2', { raisedAt: 2000 })
      await expect(
        decisions.commit(decision({ cursors: { urgent: 2 }, alarms: [again], events: [raised(again)], readings: 1 })),
      ).rejects.toThrow()
      expect(await decisions.cursor('detect', 'urgent')).toBe(1)
      expect((await decisions.openAlarms()).map((a) => a.id)).toEqual(['a1'])
      expect(await views.lastEventSeq()).toBe(0)
      expect((await views.totals()).readings).toBe(0)
    })

    test('another device, another type and another place may be in alarm at the same time', async () => {
      await decisions.commit(
        decision({
          alarms: [
            alarm('a1'),
            alarm('a2', { deviceId: 'd2' }),
            alarm('a3', { type: 'heat' }),
            alarm('a4', { deviceId: null, placeId: 'home-1' }),
          ],
        }),
      )
      expect((await decisions.openAlarms()).map((a) => a.id)).toEqual(['a1', 'a2', 'a3', 'a4'])
    })

    test('in one batch an alarm may end and the next of its kind begin', async () => {
      await decisions.commit(decision({ alarms: [alarm('a1')] }))
      await decisions.commit(
        decision({ alarms: [alarm('a2', { raisedAt: 2000 }), alarm('a1', { state: 'CLEARED_ACK', clearedAt: 1500 })] }),
      )
      expect((await decisions.openAlarms()).map((a) => a.id)).toEqual(['a2'])
      expect((await views.alarm('a1'))?.clearedAt).toBe(1500)
      expect((await decisions.alarm('a1'))?.clearedAt).toBe(1500)
      expect(await decisions.alarm('a9')).toBeUndefined()
    })

    test('an alarm that cleared but was not acknowledged is still open', async () => {
      await decisions.commit(decision({ alarms: [alarm('a1', { state: 'CLEARED_UNACK' })] }))
      expect((await decisions.openAlarms()).map((a) => a.id)).toEqual(['a1'])
    })

    test('events are numbered without gaps, also after a batch that failed', async () => {
      await decisions.commit(decision({ alarms: [alarm('a1')], events: [raised(alarm('a1'))] }))
      await decisions
        .commit(decision({ alarms: [alarm('a2')], events: [raised(alarm('a2')), raised(alarm('a2'))] }))
        .catch(() => undefined)
      const refused: NewEvent = {
        type: 'command.refused',
        at: 5,
        commandId: 'c1',
        actor: '李',
        code: 'alarm.gone',
        message: 'closed already',
      }
      expect(await decisions.commit(decision({ events: [refused, refused] }))).toBe(3)
      expect((await views.eventsAfter(1, 10)).map((e) => [e.seq, e.type, e.actor])).toEqual([
        [2, 'command.refused', '李'],
        [3, 'command.refused', '李'],
      ])
      expect((await views.eventsAfter(0, 2)).map((e) => e.seq)).toEqual([1, 2])
    })

    test('the archive moves its cursor on its own', async () => {
      await decisions.advance('archive', 'bulk', 5)
      await decisions.commit(decision({ cursors: { bulk: 9 } }))
      expect(await decisions.cursor('archive', 'bulk')).toBe(5)
      expect(await decisions.cursor('detect', 'bulk')).toBe(9)
    })

    test('a detector state of null is forgotten', async () => {
      await decisions.commit(decision({ detectorStates: new Map([['d1', '{}']]) }))
      await decisions.commit(decision({ detectorStates: new Map([['d1', null]]) }))
      expect(await decisions.detectorState('d1')).toBeUndefined()
    })

    test('each quantity keeps its newest value, also one that a clock set back has made the newest', async () => {
      const see = (sighting: Omit<DeviceSighting, 'deviceId'>): Promise<number> =>
        decisions.commit(decision({ sightings: [{ deviceId: 'd1', ...sighting }] }))
      await see({
        lastHeardAt: 5000,
        connected: true,
        latest: new Map([
          ['smoke', { value: 0.1, at: 4000 }],
          ['flags', { value: ['fault'], at: 4000 }],
        ]),
        attributes: { firmware: '1.2', site: 'a' },
      })
      await see({
        lastHeardAt: 3500,
        latest: new Map([
          ['smoke', { value: 9, at: 3000 }],
          ['battery', { value: 80, at: 3000 }],
        ]),
        attributes: { firmware: '1.3' },
      })
      const seen = await views.sighting('d1')
      expect(seen).toMatchObject({ lastHeardAt: 3500, connected: true, attributes: { firmware: '1.3', site: 'a' } })
      expect(seen?.latest).toEqual([
        { quantity: 'smoke', value: 9, at: 3000 },
        { quantity: 'flags', value: ['fault'], at: 4000 },
        { quantity: 'battery', value: 80, at: 3000 },
      ])
      await see({ connected: false })
      expect(await views.sighting('d1')).toMatchObject({ lastHeardAt: 3500, connected: false })
    })

    test('every device that a batch touched gets one new rev, also when only its alarm changed', async () => {
      await decisions.commit(decision({ sightings: ['d1', 'd2'].map((deviceId) => ({ deviceId, lastHeardAt: 1 })) }))
      expect(await views.lastRev()).toBe(1)
      await decisions.commit(decision({ alarms: [alarm('a1')], sightings: [{ deviceId: 'd3', connected: true }] }))
      expect(await views.lastRev()).toBe(2)
      expect((await views.sightedAfter(1, 10)).map((s) => s.deviceId).toSorted()).toEqual(['d1', 'd3'])
      expect((await views.sighting('d1'))?.lastHeardAt).toBe(1)
      await decisions.commit(decision({ cursors: { bulk: 1 } }))
      expect(await views.lastRev()).toBe(2)
    })

    test('a page of changed devices never ends in the middle of a batch', async () => {
      const ids = (from: number): DeviceSighting[] =>
        Array.from({ length: 5 }, (_, i) => ({ deviceId: `d${from + i}`, lastHeardAt: 1 }))
      await decisions.commit(decision({ sightings: ids(0) }))
      await decisions.commit(decision({ sightings: ids(5) }))
      const first = await views.sightedAfter(0, 3)
      expect(first.map((s) => s.deviceId).toSorted()).toEqual(['d0', 'd1', 'd2', 'd3', 'd4'])
      const second = await views.sightedAfter(0, 7)
      expect(second).toHaveLength(10)
      expect(await views.sightedAfter(second.at(-1)?.rev ?? 0, 7)).toEqual([])
    })

    test('the alarm list is newest first, by page and by filter', async () => {
      await decisions.commit(
        decision({
          alarms: [
            alarm('a1', { raisedAt: 1000 }),
            alarm('a2', { raisedAt: 3000, deviceId: 'd2', severity: 'MINOR', type: 'leak', state: 'ACTIVE_ACK' }),
            alarm('a3', { raisedAt: 2000, deviceId: 'd2', type: 'burst', severity: 'MAJOR', state: 'CLEARED_UNACK' }),
            alarm('a4', { raisedAt: 2000, deviceId: 'd3', type: 'burst', severity: 'MAJOR', state: 'CLEARED_ACK' }),
          ],
        }),
      )
      const ids = async (filter: Parameters<Views['alarms']>[0]): Promise<string[]> =>
        (await views.alarms(filter)).items.map((a) => a.id)
      expect(await ids({ state: 'active', limit: 10 })).toEqual(['a2', 'a1'])
      expect(await ids({ state: 'open', limit: 10 })).toEqual(['a2', 'a3', 'a1'])
      expect(await ids({ state: 'open', severity: 'MAJOR', limit: 10 })).toEqual(['a3'])
      expect(await ids({ state: 'all', type: 'burst', limit: 10 })).toEqual(['a4', 'a3'])
      expect(await ids({ state: 'all', deviceId: 'd2', limit: 10 })).toEqual(['a2', 'a3'])
      const read: string[] = []
      let cursor: string | undefined
      for (let pages = 0; pages < 10; pages += 1) {
        const page = await views.alarms({ state: 'all', limit: 1, cursor })
        expect(page.total).toBe(4)
        read.push(...page.items.map((a) => a.id))
        if (page.next === null) break
        cursor = page.next
      }
      expect(read).toEqual(['a2', 'a4', 'a3', 'a1'])
      expect(await ids({ state: 'all', limit: 10, cursor: "'; DROP TABLE alarm" })).toHaveLength(4)
    })

    test('a payload that cannot be understood is kept once with all its bytes, however often it is replayed', async () => {
      const binary = new Uint8Array([0x68, 0x10, 0xff, 0x16])
      const entries = [quarantined(1, '{"smoke":NaN}'), quarantined(2, binary, 'raw.bad-frame')]
      await decisions.commit(decision({ quarantine: entries }))
      await decisions.commit(decision({ quarantine: entries }))
      const page = await views.quarantine({ limit: 10 })
      expect(page.total).toBe(2)
      expect(page.items.map((i) => [i.reason, i.size, i.preview])).toEqual([
        ['raw.bad-frame', 4, '6810ff16'],
        ['payload.not-json', 13, '{"smoke":NaN}'],
      ])
      expect(await views.quarantineBytes(page.items[0]?.id ?? 0)).toEqual(binary)
      expect(await views.quarantineBytes(999)).toBeUndefined()
    })

    test('an empty payload lies in quarantine like any other and hides nothing behind it', async () => {
      await decisions.commit(
        decision({ quarantine: [quarantined(1, 'x'), quarantined(2, new Uint8Array(0), 'payload.empty')] }),
      )
      const { items } = await views.quarantine({ limit: 10 })
      expect(items.map(({ size, preview }) => ({ size, preview }))).toEqual([
        { size: 0, preview: '' },
        { size: 1, preview: 'x' },
      ])
      expect(await views.quarantineBytes(items[0]?.id ?? 0)).toEqual(new Uint8Array(0))
    })

    test('the quarantine is read page by page, by device and by reason', async () => {
      await decisions.commit(
        decision({
          quarantine: [1, 2, 3, 4].map((n) => quarantined(n, `${n}`, n % 2 === 0 ? 'payload.empty' : 'payload.shape')),
        }),
      )
      const first = await views.quarantine({ reason: 'payload.empty', limit: 1 })
      expect(first).toMatchObject({ total: 2, items: [{ preview: '4' }] })
      const second = await views.quarantine({ reason: 'payload.empty', limit: 1, cursor: first.next ?? undefined })
      expect(second).toMatchObject({ items: [{ preview: '2' }], next: null })
      expect((await views.quarantine({ deviceId: 'd9', limit: 1 })).items).toEqual([])
    })

    test('an entry that was understood when it was decoded anew no longer waits; one that was not has its new reason', async () => {
      await decisions.commit(decision({ quarantine: [quarantined(1, 'a'), quarantined(2, 'b')] }))
      const [first] = await decisions.quarantined('bulk', 1)
      const [second] = await decisions.quarantined('bulk', 2)
      const tried = { at: 5000, by: '李' }
      const still = { deviceId: 'd1', reason: 'payload.shape', detail: 'no form 7' } as const
      await decisions.commit(
        decision({
          replayed: [
            { id: first?.id ?? 0, ...tried, still: undefined },
            { id: second?.id ?? 0, ...tried, still },
          ],
        }),
      )
      expect(await decisions.quarantined('bulk', 1)).toEqual([])
      expect(await decisions.quarantined('bulk', 2)).toEqual([
        { id: second?.id, deviceId: 'd1', reason: 'payload.shape' },
      ])
      expect((await views.quarantine({ state: 'replayed', limit: 9 })).items).toMatchObject([
        { id: first?.id, triedAt: 5000, triedBy: '李' },
      ])
      expect((await views.quarantine({ state: 'open', limit: 9 })).items).toMatchObject([
        { id: second?.id, ...still, pattern: 'no form #', replayed: false, triedAt: 5000 },
      ])
    })

    test('an entry that takes the reason of one that was understood takes its place', async () => {
      await decisions.commit(decision({ quarantine: [quarantined(1, 'a'), quarantined(1, 'a', 'payload.shape')] }))
      const [json, shape] = await decisions.quarantined('bulk', 1)
      const tried = { at: 5000, by: '李' }
      await decisions.commit(decision({ replayed: [{ id: json?.id ?? 0, ...tried, still: undefined }] }))
      const still = { deviceId: 'd1', reason: 'payload.not-json', detail: 'again' } as const
      await decisions.commit(decision({ replayed: [{ id: shape?.id ?? 0, ...tried, still }] }))
      expect((await views.quarantine({ limit: 9 })).items).toMatchObject([{ id: shape?.id, ...still }])
    })

    test('a long Chinese text is cut between characters, not within one', async () => {
      await decisions.commit(decision({ quarantine: [quarantined(1, `x${'水'.repeat(100)}`)] }))
      expect((await views.quarantine({ limit: 1 })).items[0]?.preview).toBe(`x${'水'.repeat(66)}`)
    })

    test('what was turned away is counted per reason and device, newest first, with its fate', async () => {
      const wrong = { reason: 'auth.unknown-or-wrong', deviceId: 'd1', detail: 'wrong secret' } as const
      await decisions.commit(decision({ rejections: [{ ...wrong, at: 10, count: 2 }] }))
      await decisions.commit(
        decision({
          rejections: [
            { ...wrong, at: 30, count: 3, detail: 'unknown' },
            { reason: 'order.late', deviceId: 'd2', at: 20, count: 1, detail: '' },
            { ...wrong, deviceId: 'd3', at: 5, count: 1 },
          ],
        }),
      )
      const rows = await views.rejections(2)
      expect(rows).toEqual([
        {
          reason: 'auth.unknown-or-wrong',
          fate: 'refused',
          deviceId: 'd1',
          count: 5,
          firstAt: 10,
          lastAt: 30,
          lastDetail: 'unknown',
        },
        { reason: 'order.late', fate: 'set-aside', deviceId: 'd2', count: 1, firstAt: 20, lastAt: 20, lastDetail: '' },
      ])
      expect(await views.rejectionTotals()).toEqual(
        new Map([
          ['auth.unknown-or-wrong', 6],
          ['order.late', 1],
        ]),
      )
    })

    test('every role publishes its own figures, and the last one counts', async () => {
      const metrics = bench.keep(bench.state.roleMetrics())
      await metrics.publish('broker', 1, { 'gate_accepted_total{lane="bulk"}': 4, connections: 2 })
      await metrics.publish('ingest', 2, { connections: 9 })
      await metrics.publish('broker', 3, { connections: 2.5 })
      expect(await views.roleMetrics()).toEqual([
        { role: 'broker', name: 'connections', value: 2.5, at: 3 },
        { role: 'broker', name: 'gate_accepted_total{lane="bulk"}', value: 4, at: 1 },
        { role: 'ingest', name: 'connections', value: 9, at: 2 },
      ])
    })
  })
}
