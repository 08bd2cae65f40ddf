import { writeFileSync } from 'node:fs'
import { imageFolder, stateFile } from '../store/files.ts'
import { ImageFolder } from '../store/images/folder.ts'
import { openAlone, openHazards, openHomes, openRegistry, openResidents, openTopology } from '../store/state/sqlite.ts'
import { demoSecret, noteStart } from './demo-file.ts'
import { demoPanel, seedPanel } from './demo-panel.ts'
import { demoPlant } from './demo-plant.ts'
import { behaviourOf } from './devices/behaviour.ts'
import { bulkMeter, inletMeter } from './devices/bulk-meter.ts'
import type { Behaviour } from './devices/device.ts'
import type { Collected } from './devices/water-meter.ts'
import { Fleet, type FleetFigures } from './fleet.ts'
import { burst } from './scenarios/burst.ts'
import { kitchenFire } from './scenarios/kitchen-fire.ts'
import { leak } from './scenarios/leak.ts'
import { nobodyDraws } from './scenarios/nobody-draws.ts'
import { quietHour } from './scenarios/quiet-life.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { silentHome } from './scenarios/silent-home.ts'
import { seedFlows, seedRegistry, seedResidents } from './seed.ts'
import { demoWatches, seedAlone, stillOf } from './seed-alone.ts'
import { seedHomes } from './seed-homes.ts'
import { type City, type CityDevice, city } from './worlds/city.ts'
import { unmeteredScene, unmeteredVillage } from './worlds/demo-unmetered.ts'
import { demoVillages, villageLosses, villageScenes } from './worlds/demo-villages.ts'
import { HOUR_MS } from './worlds/household.ts'
import { residentsOf } from './worlds/residents.ts'

export interface DemoOptions {
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  /** Where its fire panel connects. */
  readonly gb26875: { readonly host: string; readonly port: number }
  readonly seed: number
  /** Where the ground truth goes, as JSON lines. */
  readonly truthFile?: string
}

export interface Demo {
  figures(): FleetFigures
  stop(): Promise<void>
}

/** One meter in ten has collected a day before it first connects: enough for the charts, cheap to start with. */
const BACKLOG_EVERY = 10
/** Which of the city's devices the scenarios happen to. */
const LEAK_METER = 137
const BURST_METER = 861
const FIRE_HOME = 0
const SILENT_HOME = 5
/** The mild events of an ordinary day begin when the opening scenes are over. */
const QUIET_AFTER_MS = 15 * 60_000
const PLAN_EVERY_MS = 60_000

