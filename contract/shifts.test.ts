import { expect, test } from 'vitest'
import { CITY_TIME_ZONE } from './city-time.ts'
import { isStaffed, type Staff } from './homes.ts'
import { isInShift } from './shifts.ts'

/** 2026-11-20 is a Friday. */
const at = (local: string): number => Date.parse(`${local}:00+08:00`)
const on = (shift: { from: string; to: string; days?: number[] }, local: string): boolean =>
  isInShift({ days: [], ...shift }, at(local), CITY_TIME_ZONE)

test('a day shift runs from its first minute up to, not with, its last', () => {
  const day = { from: '08:00', to: '20:00' }
  expect(['07:59', '08:00', '19:59', '20:00'].map((clock) => on(day, `2026-11-20T${clock}`))).toEqual([
    false,
    true,
    true,
    false,
  ])
})

test('a night shift of Friday ends on Saturday morning', () => {
  const night = { from: '20:00', to: '08:00', days: [5] }
  expect(on(night, '2026-11-20T07:00')).toBe(false)
  expect(on(night, '2026-11-20T23:59')).toBe(true)
  expect(on(night, '2026-11-21T00:00')).toBe(true)
  expect(on(night, '2026-11-21T07:59')).toBe(true)
  expect(on(night, '2026-11-21T08:00')).toBe(false)
  expect(on(night, '2026-11-21T21:00')).toBe(false)
  expect(on({ ...night, days: [7] }, '2026-11-23T03:00')).toBe(true)
})

test('the same hour twice is the whole day and night', () => {
  const always = { from: '08:00', to: '08:00' }
  for (const clock of ['00:00', '07:59', '08:00', '23:59']) expect(on(always, `2026-11-20T${clock}`)).toBe(true)
  expect(on({ ...always, days: [5] }, '2026-11-21T07:59')).toBe(true)
  expect(on({ ...always, days: [5] }, '2026-11-21T08:00')).toBe(false)
})

test('hours are those of the city, whatever the machine thinks; midnight is 00:00', () => {
  const small = { from: '00:00', to: '01:00', days: [1] }
  expect(isInShift(small, Date.parse('2026-11-22T16:30:00Z'), CITY_TIME_ZONE)).toBe(true)
  expect(isInShift(small, Date.parse('2026-11-23T00:30:00Z'), CITY_TIME_ZONE)).toBe(false)
  expect(isInShift(small, Date.parse('2026-11-23T00:30:00Z'), 'UTC')).toBe(true)
})

test('a home is staffed while somebody is in it who can go and look; a director at home cannot', () => {
  const somebody = (duty: Staff['duty'], from: string, to: string): Staff => ({
    id: 's',
    placeId: 'home',
    name: '李',
    duty,
    phone: '',
    from,
    to,
    days: [],
  })
  const night = at('2026-11-20T03:00')
  expect(isStaffed([somebody('carer', '20:00', '08:00')], night, CITY_TIME_ZONE)).toBe(true)
  expect(isStaffed([somebody('control-room', '08:00', '20:00')], night, CITY_TIME_ZONE)).toBe(false)
  expect(isStaffed([somebody('director', '00:00', '00:00')], night, CITY_TIME_ZONE)).toBe(false)
  expect(isStaffed([], night, CITY_TIME_ZONE)).toBe(false)
})
