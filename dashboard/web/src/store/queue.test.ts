import { expect, test } from 'vitest'
import type { Alarm } from '../../../../contract/alarms.ts'
import type { Place } from '../../../../contract/api.ts'
import type { DeviceFacts } from './console-state.ts'
import { compareAlarms, countBySeverity, foldQueue, passes, placeChain, ringing } from './queue.ts'
import { sampleAlarm } from './sample-alarm.ts'

const place = (id: string, parentId: string | null, kind: Place['kind']): Place => ({
  id,
  parentId,
  kind,
  name: id,
  lon: null,
  lat: null,
  contact: null,
})
const places = new Map(
  [
    place('county', null, 'county'),
    place('home', 'county', 'home'),
    place('floor1', 'home', 'floor'),
    place('room101', 'floor1', 'room'),
    place('room102', 'floor1', 'room'),
    place('village', 'county', 'village'),
    place('well', 'village', 'well'),
  ].map((p) => [p.id, p]),
)
const device = (id: string, placeId: string | null): [string, DeviceFacts] => [
  id,
  { id, kind: 'smoke-detector', name: id, lon: null, lat: null, place: { id: placeId, path: [] } },
]
const devices = new Map([device('d1', 'room101'), device('d2', 'room102'), device('m1', 'well'), device('x', null)])
const ids = (alarms: readonly Alarm[]): string[] => alarms.map((alarm) => alarm.id)

test('what nobody has acknowledged comes first, then the worse, then the newer', () => {
  const alarms = [
    sampleAlarm({ id: 'old-ack-fire', severity: 'CRITICAL', state: 'ACTIVE_ACK', raisedAt: 1 }),
    sampleAlarm({ id: 'leak', severity: 'MINOR', raisedAt: 9 }),
    sampleAlarm({ id: 'older-fire', severity: 'CRITICAL', raisedAt: 2 }),
    sampleAlarm({ id: 'newer-fire', severity: 'CRITICAL', raisedAt: 3 }),
    sampleAlarm({ id: 'over-fire', severity: 'CRITICAL', state: 'CLEARED_UNACK', raisedAt: 8 }),
  ]
  expect(ids(alarms.sort(compareAlarms))).toEqual(['newer-fire', 'older-fire', 'over-fire', 'leak', 'old-ack-fire'])
})

test('two smoke detectors of one home are one row with a count', () => {
  const rows = foldQueue(
    [
      sampleAlarm({ id: 'a', deviceId: 'd1', type: 'smoke', raisedAt: 1 }),
      sampleAlarm({ id: 'b', deviceId: 'd2', type: 'smoke', raisedAt: 2 }),
    ],
    devices,
    places,
  )
  expect(rows.map((row) => ({ lead: row.lead.id, members: ids(row.members), unack: row.unacknowledged }))).toEqual([
    { lead: 'b', members: ['b', 'a'], unack: 2 },
  ])
})

test('smoke and heat of one home, and the same alarm of two homes, stay rows of their own', () => {
  const rows = foldQueue(
    [
      sampleAlarm({ id: 'a', deviceId: 'd1', type: 'smoke' }),
      sampleAlarm({ id: 'b', deviceId: 'd2', type: 'heat' }),
      sampleAlarm({ id: 'c', deviceId: 'm1', type: 'smoke' }),
    ],
    devices,
    places,
  )
  expect(rows).toHaveLength(3)
})

test('an alarm whose device has no place, or is not known yet, has its own row', () => {
  const rows = foldQueue(
    [sampleAlarm({ id: 'a', deviceId: 'x' }), sampleAlarm({ id: 'b', deviceId: 'unknown' })],
    devices,
    places,
  )
  expect(rows).toHaveLength(2)
})

test('a fold moves up when one of its members is not acknowledged', () => {
  const rows = foldQueue(
    [
      sampleAlarm({ id: 'leak', deviceId: 'm1', type: 'leak', severity: 'MINOR' }),
      sampleAlarm({ id: 'a', deviceId: 'd1', type: 'smoke', state: 'ACTIVE_ACK' }),
      sampleAlarm({ id: 'b', deviceId: 'd2', type: 'smoke', state: 'ACTIVE_UNACK', raisedAt: 1 }),
    ],
    devices,
    places,
  )
  expect(rows.map((row) => row.lead.id)).toEqual(['b', 'leak'])
})

test('a circle in the registry of places does not hang the console', () => {
  const circle = new Map([place('a', 'b', 'room'), place('b', 'a', 'room')].map((p) => [p.id, p]))
  expect(placeChain('a', circle).length).toBeLessThan(20)
})

test('counts and filters tell fire from water and active from over', () => {
  const fire = sampleAlarm({ id: 'f', type: 'smoke', severity: 'CRITICAL' })
  const over = sampleAlarm({ id: 'o', type: 'leak', severity: 'MINOR', state: 'CLEARED_UNACK' })
  expect(countBySeverity([fire, over]).CRITICAL).toEqual({ open: 1, unacknowledged: 1 })
  expect(passes(fire, { group: 'water', activeOnly: false })).toBe(false)
  expect(passes(over, { group: 'water', activeOnly: false })).toBe(true)
  expect(passes(over, { group: null, activeOnly: true })).toBe(false)
})

test('a fire rings until it is acknowledged, also when the smoke is gone', () => {
  const alarms = new Map(
    [
      sampleAlarm({ id: 'gone', state: 'CLEARED_UNACK', noticedAt: 5 }),
      sampleAlarm({ id: 'seen', state: 'ACTIVE_ACK' }),
      sampleAlarm({ id: 'new', noticedAt: 9 }),
      sampleAlarm({ id: 'leak', severity: 'MINOR' }),
    ].map((alarm) => [alarm.id, alarm]),
  )
  expect(ids(ringing(alarms))).toEqual(['new', 'gone'])
})

test('a fire of yesterday that a replay has found waits without ringing, until it burns again', () => {
  const found = sampleAlarm({ state: 'CLEARED_UNACK', replayed: true })
  expect(ringing(new Map([[found.id, found]]))).toEqual([])
  const burning = { ...found, state: 'ACTIVE_UNACK' as const }
  expect(ringing(new Map([[burning.id, burning]]))).toEqual([burning])
})

test('the banner shows a fire that still burns before a newer one that is over', () => {
  const burning = sampleAlarm({ id: 'burning', state: 'ACTIVE_UNACK', noticedAt: 1 })
  const over = sampleAlarm({ id: 'over', state: 'CLEARED_UNACK', noticedAt: 2 })
  expect(ids(ringing(new Map([over, burning].map((alarm) => [alarm.id, alarm]))))).toEqual(['burning', 'over'])
})
