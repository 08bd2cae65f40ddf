import type { Kind } from '../../contract/kinds.ts'
import type { Role } from '../../contract/roles.ts'
import { stateFile } from '../../store/files.ts'
import { hashSecret, makeSecret } from '../../store/identity.ts'
import { openAccounts, openRegistry } from '../../store/state/sqlite.ts'

export interface FleetDevice {
  readonly id: string
  readonly kind: Kind
  /** The gateway that it hangs on. */
  readonly gatewayId?: string
}

/** Devices in one transaction of the registry: few enough that the roles, if they run, hardly notice it. */
const CHUNK = 5000

/** Registers devices, whether or not the roles run. @returns each one's secret */
export async function registerFleet(
  dataDir: string,
  devices: readonly FleetDevice[],
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>()
  const registry = openRegistry(stateFile(dataDir))
  try {
    for (let at = 0; at < devices.length; at += CHUNK)
      await registry.put(
        devices.slice(at, at + CHUNK).map(({ id, kind, gatewayId }) => {
          const secret = makeSecret()
          secrets.set(id, secret)
          return {
            id,
            kind,
            name: id,
            model: null,
            placeId: null,
            gatewayId: gatewayId ?? null,
            lon: null,
            lat: null,
            rhythmS: null,
            secretHash: hashSecret(secret),
          }
        }),
        { replace: false },
      )
  } finally {
    await registry.close()
  }
  return secrets
}

/** @returns a bearer token; a water engineer's, who may read what meters measured, where nothing else is said */
export async function addBearer(dataDir: string, role: Role = 'water'): Promise<string> {
  const accounts = openAccounts(stateFile(dataDir))
  const token = makeSecret()
  try {
    await accounts.addToken({ name: `bench ${role}`, role, tokenHash: hashSecret(token), createdAt: Date.now() })
  } finally {
    await accounts.close()
  }
  return token
}

/** `name-00`, `name-01`, … */
export const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}-${String(i).padStart(2, '0')}`)
