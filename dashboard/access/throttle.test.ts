import { expect, test } from 'vitest'
import { subscriberOf } from '../../store/subscriber.ts'
import { type Lane, LoginThrottle } from './throttle.ts'

const NOW = 1_764_000_000_000
const at = (address: string): Lane => ({ key: subscriberOf(address), known: false })
const desk: Lane = { key: 'device abc', known: true }

test('five wrong passwords are forgiven, then that name has to wait longer each time at that address', () => {
  const throttle = new LoginThrottle()
  const lane = at('10.0.0.9')
  for (let i = 0; i < 4; i++) throttle.failed(lane, 'li', NOW)
  expect(throttle.waitMs(lane, 'li', NOW)).toBe(0)
  throttle.failed(lane, 'li', NOW)
  expect(throttle.waitMs(lane, 'li', NOW)).toBe(1000)
  throttle.failed(lane, 'li', NOW)
  expect(throttle.waitMs(lane, 'li', NOW)).toBe(2000)
  expect(throttle.waitMs(lane, 'li', NOW + 2000)).toBe(0)
  expect(throttle.waitMs(lane, 'wang', NOW)).toBe(0)
})

test('one password tried on everybody from one address is stopped too', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 60; i++) throttle.failed(at('10.0.0.9'), `user-${i}`, NOW)
  expect(throttle.waitMs(at('10.0.0.9'), 'somebody', NOW)).toBeGreaterThan(0)
  expect(throttle.waitMs(at('10.0.0.8'), 'somebody', NOW)).toBe(0)
})

test('ten thousand guesses from elsewhere never lock the dispatcher out, and cost a second at most', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 10_000; i++) throttle.failed(at(`10.1.${i >> 8}.${i & 255}`), 'anna', NOW)
  expect(throttle.waitMs(at('10.0.0.1'), 'anna', NOW)).toBe(0)
  expect(throttle.delayMs(at('10.0.0.1'), 'anna', NOW)).toBe(1000)
})

test('at the usual console not even guesses from the next desk, behind the same address, are felt', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 10_000; i++) throttle.failed(at('10.0.0.1'), 'anna', NOW)
  expect(throttle.waitMs(at('10.0.0.1'), 'anna', NOW)).toBeGreaterThan(0)
  expect(throttle.waitMs(desk, 'anna', NOW)).toBe(0)
  expect(throttle.delayMs(desk, 'anna', NOW)).toBe(0)
})

test('a stolen browser is no free pass for guessing either', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 8; i++) throttle.failed(desk, 'anna', NOW)
  expect(throttle.waitMs(desk, 'anna', NOW)).toBeGreaterThan(0)
  expect(throttle.waitMs(at('10.0.0.1'), 'anna', NOW)).toBe(0)
})

test('a successful sign-in wipes the slate, and so does half an hour of quiet', () => {
  const throttle = new LoginThrottle()
  const lane = at('10.0.0.9')
  for (let i = 0; i < 8; i++) throttle.failed(lane, 'li', NOW)
  expect(throttle.waitMs(lane, 'li', NOW + 31 * 60_000)).toBe(0)
  for (let i = 0; i < 8; i++) throttle.failed(lane, 'li', NOW)
  throttle.succeeded(lane, 'li')
  expect(throttle.waitMs(lane, 'li', NOW)).toBe(0)
})

test('an attack with ever new names and addresses does not grow the memory without end', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 12_000; i++) throttle.failed(at(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`), `name-${i}`, NOW)
  expect(throttle.size).toBeLessThanOrEqual(30_000)
})
