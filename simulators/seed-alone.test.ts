import { expect, test } from 'vitest'
import { CITY_RULE } from '../contract/alone.ts'
import type { AloneWatches, WatchToPut } from '../store/state/alone-port.ts'
import { BACKLOG_DAYS, waterMeter } from './devices/water-meter.ts'
import { nobodyDraws } from './scenarios/nobody-draws.ts'
import { demoWatches, seedAlone, stillOf } from './seed-alone.ts'
import { city } from './worlds/city.ts'
import { demoVillages } from './worlds/demo-villages.ts'
import { DAY_MS, HOUR_MS, household } from './worlds/household.ts'
import { residentsOf } from './worlds/residents.ts'

const SEED = 371_500
const START = Date.parse('2026-11-20T09:00:00+08:00')
const world = city(SEED)
const collected = new Set(demoVillages(world, SEED).flatMap(({ households }) => households.map(({ id }) => id)))
const struck = new Set([...collected].slice(0, 20))
const people = residentsOf(world, SEED)
const watches = demoWatches({ ...world, collected, struck }, people)

test('everybody in a dwelling is watched by a meter of their own village, once, and one is away', async () => {
  const put: WatchToPut[] = []
  const away: string[] = []
  const alone = {
    all: async () => put,
    put: async (some: readonly WatchToPut[]) => void put.push(...some),
    note: async (id: string) => away.push(id) > 0,
  } as unknown as AloneWatches
  for (let i = 0; i < 2; i++) await seedAlone(alone, watches, START)
  const dwellings = world.places.filter(({ kind }) => kind === 'dwelling')
  expect(put).toHaveLength(dwellings.length)
  expect(new Set(put.map(({ deviceId }) => deviceId)).size).toBe(dwellings.length)
  expect(away).toHaveLength(1)
  for (const { deviceId, placeId, residentId } of put) {
    const village = dwellings.find(({ id }) => id === placeId)?.parentId
    expect(world.meters.find(({ id }) => id === deviceId)?.placeId).toMatch(new RegExp(`^${village}-well`))
    expect(people.find(({ id }) => id === residentId)?.placeId).toBe(placeId)
    expect(struck.has(deviceId)).toBe(false)
  }
})

test('one of them has drawn nothing since yesterday when the demo starts, as the first upload shows, and draws again a day later', () => {
  const { deviceId, contacts } = stillOf(watches, { collected })
  expect(contacts.map(({ stage }) => stage)).toEqual(['family', 'nearby'])
  const { seed } = world.meters.find(({ id }) => id === deviceId)!
  expect(household(seed).persons).toBe(1)
  const { draws } = nobodyDraws(deviceId, START)
  const meter = waterMeter(seed, draws, 'weeks')
  const litresAt = (at: number): number => (meter.report(at, {}).volume as number) * 1000
  expect(litresAt(START) - litresAt(START - CITY_RULE.noUseHours * HOUR_MS - HOUR_MS)).toBe(0)
  expect(litresAt(START - 2 * DAY_MS) - litresAt(START - 9 * DAY_MS)).toBeGreaterThan(7 * 30)
  expect(litresAt(START + 2 * DAY_MS) - litresAt(START + DAY_MS)).toBeGreaterThan(CITY_RULE.noUseLitres)
  const [weeks] = meter.backlog!(START) as [{ ts: number }]
  expect(START - weeks.ts).toBeGreaterThan((BACKLOG_DAYS - 1) * DAY_MS)
})
