import { expect, test } from 'vitest'
import type { Message } from '../../../../contract/channels.ts'
import type { HydrantEvent } from '../../../../contract/events.ts'
import type { Snapshot } from '../../../../contract/live.ts'
import {
  applyDevices,
  applyEvents,
  applyPulse,
  applySnapshot,
  DEVICES_KEPT,
  EMPTY,
  learnDevices,
} from './console-state.ts'
import { sampleAlarm } from './sample-alarm.ts'
import { sampleIncident } from './sample-incident.ts'
import { createStore } from './store.ts'

const SAMPLE_MESSAGE: Message = {
  id: 'm',
  incidentId: '',
  channelId: 'c',
  channelName: 'c',
  occasion: 'opened',
  step: 0,
  state: 'sent',
  attempts: 1,
  createdAt: 0,
  sentAt: 0,
  lastError: null,
}
const counts = { ...EMPTY.counts, ok: 10 }
const snapshot: Snapshot = {
  serverTime: 50_000,
  seq: 10,
  rev: 5,
  openAlarms: [sampleAlarm({ id: 'a' })],
  openIncidents: [sampleIncident({ id: 'i' })],
  watchModes: [],
  devices: counts,
  session: { name: 'li', role: 'dispatcher', mustSetPassword: false },
}
const start = applySnapshot(EMPTY, snapshot, 40_000)
const raised = (seq: number, id: string): HydrantEvent => ({
  seq,
  at: 1,
  commandId: null,
  actor: null,
  type: 'alarm.raised',
  alarm: sampleAlarm({ id }),
})

test('a raised alarm is in the queue, and hearing of it twice changes nothing', () => {
  const batch = { from: 10, to: 11, events: [raised(11, 'b')] }
  const once = applyEvents(start, batch, 40_000).state
  expect([...once.alarms.keys()]).toEqual(['a', 'b'])
  const twice = applyEvents(once, batch, 41_000)
  expect(twice).toEqual({ state: once, gap: false })
})

test('a batch that overlaps what is known applies only what is new', () => {
  const known = applyEvents(start, { from: 10, to: 11, events: [raised(11, 'b')] }, 0).state
  const cleared: HydrantEvent = {
    ...raised(12, 'b'),
    type: 'alarm.closed',
    comment: '',
    alarm: sampleAlarm({ id: 'b', state: 'CLEARED_ACK' }),
  }
  const { state, gap } = applyEvents(known, { from: 9, to: 12, events: [raised(11, 'b'), cleared] }, 0)
  expect(gap).toBe(false)
  expect(state.seq).toBe(12)
  expect([...state.alarms.keys()]).toEqual(['a'])
})

test('an incident changes with its events and leaves when it is closed; what else happens to it is known too', () => {
  const about = { at: 1, commandId: null, actor: 'li', comment: '', alarmId: null }
  const taken = sampleIncident({ id: 'i', acknowledgedBy: 'li' })
  const closed = sampleIncident({ id: 'i', state: 'closed' })
  const once = applyEvents(
    start,
    { from: 10, to: 11, events: [{ ...about, seq: 11, type: 'incident.acknowledged', incident: taken }] },
    0,
  ).state
  expect(once.incidents.get('i')?.acknowledgedBy).toBe('li')
  const message = { ...SAMPLE_MESSAGE, incidentId: 'i' }
  const told = applyEvents(
    once,
    { from: 11, to: 12, events: [{ seq: 12, at: 1, commandId: null, actor: null, type: 'message.sent', message }] },
    0,
  ).state
  expect({ same: told.incidents === once.incidents, seq: told.incidentSeq.get('i') }).toEqual({ same: true, seq: 12 })
  const over = applyEvents(
    told,
    { from: 12, to: 13, events: [{ ...about, seq: 13, type: 'incident.closed', incident: closed }] },
    0,
  ).state
  expect([...over.incidents.keys()]).toEqual([])
})

