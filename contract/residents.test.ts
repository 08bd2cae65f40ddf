import { expect, test } from 'vitest'
import type { AlarmState } from './alarms.ts'
import { concernedPlace, groundsToRead, type LocatedAlarm, type PlacesUpwards } from './residents.ts'
import { ROLES } from './roles.ts'

const county = { id: 'county', kind: 'county' } as const
const home = { id: 'home-a', kind: 'home' } as const
const floor = { id: 'home-a-f2', kind: 'floor' } as const
const room = { id: 'home-a-201', kind: 'room' } as const
const nextRoom = { id: 'home-a-202', kind: 'room' } as const
const otherHome = { id: 'home-b', kind: 'home' } as const

const inRoom: PlacesUpwards = [room, floor, home, county]
const nextDoor: PlacesUpwards = [nextRoom, floor, home, county]
const elsewhere: PlacesUpwards = [otherHome, county]

const fire = (places: PlacesUpwards, changes: Partial<LocatedAlarm['alarm']> = {}): LocatedAlarm => ({
  alarm: { id: 'a1', type: 'smoke', severity: 'CRITICAL', state: 'ACTIVE_UNACK', test: false, ...changes },
  places,
})

test('care and administration read always, water and viewers never, not even in a fire', () => {
  for (const alarms of [[], [fire(inRoom)]]) {
    for (const role of ['care', 'admin'] as const)
      expect(groundsToRead(role, inRoom, alarms)).toEqual({ because: 'post' })
    for (const role of ['water', 'viewer'] as const) expect(groundsToRead(role, inRoom, alarms)).toBeUndefined()
  }
})

test('a dispatcher and the brigade read of nobody while nothing calls for help', () => {
  for (const role of ['dispatcher', 'fire'] as const) expect(groundsToRead(role, inRoom, [])).toBeUndefined()
})

test('a fire in one room tells the dispatcher of everybody in that home, and of nobody in the next', () => {
  for (const role of ['dispatcher', 'fire'] as const) {
    for (const resident of [inRoom, nextDoor, [home, county]])
      expect(groundsToRead(role, resident, [fire(inRoom)])).toEqual({ because: 'alarm', alarmId: 'a1' })
    expect(groundsToRead(role, elsewhere, [fire(inRoom)])).toBeUndefined()
    expect(groundsToRead(role, [county], [fire(inRoom)])).toBeUndefined()
  }
})

test('a panic button tells of the person in that room, not of the neighbours', () => {
  const call = fire(inRoom, { type: 'panic' })
  expect(groundsToRead('dispatcher', inRoom, [call])).toEqual({ because: 'alarm', alarmId: 'a1' })
  expect(groundsToRead('dispatcher', nextDoor, [call])).toBeUndefined()
  expect(groundsToRead('dispatcher', [home, county], [call])).toBeUndefined()
})

test('from raise to close: acknowledging or the end of the smoke does not hide who is inside, closing does', () => {
  const told = (state: AlarmState): boolean => groundsToRead('fire', inRoom, [fire(inRoom, { state })]) !== undefined
  expect(told('ACTIVE_UNACK')).toBe(true)
  expect(told('ACTIVE_ACK')).toBe(true)
  expect(told('CLEARED_UNACK')).toBe(true)
  expect(told('CLEARED_ACK')).toBe(false)
})

test('a leak, a flat battery, an electrical fault or a detector in test mode opens nothing', () => {
  const told = (changes: Partial<LocatedAlarm['alarm']>): boolean =>
    groundsToRead('dispatcher', inRoom, [fire(inRoom, changes)]) !== undefined
  expect(told({ type: 'leak', severity: 'MINOR' })).toBe(false)
  expect(told({ type: 'batteryLow', severity: 'WARNING' })).toBe(false)
  expect(told({ type: 'electrical', severity: 'MAJOR' })).toBe(false)
  expect(told({ type: 'unreadable', severity: 'CRITICAL' })).toBe(false)
  expect(told({ test: true })).toBe(false)
})

test('an alarm of an unknown place, or of a street, does not open a whole county', () => {
  expect(groundsToRead('dispatcher', inRoom, [fire([])])).toBeUndefined()
  expect(concernedPlace(fire([]))).toBeUndefined()
  expect(concernedPlace(fire([{ id: 'hall', kind: 'building' }, county]))).toBe('hall')
})

test('every role has an answer', () => {
  for (const role of ROLES) expect(() => groundsToRead(role, inRoom, [fire(inRoom)])).not.toThrow()
})
