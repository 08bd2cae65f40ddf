import type { Alarm } from '../../../../contract/alarms.ts'

/** An alarm for tests: an unacknowledged smoke alarm unless said otherwise. */
export const sampleAlarm = (facts: Partial<Alarm>): Alarm => ({
  id: 'alarm-1',
  deviceId: 'device-1',
  placeId: null,
  type: 'smoke',
  severity: 'CRITICAL',
  state: 'ACTIVE_UNACK',
  raisedAt: 1000,
  noticedAt: 1000,
  lastAt: 1000,
  count: 1,
  value: 3.1,
  threshold: 1.4,
  unit: 'dB/m',
  reason: 'Smoke 3.1 dB/m, at or above 1.4',
  reasonZh: '烟雾浓度 3.1 dB/m,达到或超过 1.4',
  test: false,
  ackBy: null,
  ackAt: null,
  clearedAt: null,
  closedBy: null,
  disposition: null,
  incidentId: null,
  ...facts,
})
