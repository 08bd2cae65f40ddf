import { expect, test } from 'vitest'
import type { Alarm } from '../../contract/alarms.ts'
import type { NewEvent } from '../../contract/events.ts'
import { AlarmRates } from './alarm-rates.ts'

const T = 1_732_118_400_000
const MINUTE = 60_000
const alarm = (id: string, more: Partial<Alarm> = {}): Alarm =>
  ({ id, state: 'ACTIVE_UNACK', noticedAt: T, incidentId: null, test: false, ...more }) as Alarm
const event = (type: 'alarm.raised' | 'alarm.cleared', at: number, of: Alarm): NewEvent =>
  ({ type, at, alarm: of, commandId: null, actor: null }) as NewEvent

test('more than ten rings in ten minutes are a flood; what belongs to an incident rings through it', () => {
  const rates = new AlarmRates()
  for (let i = 0; i < 10; i++) rates.follow([event('alarm.raised', T + i * MINUTE, alarm(`a${i}`))])
  for (let i = 0; i < 40; i++) rates.follow([event('alarm.raised', T, alarm(`b${i}`, { incidentId: 'i1' }))])
  const at = T + 9 * MINUTE
  expect(rates.figures([], at)).toMatchObject({ 'ingest_rings{within="10m"}': 10, ingest_alarm_flood: 0 })
  rates.follow([event('alarm.raised', at, alarm('c'))])
  expect(rates.figures([], at)).toMatchObject({ 'ingest_rings{within="10m"}': 11, ingest_alarm_flood: 1 })
  expect(rates.figures([], at + 5 * MINUTE)).toMatchObject({ 'ingest_rings{within="24h"}': 11, ingest_alarm_flood: 0 })
})

test('an alarm that comes and goes three times a minute chatters; one that holds for a day is stale', () => {
  const rates = new AlarmRates()
  for (let i = 0; i < 3; i++) rates.follow([event('alarm.cleared', T + i * 10_000, alarm('a'))])
  const open = [alarm('old', { noticedAt: T - 25 * 60 * MINUTE }), alarm('new')]
  expect(rates.figures(open, T + 20_000)).toMatchObject({ ingest_chattering_alarms: 1, ingest_stale_alarms: 1 })
  expect(rates.figures(open, T + 2 * MINUTE)).toMatchObject({ ingest_chattering_alarms: 0 })
})