test('a drill is in force until its end is said; there is one mode for a place', () => {
  const watch = { placeId: 'home', deviceId: null, mode: 'drill' as const, since: 0, until: 900, by: 'li', reason: 'x' }
  const say = (state: typeof start, seq: number, change: Partial<typeof watch>) =>
    applyEvents(
      state,
      {
        from: seq - 1,
        to: seq,
        events: [{ seq, at: 100, commandId: null, actor: 'li', type: 'watch.changed', watch: { ...watch, ...change } }],
      },
      0,
    ).state
  const drill = say(start, 11, {})
  const longer = say(drill, 12, { until: 2000 })
  expect(longer.watchModes.map(({ until }) => until)).toEqual([2000])
  expect(say(longer, 13, { until: 100 }).watchModes).toEqual([])
})

test('a gap is noticed and nothing is applied over it', () => {
  const { state, gap } = applyEvents(start, { from: 13, to: 14, events: [raised(14, 'c')] }, 0)
  expect(gap).toBe(true)
  expect(state).toBe(start)
})

test('a snapshot replaces what was known before, also when the server has started anew', () => {
  const again = applySnapshot(start, { ...snapshot, seq: 2, openAlarms: [sampleAlarm({ id: 'z' })] }, 0)
  expect(again.seq).toBe(2)
  expect([...again.alarms.keys()]).toEqual(['z'])
})

test("a refusal is shown to the one who asked, not to everybody's console", () => {
  const refused = (actor: string): HydrantEvent => ({
    seq: 11,
    at: 1,
    commandId: 'c',
    actor,
    type: 'command.refused',
    code: 'alarm.unknown',
    message: 'no such alarm',
  })
  expect(applyEvents(start, { from: 10, to: 11, events: [refused('li')] }, 0).state.refusal?.message).toBe(
    'no such alarm',
  )
  expect(applyEvents(start, { from: 10, to: 11, events: [refused('wang')] }, 0).state.refusal).toBeNull()
})

test('ages follow the clock of the server, not that of the workstation', () => {
  expect(start.skewMs).toBe(10_000)
  const later = applyPulse(
    start,
    { serverTime: 61_000, lastReadingAt: 60_900, readingsPerMinute: 7, water: 0, notices: [], muted: [] },
    50_000,
  )
  expect(later.skewMs).toBe(11_000)
  expect(later.lastMessageAt).toBe(61_000)
})

test('a device change keeps the place that was asked for, and an old one is ignored', () => {
  const facts = { id: 'd', kind: 'smoke-detector', name: 'old', lon: 1, lat: 2 } as const
  const known = learnDevices(start, [{ ...facts, place: { id: 'room', path: ['home', 'room'] } }])
  const change = { ...facts, name: 'new', status: 'critical', lastHeardAt: 1 } as const
  const next = applyDevices(known, { rev: 6, changes: [change], counts }, 0)
  expect(next.devices.get('d')).toMatchObject({ name: 'new', place: { id: 'room' } })
  expect(applyDevices(next, { rev: 3, changes: [{ ...change, name: 'stale' }], counts }, 0)).toBe(next)
})

test('a night of changing devices does not grow the memory, and devices with an alarm stay', () => {
  let state = learnDevices(start, [{ id: 'device-1', kind: 'smoke-detector', name: 'keep', lon: 0, lat: 0 }])
  for (let rev = 6; rev < 16; rev++) {
    const changes = Array.from({ length: 1000 }, (_, i) => ({
      id: `d${rev}-${i}`,
      kind: 'water-meter' as const,
      name: 'm',
      status: 'ok' as const,
      lon: 0,
      lat: 0,
      lastHeardAt: 0,
    }))
    state = applyDevices(state, { rev, changes, counts }, 0)
  }
  expect(state.devices.size).toBeLessThanOrEqual(DEVICES_KEPT)
  expect(state.devices.has('device-1')).toBe(true)
})

test('many changes before a frame are shown once; the bell hears each at once', () => {
  const flushes: (() => void)[] = []
  const store = createStore(0, (flush) => flushes.push(flush))
  let shown = 0
  const heard: number[] = []
  store.subscribe(() => shown++)
  store.onChange((n) => heard.push(n))
  store.update((n) => n + 1)
  store.update((n) => n + 1)
  store.update((n) => n)
  expect({ scheduled: flushes.length, shown, heard }).toEqual({ scheduled: 1, shown: 0, heard: [1, 2] })
  for (const flush of flushes) flush()
  expect(shown).toBe(1)
})
