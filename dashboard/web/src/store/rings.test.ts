import { expect, test } from 'vitest'
import type { Alarm } from '../../../../contract/alarms.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { notices, ringing } from './rings.ts'
import { sampleAlarm } from './sample-alarm.ts'
import { sampleIncident } from './sample-incident.ts'

const heard = (alarms: readonly Alarm[], incidents: readonly Incident[] = []) => ({
  alarms: new Map(alarms.map((alarm) => [alarm.id, alarm])),
  incidents: new Map(incidents.map((incident) => [incident.id, incident])),
})
const keys = (...told: Parameters<typeof heard>): string[] => ringing(heard(...told)).map(({ key }) => key)

test('forty detectors of one home are one ring, until a named person takes the incident', () => {
  const forty = Array.from({ length: 40 }, (_, i) => sampleAlarm({ id: `a${i}`, incidentId: 'fire' }))
  expect(keys(forty, [sampleIncident({ id: 'fire', alarms: 40 })])).toEqual(['incident/fire/pre-alarm'])
  expect(keys(forty, [sampleIncident({ id: 'fire', alarms: 40, acknowledgedBy: 'li' })])).toEqual([])
})

test('a pre-alarm that becomes a fire rings as another one: who muted the first hears the second', () => {
  const fire = sampleIncident({ id: 'i', verification: 'confirmed' })
  expect(ringing(heard([], [fire]))).toMatchObject([{ key: 'incident/i/fire', urgency: 'fire' }])
})

test('a confirmed fire rings before a newer pre-alarm', () => {
  const pre = sampleIncident({ id: 'pre', noticedAt: 9 })
  const fire = sampleIncident({ id: 'fire', verification: 'confirmed', noticedAt: 1 })
  expect(keys([], [pre, fire])).toEqual(['incident/fire/fire', 'incident/pre/pre-alarm'])
})

test('a test, a drill and an outage do not ring: they chime once', () => {
  const quiet = [
    sampleIncident({ id: 'test', mode: 'test', noticedAt: 5 }),
    sampleIncident({ id: 'drill', mode: 'drill', noticedAt: 6 }),
    sampleIncident({ id: 'cell', kind: 'outage', severity: 'CRITICAL', noticedAt: 7 }),
  ]
  const real = sampleIncident({ id: 'real' })
  expect(keys([], quiet)).toEqual([])
  expect(notices(heard([], [...quiet, real]).incidents).map(({ key }) => key)).toEqual(['test', 'drill', 'cell'])
})

test('a duty check that nobody answers rings until somebody takes it, however small it is', () => {
  expect(keys([], [sampleIncident({ id: 'd', kind: 'duty', severity: 'MAJOR' })])).toEqual(['incident/d/pre-alarm'])
})

test('an alarm whose incident is closed or not known rings by itself: better one ring too many', () => {
  expect(keys([sampleAlarm({ id: 'a', incidentId: 'nobody-knows' })])).toEqual(['a'])
})

test('an alarm of an isolated detector is recorded and does not ring', () => {
  expect(keys([sampleAlarm({ id: 'a', mode: 'isolated' })])).toEqual([])
})

test('a fire without an incident rings until it is acknowledged, also when the smoke is gone', () => {
  expect(
    keys([
      sampleAlarm({ id: 'gone', state: 'CLEARED_UNACK', noticedAt: 5 }),
      sampleAlarm({ id: 'seen', state: 'ACTIVE_ACK' }),
      sampleAlarm({ id: 'new', noticedAt: 9 }),
      sampleAlarm({ id: 'leak', severity: 'MINOR' }),
    ]),
  ).toEqual(['new', 'gone'])
})

test('a fire of yesterday that a replay has found waits without ringing, until it burns again', () => {
  const found = sampleAlarm({ state: 'CLEARED_UNACK', replayed: true })
  expect(keys([found])).toEqual([])
  expect(keys([{ ...found, state: 'ACTIVE_UNACK' }])).toEqual([found.id])
})

test('the banner shows a fire that still burns before a newer one that is over', () => {
  const burning = sampleAlarm({ id: 'burning', state: 'ACTIVE_UNACK', noticedAt: 1 })
  const over = sampleAlarm({ id: 'over', state: 'CLEARED_UNACK', noticedAt: 2 })
  expect(keys([over, burning])).toEqual(['burning', 'over'])
})
