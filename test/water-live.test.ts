import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caughtUp } from '../bench/caught-up.ts'
import { eventually } from '../bench/eventually.ts'
import { type System, startSystem } from '../bench/system.ts'
import { CITY_OFFSET_MS } from '../contract/city-time.ts'
import { demoSecret } from '../simulators/demo-file.ts'
import { GatewayPost } from '../simulators/network/gateway-post.ts'
import { type NetworkRegistration, registrationOf } from '../simulators/network/network-registration.ts'
import { play } from '../simulators/network/play.ts'
import { TWO_VILLAGES } from '../simulators/network/two-villages.ts'
import { seedFlows, seedRegistry } from '../simulators/seed.ts'
import { HOUR_MS } from '../simulators/worlds/household.ts'
import { arrivalsOf } from '../simulators/worlds/network-arrivals.ts'
import { openNetwork } from '../simulators/worlds/network-engine.ts'
import { hourOfDay } from '../simulators/worlds/network-leaks.ts'
import { networkWorld } from '../simulators/worlds/network-world.ts'
import { stateFile } from '../store/files.ts'
import { openRegistry, openTopology, openViews, openZones } from '../store/state/sqlite.ts'
import { type Found, foundOf, nightLine, OfflineHydrant } from './water-offline.ts'

/** One world, judged twice: by production's code over its uploads, and over MQTT by the real broker and an ingest that is killed. */

const SEED = 4
const METERS = 60
const DAYS = 26
const KILLS = 3
const DAY_MS = 86_400_000
const FIRST_DAY = Math.floor((Date.now() + CITY_OFFSET_MS) / DAY_MS) - DAYS - 5
const MASTER = '00'.repeat(32)
const TOLD_AGAIN = 0.1
const PATIENCE_MS = 60_000

/** A loss that opens on day 17, one that is repaired, a household leak; uploads late by days, lost, and twice. */
const theWorld = async () =>
  networkWorld(await openNetwork(TWO_VILLAGES), {
    ...{ seed: SEED, meters: METERS, villages: 2, days: DAYS, leaksPerMonth: 0, firstDay: FIRST_DAY },
    leaks: [
      { node: 'b2', ...spanOf(17, Number.POSITIVE_INFINITY), m3h: 1.2 },
      { node: 'a3', ...spanOf(9, 18), m3h: 0.8 },
    ],
    homeLeaks: [{ home: 12, ...spanOf(15, Number.POSITIVE_INFINITY), lph: 20 }],
    sending: { twice: 0.1 },
  })
const spanOf = (from: number, to: number) => {
  const start = hourOfDay(FIRST_DAY) + from * 24 + 7
  return { start, full: start, end: hourOfDay(FIRST_DAY) + to * 24 + 15 }
}

const ESTATE = 'bulk-estate'
const ESTATE_BURST = { from: 19 * 24 + 13, to: 22 * 24 + 10, litres: 9000 }

/** An industrial estate beside the network: one bulk meter, and nobody's own. */
function withEstate(registration: NetworkRegistration): NetworkRegistration {
  const { places, devices, flows, registered } = registration
  const village = places.find(({ id }) => id === 'town-village-1')!
  const bulk = devices.find(({ kind }) => kind === 'bulk-meter')!
  const [id, gateway] = [`town-${ESTATE}`, registered.get('bulk-m')!.gateway]
  return {
    ...registration,
    places: [...places, { ...village, id: 'town-estate', name: '工业园' }],
    devices: [...devices, { ...bulk, id, name: '工业园 总表', placeId: 'town-estate' }],
    flows: [...flows, { deviceId: id, into: 'town-estate', outOf: null, from: 0 }],
    registered: new Map([...registered, [ESTATE, { id, gateway }]]),
  }
}

/** Of each day one upload; a main bursts on day 19, one upload comes two days late, one twice. */
function estateUploads() {
  let litres = 700_000
  const ofDay = Array.from({ length: DAYS }, (_, day) => {
    const volume = Array.from({ length: 24 }, (_, h) => {
      const hour = day * 24 + h
      const at = litres / 1000
      const bursts = hour >= ESTATE_BURST.from && hour < ESTATE_BURST.to
      litres += 12_000 + 9000 * Math.max(0, Math.sin(((h - 5) / 18) * Math.PI)) + ((hour * 7919) % 400)
      litres = Math.round(litres + (bursts ? ESTATE_BURST.litres : 0))
      return at
    })
    const ts = hourOfDay(FIRST_DAY + day) * HOUR_MS
    const payload = JSON.stringify({ ts, step: HOUR_MS, values: { volume } })
    return { deviceId: ESTATE, arrivesAt: ts + DAY_MS + HOUR_MS, payload, arrivesOn: day === 16 ? 18 : day }
  })
  return [...ofDay, ofDay[8]!]
}

