import { expect, test } from 'vitest'
import type { Alarm } from '../../../../contract/alarms.ts'
import type { Place } from '../../../../contract/api.ts'
import type { DeviceFacts } from './console-state.ts'
import { type AlarmRow, compareAlarms, countBySeverity, passes, placeChain, queueOf, sectionOf } from './queue.ts'
import { sampleAlarm } from './sample-alarm.ts'
import { sampleIncident } from './sample-incident.ts'

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
const EVERYTHING = { group: null, activeOnly: false } as const
const alarmsOf = (alarms: readonly Alarm[]) => new Map(alarms.map((alarm) => [alarm.id, alarm]))
const incidentsOf = (incidents: readonly ReturnType<typeof sampleIncident>[]) =>
  new Map(incidents.map((incident) => [incident.id, incident]))
/** The rows of alarms that belong to no incident. */
const foldQueue = (alarms: readonly Alarm[], known: typeof devices, tree: typeof places): readonly AlarmRow[] =>
  queueOf({ alarms: alarmsOf(alarms), incidents: new Map(), devices: known, places: tree }, EVERYTHING).filter(
    (row) => row.type === 'alarms',
  )
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

test('a pre-alarm stands above a newer outage: people before things', () => {
  const fire = sampleIncident({ id: 'pre-alarm', openedAt: 1 })
  const outage = sampleIncident({ id: 'outage', kind: 'outage', premisesId: null, openedAt: 9 })
  const rows = queueOf({ alarms: new Map(), incidents: incidentsOf([outage, fire]), devices, places }, EVERYTHING)
  expect(rows.map((row) => row.type === 'incident' && row.incident.id)).toEqual(['pre-alarm', 'outage'])
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
  expect(countBySeverity({ alarms: alarmsOf([fire, over]), incidents: new Map() }).CRITICAL).toEqual({
    open: 1,
    unacknowledged: 1,
  })
  expect(passes(fire, { group: 'water', activeOnly: false })).toBe(false)
  expect(passes(over, { group: 'water', activeOnly: false })).toBe(true)
  expect(passes(over, { group: null, activeOnly: true })).toBe(false)
})

test('forty detectors of one home are one row and one count, a single leak beside them another', () => {
  const forty = Array.from({ length: 40 }, (_, i) =>
    sampleAlarm({ id: `a${i}`, deviceId: `d${i}`, type: i % 2 ? 'heat' : 'smoke', incidentId: 'fire' }),
  )
  const leak = sampleAlarm({ id: 'leak', deviceId: 'm1', type: 'leak', severity: 'MINOR' })
  const alarms = alarmsOf([...forty, leak])
  const incidents = incidentsOf([sampleIncident({ id: 'fire', alarms: 40, devices: 40 })])
  const rows = queueOf({ alarms, incidents, devices, places }, EVERYTHING)
  expect(rows.map((row) => row.key)).toEqual(['incident/fire', 'leak@village'])
  expect(countBySeverity({ alarms, incidents })).toMatchObject({
    CRITICAL: { open: 1, unacknowledged: 1 },
    MINOR: { open: 1, unacknowledged: 1 },
  })
})

test('four hundred silent meters of one cell are one row; those that the incident does not answer for are seen', () => {
  const silent = Array.from({ length: 400 }, (_, i) =>
    sampleAlarm({ id: `s${i}`, deviceId: `m${i}`, type: 'silent', severity: 'MINOR', incidentId: 'cell' }),
  )
  const gone = sampleAlarm({ id: 'z', deviceId: 'x', type: 'silent', severity: 'MINOR', incidentId: 'closed-before' })
  const incidents = incidentsOf([sampleIncident({ id: 'cell', kind: 'outage', severity: 'MINOR', devices: 400 })])
  const rows = queueOf({ alarms: alarmsOf([...silent, gone]), incidents, devices, places }, EVERYTHING)
  expect(rows.map((row) => row.key).toSorted()).toEqual(['incident/cell', 'silent@x'])
})

test('a fire stands over a pre-alarm, both over what is in hand, that over a leak, and a drill over none of them', () => {
  const incidents = incidentsOf([
    sampleIncident({ id: 'drill', mode: 'drill', openedAt: 9 }),
    sampleIncident({ id: 'in-hand', acknowledgedBy: 'li', openedAt: 8 }),
    sampleIncident({ id: 'pre', openedAt: 7 }),
    sampleIncident({ id: 'fire', verification: 'confirmed', openedAt: 1 }),
  ])
  const leak = sampleAlarm({ id: 'leak', deviceId: 'm1', type: 'leak', severity: 'MINOR', raisedAt: 9 })
  const rows = queueOf({ alarms: alarmsOf([leak]), incidents, devices, places }, EVERYTHING)
  expect(rows.map((row) => [row.key, sectionOf(row)])).toEqual([
    ['incident/fire', 'urgent'],
    ['incident/pre', 'urgent'],
    ['incident/in-hand', 'working'],
    ['leak@village', 'waiting'],
    ['incident/drill', 'waiting'],
  ])
})
