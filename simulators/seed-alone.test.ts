import { expect, test } from 'vitest'
import type { AloneWatches, WatchToPut } from '../store/state/alone-port.ts'
import { seedAlone } from './seed-alone.ts'
import { city } from './worlds/city.ts'
import { residentsOf } from './worlds/residents.ts'

test('everybody in a dwelling is watched by a meter of their own village, once, and one is away', async () => {
  const world = city(1)
  const put: WatchToPut[] = []
  const away: string[] = []
  const alone = {
    all: async () => put,
    put: async (watches: readonly WatchToPut[]) => void put.push(...watches),
    note: async (id: string) => away.push(id) > 0,
  } as unknown as AloneWatches
  const people = residentsOf(world, 1)
  for (let i = 0; i < 2; i++) await seedAlone(alone, world, people, () => 0, 1_764_000_000_000)
  const dwellings = world.places.filter(({ kind }) => kind === 'dwelling')
  expect(put).toHaveLength(dwellings.length)
  expect(new Set(put.map(({ deviceId }) => deviceId)).size).toBe(dwellings.length)
  expect(away).toHaveLength(1)
  for (const { deviceId, placeId, residentId } of put) {
    const village = dwellings.find(({ id }) => id === placeId)?.parentId
    expect(world.meters.find(({ id }) => id === deviceId)?.placeId).toMatch(new RegExp(`^${village}-well`))
    expect(people.find(({ id }) => id === residentId)?.placeId).toBe(placeId)
  }
})
