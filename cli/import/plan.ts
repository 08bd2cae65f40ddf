import { hashSecret } from '../../store/identity.ts'
import type { NewDevice, RegisteredDevice } from '../../store/state/registry-port.ts'
import { NO_SECRET } from '../secret.ts'
import type { DeviceRow } from './device-rows.ts'

export interface Plan {
  readonly added: readonly NewDevice[]
  readonly changed: readonly NewDevice[]
  readonly unchanged: number
  /** Secrets that were made here, by device: they exist nowhere else. */
  readonly made: ReadonlyMap<string, string>
}

/** What importing these rows does to what is registered. The same table a second time does nothing. */
export async function planImport(
  rows: readonly DeviceRow[],
  find: (id: string) => Promise<RegisteredDevice | undefined>,
  freshSecret: () => string,
): Promise<Plan> {
  const added: NewDevice[] = []
  const changed: NewDevice[] = []
  const made = new Map<string, string>()
  let unchanged = 0
  for (const row of rows) {
    const known = await find(row.id)
    const device = merge(row, known, () => {
      const secret = freshSecret()
      made.set(row.id, secret)
      return secret
    })
    if (known === undefined) added.push(device)
    else if (isSame(device, known)) unchanged += 1
    else changed.push(device)
  }
  return { added, changed, unchanged, made }
}

/** @param freshSecret asked only where the device shows a secret and nobody knows one */
function merge(row: DeviceRow, known: RegisteredDevice | undefined, freshSecret: () => string): NewDevice {
  const identity = row.identity ?? known?.identity ?? 'secret'
  return {
    id: row.id,
    kind: row.kind,
    name: row.name ?? known?.name ?? row.id,
    model: row.model ?? known?.model ?? null,
    placeId: row.place ?? known?.placeId ?? null,
    gatewayId: row.gateway ?? known?.gatewayId ?? null,
    lon: row.lon ?? known?.lon ?? null,
    lat: row.lat ?? known?.lat ?? null,
    rhythmS: row.rhythmS ?? known?.rhythmS ?? null,
    gbAddress: row.gbAddress ?? known?.gbAddress ?? null,
    gbFrom: row.gbFrom ?? known?.gbFrom ?? [],
    identity,
    secretHash: identity === 'secret' ? secretHashOf(row, known, freshSecret) : NO_SECRET,
  }
}

function secretHashOf(row: DeviceRow, known: RegisteredDevice | undefined, freshSecret: () => string): Uint8Array {
  if (row.secret === undefined && known?.identity === 'secret') return known.secretHash
  return hashSecret(row.secret ?? freshSecret())
}

const isSame = (device: NewDevice, known: RegisteredDevice): boolean =>
  Buffer.from(device.secretHash).equals(known.secretHash) &&
  device.gbFrom?.join() === known.gbFrom.join() &&
  (['kind', 'name', 'model', 'placeId', 'gatewayId', 'lon', 'lat', 'rhythmS', 'identity', 'gbAddress'] as const).every(
    (field) => device[field] === known[field],
  )
