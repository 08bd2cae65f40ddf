import { expect, test } from 'vitest'
import { Refusals } from './refusals.ts'

test('a flood from one device becomes one line with a count and its last detail', () => {
  const refusals = new Refusals()
  for (let i = 0; i < 1000; i++) refusals.count('acl.publish', 'meter-1', `published to ${i}`)
  refusals.count('acl.retain', 'meter-1', 'retained')
  expect(refusals.take(0)).toEqual([
    { reason: 'acl.publish', deviceId: 'meter-1', detail: 'published to 999', count: 1000 },
    { reason: 'acl.retain', deviceId: 'meter-1', detail: 'retained', count: 1 },
  ])
  expect(refusals.take(0)).toEqual([])
  expect(refusals.totals.get('acl.publish')).toBe(1000)
})

test('what cannot be a device id is counted without one', () => {
  const refusals = new Refusals()
  for (const id of ['', 'me', '__proto__', 'a b', 'x'.repeat(65)]) refusals.count('auth.unknown-or-wrong', id, '')
  expect(refusals.take(0)).toMatchObject([{ deviceId: '', count: 5 }])
})

test('a stranger who invents ids fills neither memory nor the table; every attempt is still counted', () => {
  const refusals = new Refusals()
  let lines = 0
  for (let second = 0; second < 20; second++) {
    for (let i = 0; i < 5000; i++) refusals.count('auth.unknown-or-wrong', `x-${second}-${i}`, 'x'.repeat(10_000))
    const taken = refusals.take(second * 1000)
    expect(taken.reduce((sum, refusal) => sum + refusal.count, 0)).toBe(5000)
    expect(JSON.stringify(taken).length).toBeLessThan(200_000)
    lines += taken.filter((refusal) => refusal.deviceId !== '').length
  }
  expect(lines).toBeLessThanOrEqual(1000)
})

test('a stranger who invents ids does not hide which registered device is refused', () => {
  const refusals = new Refusals((deviceId) => deviceId === 'meter-1')
  for (let i = 0; i < 5000; i++) refusals.count('auth.unknown-or-wrong', `x-${i}`, '')
  refusals.count('acl.publish', 'meter-1', 'published to v1/devices/meter-2/telemetry')
  expect(refusals.take(0).at(-1)).toMatchObject({ reason: 'acl.publish', deviceId: 'meter-1', count: 1 })
})

test('what could not be stored is told with the next flush', () => {
  const refusals = new Refusals()
  refusals.count('journal.unavailable', 'meter-1', 'disk full', 3)
  for (const refusal of refusals.take(0)) refusals.putBack(refusal)
  refusals.count('journal.unavailable', 'meter-1', 'disk full')
  expect(refusals.take(0)).toMatchObject([{ deviceId: 'meter-1', count: 4 }])
  expect(refusals.totals.get('journal.unavailable')).toBe(4)
})
