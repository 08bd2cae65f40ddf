import type { Place } from '../contract/api.ts'
import type { BulkFlow } from '../store/state/water-port.ts'
import type { Behaviour, Telemetry } from './devices/device.ts'
import { mix } from './random.ts'
import type { SimulatedDevice } from './seed.ts'
import { DAY_MS } from './worlds/household.ts'
import { type PlantMoment, plantWorld } from './worlds/plant.ts'
import { PLANT_INSTRUMENTS, type PlantInstrumentId } from './worlds/plant-instruments.ts'

/** The demo's waterworks, with its instruments as devices: one day of readings to begin with, then one every five minutes. */

/** It feeds more than the villages whose meters the demo has: it lies beside the counties, and its meters count for none. */
const PLANT: Place = {
  ...{ id: 'plant-east', parentId: null, kind: 'plant', name: '东郊水厂' },
  ...{ lon: 116.071, lat: 36.452, contact: '调度室 0635-0001000' },
}
const EVERY_MS = 300_000
const RHYTHM_S = 900
/** What fails in it: about one thing a week, so that a newcomer mostly sees a plant in order. */
const FAULTS_PER_MONTH = 0.5

interface DemoPlant {
  readonly place: Place
  readonly devices: readonly SimulatedDevice[]
  /** Raw water comes in, delivered water goes out: what its two bulk meters join. */
  readonly flows: readonly BulkFlow[]
  behaviourOf(deviceId: string): Behaviour
}

export function demoPlant(seed: number, now: number): DemoPlant {
  const moments = plantWorld({
    seed: mix(seed, 80_000),
    from: now - DAY_MS,
    everyMs: EVERY_MS,
    faultsPerMonth: FAULTS_PER_MONTH,
  })
  const played: PlantMoment[] = []
  /** Plays until then; the last one played may lie after it. */
  const until = (at: number): readonly PlantMoment[] => {
    while ((played.at(-1)?.at ?? 0) <= at) {
      const next = moments.next()
      if (next.done === true) break
      played.push(next.value)
    }
    while (played.length > 2 && played[0]!.at < at - DAY_MS) played.shift()
    return played.filter((moment) => moment.at <= at)
  }
  return {
    place: PLANT,
    devices: PLANT_INSTRUMENTS.map(({ id, kind, zh }) => ({
      ...{ id: deviceIdOf(id), kind, name: `${PLANT.name} ${zh}`, model: zh, placeId: PLANT.id },
      ...{ lon: PLANT.lon!, lat: PLANT.lat!, rhythmS: RHYTHM_S },
    })),
    flows: [
      { deviceId: deviceIdOf('inflow'), into: PLANT.id, outOf: null, from: 0 },
      { deviceId: deviceIdOf('outflow'), into: null, outOf: PLANT.id, from: 0 },
    ],
    behaviourOf: (deviceId) => ({
      rhythmMs: EVERY_MS,
      report: (at) => valuesOf(until(at).at(-1)!, deviceId),
      backlog: (at) => [seriesOf(until(at), deviceId)],
    }),
  }
}

const deviceIdOf = (instrument: PlantInstrumentId): string => `${PLANT.id}-${instrument}`

const valuesOf = ({ readings }: PlantMoment, deviceId: string): Telemetry =>
  readings.find(({ instrument }) => deviceIdOf(instrument) === deviceId)?.values ?? {}

function seriesOf(moments: readonly PlantMoment[], deviceId: string): Telemetry {
  const rows = moments.map((moment) => valuesOf(moment, deviceId))
  const names = Object.keys(rows[0] ?? {})
  const values = Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)]))
  return { ts: moments[0]!.at, step: EVERY_MS, values }
}