/** Registers the demo's devices and brings them to life. Resolves when they begin to connect. */
export async function startDemo(options: DemoOptions, now: number): Promise<Demo> {
  const world = city(options.seed)
  const { master, starts } = noteStart(options.dataDir, now)
  const secretOf = (deviceId: string): string => demoSecret(master, deviceId)
  const villages = demoVillages(world, options.seed)
  const unmetered = unmeteredVillage(options.seed, starts[0]!)
  const plant = demoPlant(options.seed, now)
  const registry = openRegistry(stateFile(options.dataDir))
  try {
    const places = [...world.places, unmetered.place, plant.place]
    const bulkMeters = [...villages, unmetered].map((village) => village.bulkMeter)
    const devices = [...world.sensors, ...world.meters, ...bulkMeters, ...plant.devices]
    await seedRegistry(registry, { places, devices }, secretOf)
    await seedPanel(registry, world, secretOf)
  } finally {
    await registry.close()
  }
  const topology = openTopology(stateFile(options.dataDir))
  try {
    const inlets = [...villages, unmetered].map(({ bulkMeter: { id }, place }) => ({
      deviceId: id,
      into: place.id,
      outOf: null,
      from: 0,
    }))
    await seedFlows(topology, [...inlets, ...plant.flows])
  } finally {
    await topology.close()
  }
  const residents = openResidents(stateFile(options.dataDir))
  try {
    await seedResidents(residents, residentsOf(world, options.seed))
  } finally {
    await residents.close()
  }

  const homes = openHomes(stateFile(options.dataDir))
  const hazards = openHazards(stateFile(options.dataDir))
  try {
    const images = new ImageFolder(imageFolder(options.dataDir))
    await seedHomes({ homes, hazards, images }, world, options.seed, now)
  } finally {
    await homes.close()
    await hazards.close()
  }

  const others = [...openingScenes(world, starts), villageScenes(villages, starts[0]!), unmeteredScene(unmetered)]
  const accounted = new Set(villages.flatMap(({ households }) => households.map(({ id }) => id)))
  const watched = { ...world, collected: accounted, struck: struckBy(others) }
  const watches = demoWatches(watched, residentsOf(world, options.seed))
  const alone = openAlone(stateFile(options.dataDir))
  try {
    await seedAlone(alone, watches, now)
  } finally {
    await alone.close()
  }
  const scenes = [...others, nobodyDraws(stillOf(watches, watched).deviceId, starts[0]!)]
  const draws = scenes.flatMap((scene) => scene.draws)
  const struck = struckBy(scenes)
  const collectedBy = (device: CityDevice, i: number): Collected =>
    accounted.has(device.id) ? 'weeks' : struck.has(device.id) || i % BACKLOG_EVERY === 0 ? 'a day' : 'nothing'
  const withSecret = ({ id }: { readonly id: string }, behaviour: Behaviour) => ({
    id,
    secret: secretOf(id),
    behaviour,
  })
  const member = (device: CityDevice, collected: Collected) =>
    withSecret(
      device,
      behaviourOf(
        device,
        draws.filter((draw) => draw.deviceId === device.id),
        collected,
      ),
    )
  const losses = villageLosses(starts[0]!)
  const fleet = new Fleet({
    host: options.mqttHost,
    port: options.mqttPort,
    members: [
      // What is about to happen comes first, so that it is heard well before it happens.
      ...world.sensors.map((device) => member(device, 'nothing')),
      ...plant.devices.map((device) => withSecret(device, plant.behaviourOf(device.id))),
      ...inOrder(world.meters, [(id) => struck.has(id), (id) => accounted.has(id)]).map((device, i) =>
        member(device, collectedBy(device, i)),
      ),
      // Nights are judged as far as bulk meters have been heard: households first.
      ...villages.map((village) => withSecret(village.bulkMeter, bulkMeter(village, losses, draws))),
      withSecret(unmetered.bulkMeter, inletMeter(unmetered.bulkMeter.seed, unmetered, [unmetered.burst])),
    ],
    influences: scenes.flatMap((scene) => scene.influences),
  })

  const tell = (scenes: readonly Scenario[]): void => writeTruth(options.truthFile, scenes)
  if (options.truthFile !== undefined) writeFileSync(options.truthFile, '')
  tell(scenes)
  const quietFrom = now + QUIET_AFTER_MS
  let planned = Math.floor(quietFrom / HOUR_MS) - 1
  const planThrough = (hour: number): void => {
    while (planned < hour) {
      const scene = notBefore(quietHour(world, options.seed, ++planned, struck), quietFrom)
      fleet.addInfluences(scene.influences)
      tell([scene])
    }
  }
  planThrough(planned + 1)
  const planner = setInterval(() => planThrough(Math.floor(Date.now() / HOUR_MS)), PLAN_EVERY_MS)

  const panel = demoPanel(options.gb26875)
  fleet.start()
  panel.start()
  return {
    figures: () => fleet.figures(),
    stop: async () => {
      clearInterval(planner)
      panel.stop()
      await fleet.stop()
    },
  }
}

/** One leak, one burst, one kitchen fire and one silent home, all within the first two minutes. */
export function openingScenes(world: City, starts: readonly number[]): readonly Scenario[] {
  const first = starts[0]!
  const latest = starts.at(-1)!
  return [
    leak(world.meters[LEAK_METER]!.id, first),
    burst(world.meters[BURST_METER]!.id, starts),
    kitchenFire(world.homes[FIRE_HOME]!, latest),
    silentHome(world.homes[SILENT_HOME]!, latest),
  ]
}

const struckBy = (scenes: readonly Scenario[]): ReadonlySet<string> =>
  new Set(scenes.flatMap(({ truth }) => truth.map(({ deviceId }) => deviceId)))

const notBefore = (scene: Scenario, at: number): Scenario => ({
  ...scene,
  influences: scene.influences.filter((influence) => influence.from >= at),
  truth: scene.truth.filter((truth) => truth.from >= at),
})

/** Those to which something happens, then those of the accounted villages, then the others. */
const inOrder = (meters: readonly CityDevice[], first: readonly ((id: string) => boolean)[]): readonly CityDevice[] => {
  const rank = ({ id }: CityDevice): number => {
    const place = first.findIndex((is) => is(id))
    return place < 0 ? first.length : place
  }
  return meters.toSorted((a, b) => rank(a) - rank(b))
}

function writeTruth(file: string | undefined, scenes: readonly Scenario[]): void {
  if (file === undefined) return
  const lines = scenes.flatMap((scene) => scene.truth.map((truth) => `${JSON.stringify(truth)}\n`))
  writeFileSync(file, lines.join(''), { flag: 'a' })
}
