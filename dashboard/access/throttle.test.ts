import { expect, test } from 'vitest'
import { LoginThrottle } from './throttle.ts'

const NOW = 1_764_000_000_000

test('five wrong passwords are forgiven, then the address waits longer each time', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 4; i++) throttle.failed('10.0.0.9', 'li', NOW)
  expect(throttle.waitMs('10.0.0.9', NOW)).toBe(0)
  throttle.failed('10.0.0.9', 'li', NOW)
  expect(throttle.waitMs('10.0.0.9', NOW)).toBe(1000)
  throttle.failed('10.0.0.9', 'li', NOW)
  expect(throttle.waitMs('10.0.0.9', NOW)).toBe(2000)
  expect(throttle.waitMs('10.0.0.9', NOW + 2000)).toBe(0)
})

test('somebody guessing a dispatcher’s password from elsewhere never locks the dispatcher out', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 5000; i++) throttle.failed(`10.1.${i >> 8}.${i & 255}`, 'li', NOW)
  expect(throttle.waitMs('10.0.0.1', NOW)).toBe(0)
  expect(throttle.delayMs('li', NOW)).toBe(1000)
})

test('a successful sign-in wipes the slate, and so does half an hour of quiet', () => {
  const throttle = new LoginThrottle()
  for (let i = 0; i < 8; i++) throttle.failed('10.0.0.9', 'li', NOW)
  expect(throttle.waitMs('10.0.0.9', NOW + 31 * 60_000)).toBe(0)
  for (let i = 0; i < 8; i++) throttle.failed('10.0.0.9', 'li', NOW)
  throttle.succeeded('10.0.0.9', 'li')
  expect(throttle.waitMs('10.0.0.9', NOW)).toBe(0)
  expect(throttle.delayMs('li', NOW)).toBe(0)
})
