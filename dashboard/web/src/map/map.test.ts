import { expect, test } from 'vitest'
import type { DeviceFacts } from '../store/console-state.ts'
import { sampleAlarm } from '../store/sample-alarm.ts'
import { dirtyTiles, refreshPause, tileAt } from './dirty-tiles.ts'
import { alarmFeatures, alarmMarks } from './overlay.ts'

const device = (id: string, lon: number | null): [string, DeviceFacts] => [
  id,
  { id, kind: 'smoke-detector', name: id, lon, lat: lon === null ? null : 36.45 },
]
const devices = new Map([device('d1', 115.98), device('d2', 115.98), device('d3', 116.1), device('x', null)])
const marksOf = (...alarms: ReturnType<typeof sampleAlarm>[]) =>
  alarmMarks({
    alarms: new Map(alarms.map((alarm) => [alarm.id, alarm])),
    incidents: new Map(),
    devices,
    places: new Map(),
  })

test('the tile of a device is found at every zoom', () => {
  // Liaocheng's centre, checked against the published slippy-map formula.
  expect(tileAt(115.98, 36.45, 10)).toEqual({ z: 10, x: 841, y: 400 })
  expect(tileAt(-180, 85, 0)).toEqual({ z: 0, x: 0, y: 0 })
})

test('many changes in one tile ask for it once, and a device without a position for none', () => {
  const positions = [
    { lon: 115.98, lat: 36.45 },
    { lon: 115.981, lat: 36.451 },
    { lon: null, lat: null },
  ]
  expect(dirtyTiles(positions, [10])).toHaveLength(1)
})

test('a fire is drawn over a leak at the same place, and what is worst is drawn last', () => {
  const marks = marksOf(
    sampleAlarm({ id: 'leak', deviceId: 'd1', type: 'leak', severity: 'MINOR' }),
    sampleAlarm({ id: 'fire', deviceId: 'd2' }),
    sampleAlarm({ id: 'burst', deviceId: 'd3', type: 'burst', severity: 'MAJOR' }),
  )
  expect(marks.map((mark) => mark.alarm.id)).toEqual(['burst', 'fire'])
})

test('an acknowledged fire is hollow, one without a position is no mark', () => {
  const features = alarmFeatures(
    marksOf(sampleAlarm({ id: 'a', deviceId: 'd1', state: 'ACTIVE_ACK' }), sampleAlarm({ id: 'b', deviceId: 'x' })),
  ).features
  expect(features.map((feature) => feature.properties.icon)).toEqual(['alarm-CRITICAL-hollow'])
})

test('a leak that is over leaves the map, a fire that nobody has acknowledged stays', () => {
  const marks = marksOf(
    sampleAlarm({ id: 'leak', deviceId: 'd1', type: 'leak', severity: 'MINOR', state: 'CLEARED_UNACK' }),
    sampleAlarm({ id: 'fire', deviceId: 'd3', state: 'CLEARED_UNACK' }),
  )
  expect(marks.map((mark) => mark.alarm.id)).toEqual(['fire'])
})

test('a slow screen draws the quiet devices less often, a fast one at once', () => {
  expect(refreshPause(5)).toBe(250)
  expect(refreshPause(100)).toBe(1250)
  expect(refreshPause(5000)).toBe(2500)
})
