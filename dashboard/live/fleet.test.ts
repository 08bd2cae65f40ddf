import { beforeEach, expect, test } from 'vitest'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { sampleAlarm } from '../rehearsal.ts'
import { Fleet } from './fleet.ts'

const device = (id: string, more: Partial<RegisteredDevice> = {}): RegisteredDevice => ({
  id,
  kind: 'water-meter',
  name: id,
  model: null,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  disabled: false,
  identity: 'secret',
  generation: 1,
  gbAddress: null,
  gbFrom: [],
  denied: false,
  rhythmS: null,
  secretHash: new Uint8Array(),
  revision: 1,
  ...more,
})
const heard = (deviceId: string, rev: number) => ({ deviceId, rev, lastHeardAt: 1000 + rev, connected: true })
const cleared = { state: 'CLEARED_UNACK' } as const

let fleet: Fleet
beforeEach(() => {
  fleet = new Fleet()
})

test('a device is "never heard" until its first sign of life, then fine', () => {
  fleet.register(device('m'))
  expect(fleet.get('m')?.status).toBe('never')
  fleet.sight(heard('m', 1))
  expect(fleet.get('m')).toMatchObject({ status: 'ok', connected: true, lastHeardAt: 1001 })
  expect(fleet.counts()).toMatchObject({ never: 0, ok: 1 })
})

test('the worst active alarm shows, and the next worst when it is over', () => {
  fleet.register(device('m'))
  fleet.sight(heard('m', 1))
  const leak = sampleAlarm('1', 'm', 'leak')
  const burst = sampleAlarm('2', 'm', 'burst')
  fleet.applyAlarm(leak)
  fleet.applyAlarm(burst)
  expect(fleet.get('m')?.status).toBe('major')
  fleet.applyAlarm({ ...burst, ...cleared })
  expect(fleet.get('m')?.status).toBe('minor')
  fleet.applyAlarm({ ...leak, ...cleared })
  expect(fleet.get('m')?.status).toBe('ok')
})

test('silence shows only while nothing else is wrong', () => {
  fleet.register(device('m'))
  fleet.sight(heard('m', 1))
  fleet.applyAlarm(sampleAlarm('1', 'm', 'silent'))
  expect(fleet.get('m')?.status).toBe('silent')
  fleet.applyAlarm(sampleAlarm('2', 'm', 'batteryLow'))
  expect(fleet.get('m')?.status).toBe('warning')
})

test('a comment on last week’s closed alarm does not hide today’s of the same type', () => {
  fleet.register(device('m'))
  fleet.applyAlarm(sampleAlarm('today', 'm', 'leak'))
  fleet.applyAlarm({ ...sampleAlarm('last-week', 'm', 'leak'), state: 'CLEARED_ACK' })
  expect(fleet.get('m')?.status).toBe('minor')
})

test('an alarm known before its device is registered shows once it is', () => {
  fleet.applyAlarm(sampleAlarm('1', 'm', 'burst'))
  fleet.register(device('m'))
  expect(fleet.get('m')?.status).toBe('major')
})

test('counts always add up to the fleet, whatever comes and goes', () => {
  for (let i = 0; i < 3000; i++) fleet.register(device(`m${i}`, { disabled: i % 5 === 0 }))
  for (let i = 0; i < 3000; i += 2) fleet.sight(heard(`m${i}`, i + 1))
  for (let i = 0; i < 3000; i += 3) fleet.unregister(`m${i}`)
  for (let i = 0; i < 500; i++) fleet.register(device(`n${i}`))
  expect(fleet.size).toBe(2500)
  expect(Object.values(fleet.counts()).reduce((sum, n) => sum + n, 0)).toBe(2500)
  expect(fleet.get('n0')).toMatchObject({ status: 'never', connected: false, lastHeardAt: null })
  const ids = fleet.inOrder().map((index) => fleet.idAt(index))
  expect(ids).toEqual(ids.toSorted())
  expect(ids).toHaveLength(2500)
})

test('who changed since a number is known, until it is too long ago', () => {
  fleet.register(device('a'))
  fleet.sight(heard('a', 10))
  fleet.startRemembering()
  expect(fleet.changedSince(9)).toBeUndefined()
  expect(fleet.changedSince(10)).toEqual(new Set())
  fleet.register(device('b'))
  fleet.sight(heard('b', 12))
  expect(fleet.changedSince(10)).toEqual(new Set(['b']))
  for (let i = 0; i < 30_000; i++) {
    const alarm = sampleAlarm('1', 'a', 'leak')
    fleet.sight(heard('a', 13 + i))
    fleet.applyAlarm(i % 2 === 0 ? alarm : { ...alarm, ...cleared })
  }
  expect(fleet.changedSince(10)).toBeUndefined()
  expect(fleet.changedSince(fleet.rev)).toEqual(new Set(['a']))
})
