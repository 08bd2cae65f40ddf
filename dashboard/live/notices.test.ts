import { expect, test } from 'vitest'
import type { Notice } from '../../contract/notices.ts'
import type { RoleMetric } from '../../store/state/role-metrics-port.ts'
import { type NoticeFacts, noticesOf } from './notices.ts'

const NOW = 1_000_000_000
const heard = (role: RoleMetric['role'], secondsAgo: number): RoleMetric => ({
  role,
  name: `${role}_resident_bytes`,
  value: 1,
  at: NOW - secondsAgo * 1000,
})
const WELL: NoticeFacts = {
  now: NOW,
  since: 0,
  metrics: [heard('broker', 1), heard('ingest', 1)],
  disk: { engaged: false, space: { free: 5e9, line: 1e9 } },
}

test('while all is well nothing is said', () => {
  expect(noticesOf(WELL)).toEqual([])
})

test('a full disk is said in both languages, with figures and with what goes on', () => {
  const [notice] = noticesOf({ ...WELL, disk: { engaged: true, space: { free: 12e6, line: 1e9 } } })
  expect(notice?.code).toBe('disk.guard')
  expect(notice?.en).toMatch(/12 MB free, the line is 1.0 GB.*fire and care alarms go on/)
  expect(notice?.zh).toMatch(/剩余 12 MB.*火灾和看护报警照常/)
})

test('a broker or a detection that has fallen silent is said before the disk', () => {
  const codes = noticesOf({
    ...WELL,
    metrics: [heard('broker', 20), heard('ingest', 60)],
    disk: { engaged: true, space: { free: 0, line: 1e9 } },
  }).map(({ code }) => code)
  expect(codes).toEqual(['broker.silent', 'ingest.silent', 'disk.guard'])
})

test('nobody is called silent before the dashboard has looked for a while', () => {
  expect(noticesOf({ ...WELL, metrics: [], since: NOW - 5000 })).toEqual([])
  expect(noticesOf({ ...WELL, metrics: [], since: NOW - 20_000 })).toHaveLength(2)
})

test('a certificate is announced a month ahead, by the listener whose ends first', () => {
  const expires = (name: string, days: number, at: number): RoleMetric => ({
    role: 'broker',
    name,
    value: days * 86_400,
    at,
  })
  const saying = (mqtt: number, http: number, at = NOW): Notice | undefined =>
    noticesOf({
      ...WELL,
      metrics: [
        ...WELL.metrics,
        expires('mqtt_tls_certificate_expires_in_seconds', mqtt, at),
        expires('http_tls_certificate_expires_in_seconds', http, at),
      ],
    })[0]
  expect(saying(90, 60)).toBeUndefined()
  expect(saying(90, 12.5)).toMatchObject({ en: expect.stringMatching(/expires in 12 days/), ahead: true })
  expect(saying(-1, 12.5)?.en).toMatch(/has expired/)
  expect(saying(-1, 12.5)?.ahead).toBeUndefined()
  expect(saying(-1, 12.5, NOW - 60_000)).toBeUndefined()
})