describe('the water of a small network', () => {
  let system: System
  let offline: Found

  beforeAll(async () => {
    system = await startSystem({ roles: ['broker', 'ingest'] })
  }, PATIENCE_MS)
  afterAll(() => system?.stop())

  it(
    `leads to the same findings offline and over MQTT, with ingest killed ${KILLS} times on the way`,
    async () => {
      const world = await theWorld()
      const registration = withEstate(registrationOf('town', SEED, TWO_VILLAGES, world, false))
      const hydrant = new OfflineHydrant(registration)
      let uploads = 0
      const estate = estateUploads()
      const batches = [...arrivalsOf(world)].map((batch, i) => [
        ...batch,
        ...estate.filter(({ arrivesOn }) => arrivesOn === i),
      ])
      for (const upload of batches.flat()) {
        hydrant.read(upload)
        uploads++
      }
      offline = hydrant.found()
      // Otherwise there would be nothing to agree on.
      expect(offline.alarms).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^town-home-12 leak .* 20 holds$/),
          expect.stringMatching(/^town-village-1 zoneLoss .* over /),
          expect.stringMatching(/^town-village-2 zoneLoss .* holds$/),
          expect.stringMatching(/^town-estate zoneLoss .* over /),
        ]),
      )
      expect(offline.nights.length).toBeGreaterThan(3 * (DAYS - 6))

      await register(system, registration)
      const post = await GatewayPost.open({
        ...{ host: '127.0.0.1', port: system.mqttPort },
        gateways: registration.gateways.map((id) => ({ id, secret: demoSecret(MASTER, id) })),
      })
      let [killed, sent, again] = [0, 0, Promise.resolve()]
      await play({
        ...{ batches, registered: registration.registered },
        post: {
          send: async (gateway, id, payload) => {
            await post.send(gateway, id, payload)
            sent++
            if (killed === KILLS || sent < ((killed + 1) * uploads) / (KILLS + 1)) return
            // In the middle of a day's uploads; what comes until it is back waits in the journal.
            killed++
            await again
            await system.end('ingest', 'SIGKILL')
            again = system.start('ingest')
          },
          settled: () => post.settled(),
        },
        ...{ sentThrough: 0, liveFrom: Number.POSITIVE_INFINITY, speed: 1, stop: new AbortController().signal },
        ...{ onProgress: () => undefined, onLive: () => undefined, onPresent: () => false },
      })
      await again
      expect(await post.close()).toBe(true)
      expect({ killed, acknowledged: post.acknowledged }).toEqual({ killed: KILLS, acknowledged: uploads })

      const live = await eventually(
        () => foundBy(system),
        (found) => isSame(found, offline),
        PATIENCE_MS / 2,
        200,
      )
      expect(live.nights).toEqual(offline.nights)
      expect(live.alarms).toEqual(offline.alarms)
      // A loss that has been told is told again, with its size, where late readings change that by more than a tenth.
      for (const [zone, m3h] of Object.entries(offline.losses))
        expect(Math.abs(live.losses[zone]! - m3h), zone).toBeLessThanOrEqual(TOLD_AGAIN * m3h)
    },
    2 * PATIENCE_MS,
  )
})

const isSame = (a: Found, b: Found): boolean =>
  JSON.stringify([a.alarms, a.nights]) === JSON.stringify([b.alarms, b.nights])

async function register(
  { dataDir }: System,
  { places, devices, flows }: ReturnType<typeof registrationOf>,
): Promise<void> {
  const registry = openRegistry(stateFile(dataDir))
  const topology = openTopology(stateFile(dataDir))
  await seedRegistry(registry, { places, devices }, (id) => demoSecret(MASTER, id))
  await seedFlows(topology, flows)
  await topology.close()
  await registry.close()
}

/** What ingest has decided, as it is stored. */
async function foundBy(system: System): Promise<Found> {
  const views = openViews(stateFile(system.dataDir))
  const zones = openZones(stateFile(system.dataDir))
  try {
    await caughtUp(system, views, PATIENCE_MS)
    const { items } = await views.alarms({ state: 'all', limit: 500 })
    const nights: string[] = []
    for (const zone of await zones.zones())
      nights.push(...(await zones.nights(zone, FIRST_DAY, FIRST_DAY + DAYS + 2)).map((night) => nightLine(zone, night)))
    return foundOf(items, nights)
  } finally {
    await zones.close()
    await views.close()
  }
}
