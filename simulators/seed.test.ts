import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageFolder, stateFile } from '../store/files.ts'
import { secretMatches } from '../store/identity.ts'
import { ImageFolder } from '../store/images/folder.ts'
import { readImage } from '../store/images/image.ts'
import { openHazards, openHomes, openRegistry, openResidents } from '../store/state/sqlite.ts'
import { demoSecret, noteStart } from './demo-file.ts'
import { seedRegistry, seedResidents } from './seed.ts'
import { seedHomes } from './seed-homes.ts'
import { city } from './worlds/city.ts'
import { residentsOf } from './worlds/residents.ts'

describe('seeding the demo', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hydrant-demo-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))
  const world = city(371_500)
  const registered = { places: world.places, devices: [...world.sensors, ...world.meters] }

  it('registers the whole city once; a second start changes nothing, not even what a person disabled', async () => {
    const registry = openRegistry(stateFile(dir))
    const seed = (): Promise<number> => {
      const { master } = noteStart(dir, 1000)
      return seedRegistry(registry, registered, (id) => demoSecret(master, id))
    }
    expect(await seed()).toBe(2300)
    await registry.setDisabled('wm-371502-0001', true)
    const revision = await registry.revision()
    expect(await seed()).toBe(0)
    expect(await registry.revision()).toBe(revision)
    expect(await registry.count()).toBe(2300)
    expect((await registry.find('wm-371502-0001'))?.disabled).toBe(true)
    await registry.close()
  })

  it('lets each device in with its own secret, also after a restart', async () => {
    const { master } = noteStart(dir, 1000)
    const registry = openRegistry(stateFile(dir))
    await seedRegistry(registry, registered, (id) => demoSecret(master, id))
    const again = noteStart(dir, 2000)
    const device = (await registry.find('fs-371502-1-01'))!
    expect(secretMatches(demoSecret(again.master, device.id), device.secretHash)).toBe(true)
    expect(secretMatches(demoSecret(again.master, 'fs-371502-1-02'), device.secretHash)).toBe(false)
    await registry.close()
  })

  it('puts invented people into every bed and dwelling, once', async () => {
    const people = residentsOf(world, 371_500)
    const places = new Map(world.places.map((place) => [place.id, place]))
    expect(new Set(people.map((one) => one.id)).size).toBe(people.length)
    for (const one of people) expect(['bed', 'dwelling']).toContain(places.get(one.placeId)?.kind)
    expect(people.filter((one) => places.get(one.placeId)?.kind === 'dwelling')).toHaveLength(12)
    expect(people.filter((one) => one.placeId.startsWith(`${world.homes[0]?.id}-`))).toHaveLength(20)
    const residents = openResidents(stateFile(dir))
    await seedResidents(residents, people)
    await residents.remove(people[3]?.id ?? '')
    await seedResidents(residents, people)
    expect(await residents.find(people[3]?.id ?? '')).toBeUndefined()
    expect(await residents.find(people[4]?.id ?? '')).toEqual(people[4])
    await residents.close()
  })

  it('gives every home staff day and night, responders, plans with all its detectors on them, and a few hazards, once', async () => {
    const homes = openHomes(stateFile(dir))
    const hazards = openHazards(stateFile(dir))
    const images = new ImageFolder(imageFolder(dir))
    const now = Date.parse('2026-11-22T03:00:00+08:00')
    const seed = (): Promise<void> => seedHomes({ homes, hazards, images }, world, 371_500, now)
    await seed()
    await homes.removeStaff('demo-staff-1')
    await seed()
    const staff = await homes.staff()
    expect(staff.map(({ id }) => id)).not.toContain('demo-staff-1')
    for (const home of world.homes) {
      expect(await homes.staffed(home.id, now)).toBe(true)
      const plans = await homes.plans([1, 2, 3].map((floor) => `${home.id}-f${floor}`))
      expect(plans.flatMap(({ pins }) => pins.map(({ deviceId }) => deviceId)).sort()).toEqual(
        home.devices.map(({ id }) => id).sort(),
      )
      const picture = readImage(await images.read(plans[0]?.imageId ?? ''))
      expect(picture).toMatchObject({ ok: true, image: { width: plans[0]?.width, height: plans[0]?.height } })
    }
    const places = new Set(world.places.map(({ id }) => id))
    for (const { serves } of await homes.responders()) expect(serves === null || places.has(serves)).toBe(true)
    const { items } = await hazards.list({ state: 'all', limit: 100 })
    for (const { placeId } of items) expect(places.has(placeId), placeId).toBe(true)
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['open', 'claimed-done', 'closed']))
    expect(items.find(({ refusals }) => refusals === 1)).toMatchObject({ state: 'open' })
    expect(await hazards.history('hz-demo-6')).toHaveLength(6)
    await homes.close()
    await hazards.close()
  })

  it('keeps the master for its owner only, and remembers every start', () => {
    noteStart(dir, 1000)
    expect(noteStart(dir, 2000).starts).toEqual([1000, 2000])
    expect(statSync(join(dir, 'demo-secret')).mode & 0o777).toBe(0o600)
  })

  it('says what to do about a damaged file instead of locking every device out', () => {
    writeFileSync(join(dir, 'demo-secret'), '{')
    expect(() => noteStart(dir, 1000)).toThrow(/Remove it/)
    expect(readFileSync(join(dir, 'demo-secret'), 'utf8')).toBe('{')
  })
})
