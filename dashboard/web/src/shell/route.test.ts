import { expect, test } from 'vitest'
import { parseRoute, pathOf } from './route.ts'

test('every page has an address that leads back to it', () => {
  for (const route of [
    { page: 'map' },
    { page: 'devices' },
    { page: 'device', id: 'wm-1.a_b' },
    { page: 'incidents' },
    { page: 'incident', id: 'a/b 1' },
    { page: 'report', id: 'i-1' },
    { page: 'homes' },
    { page: 'home', id: 'home-371502-1' },
    { page: 'hazards' },
    { page: 'hazard', id: 'hz-20261122-a1b2' },
    { page: 'duty' },
    { page: 'channels' },
    { page: 'quarantine' },
    { page: 'system' },
    { page: 'audit' },
    { page: 'account' },
    { page: 'users' },
  ] as const)
    expect(parseRoute(pathOf(route))).toEqual(route)
})

test('an address nobody knows shows the map, a broken device id the list', () => {
  expect(parseRoute('/nonsense')).toEqual({ page: 'map' })
  expect(parseRoute('/devices/%E0%A4%A')).toEqual({ page: 'devices' })
  expect(parseRoute('/incidents/%E0%A4%A')).toEqual({ page: 'incidents' })
})
