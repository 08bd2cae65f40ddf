import type { Place } from '../contract/api.ts'
import type { Resident } from '../contract/residents.ts'
import { hashSecret } from '../store/identity.ts'
import type { NewDevice, RegisteredDevice, Registry } from '../store/state/registry-port.ts'
import type { Residents } from '../store/state/residents-port.ts'
import type { BulkFlow, Topology } from '../store/state/water-port.ts'
import type { CityDevice } from './worlds/city.ts'

/** Devices read from the registry at a time. */
const PAGE = 1000

/** A virtual device as it is registered. */
export type SimulatedDevice = Omit<CityDevice, 'seed'> & {
  /** The gateway that speaks for it. */
  readonly gatewayId?: string
}

interface Simulated {
  readonly places: readonly Place[]
  /** A gateway stands before those it speaks for. */
  readonly devices: readonly SimulatedDevice[]
}

/**
 * Registers places and devices. Does nothing for a device that is there with its secret, so that what a
 * person changed (a name, disabled) stays. Resolves with how many were put.
 */
export async function seedRegistry(
  registry: Registry,
  { places, devices }: Simulated,
  secretOf: (deviceId: string) => string,
): Promise<number> {
  const known = await registered(registry)
  const missing: NewDevice[] = []
  for (const device of devices) {
    const secretHash = hashSecret(secretOf(device.id))
    const there = known.get(device.id)
    if (there === undefined || !Buffer.from(there.secretHash).equals(secretHash))
      missing.push(newDevice(device, secretHash))
  }
  const knownPlaces = new Set((await registry.places()).map((place) => place.id))
  const missingPlaces = places.filter((place) => !knownPlaces.has(place.id))
  if (missingPlaces.length > 0) await registry.putPlaces(missingPlaces)
  if (missing.length > 0) await registry.put(missing, { replace: true })
  return missing.length
}

/** What bulk meters join, once: what a person changed stays. */
export async function seedFlows(topology: Topology, flows: readonly BulkFlow[]): Promise<void> {
  const known = new Set((await topology.bulkFlows()).map(({ deviceId }) => deviceId))
  for (const flow of flows) if (!known.has(flow.deviceId)) await topology.putFlow(flow)
}

/** Registers the demo's invented residents, once: who was removed or changed by a person stays so. */
export async function seedResidents(residents: Residents, people: readonly Resident[]): Promise<void> {
  const first = people[0]
  const last = people.at(-1)
  if (first === undefined || last === undefined) return
  const seeded = (await residents.find(first.id)) ?? (await residents.find(last.id))
  if (seeded === undefined) await residents.put(people)
}

async function registered(registry: Registry): Promise<ReadonlyMap<string, RegisteredDevice>> {
  const known = new Map<string, RegisteredDevice>()
  let after = ''
  for (;;) {
    const page = await registry.list(after, PAGE)
    for (const device of page) known.set(device.id, device)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return known
    after = last.id
  }
}

const newDevice = (device: SimulatedDevice, secretHash: Uint8Array): NewDevice => ({
  id: device.id,
  kind: device.kind,
  name: device.name,
  model: device.model,
  placeId: device.placeId,
  gatewayId: device.gatewayId ?? null,
  lon: device.lon,
  lat: device.lat,
  rhythmS: device.rhythmS,
  secretHash,
})
