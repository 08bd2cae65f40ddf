import { randomBytes } from 'node:crypto'
import { KINDS } from '../../contract/kinds.ts'
import type { Reason } from '../../contract/reasons.ts'
import { isDeviceId } from '../../contract/topics.ts'
import { deriveKey, keyMatches } from '../../store/derived-key.ts'
import { secretMatches } from '../../store/identity.ts'
import type { RegisteredDevice, Registry } from '../../store/state/registry-port.ts'
import type { Standing } from '../session.ts'

export type Identified =
  | { readonly standing: Standing }
  | { readonly refused: Extract<Reason, `auth.${string}`>; readonly detail: string }

/** What a client shows at CONNECT. */
export interface Shown {
  readonly clientId: string
  readonly userName: string | undefined
  readonly password: Uint8Array | undefined
  /** The names in its client certificate, which the trusted authority signed; undefined where it showed none. */
  readonly certifiedAs: readonly string[] | undefined
}

/** What it is compared with. */
export interface Known {
  readonly registry: Pick<Registry, 'find' | 'children'>
  /** Absent: no derived key is accepted. */
  readonly masterKey: Uint8Array | undefined
}

/** Compared with when there is no device or no master, so that an unknown device costs the same work as a wrong secret. */
const NOBODY = randomBytes(32)
const NOTHING = Buffer.alloc(0)

/**
 * Who is it? Client id = user name = device id. A certificate of the trusted authority proves the names in it; without one
 * the password must be what the registry expects of this device. Unknown, wrong, disabled and denied take the same way
 * through here and get the same answer.
 */
export async function identify(known: Known, shown: Shown): Promise<Identified> {
  const { clientId, userName, certifiedAs } = shown
  const nameless = userName === undefined && certifiedAs !== undefined
  if (userName !== clientId && !nameless)
    return {
      refused: 'auth.identity-mismatch',
      detail: `client id "${clientId}", user name ${userName === undefined ? 'missing' : `"${userName}"`}`,
    }
  const device = isDeviceId(clientId) ? await known.registry.find(clientId) : undefined
  const isPassword = passwordMatches(known.masterKey, shown, device)
  const isProven = certifiedAs === undefined ? isPassword : certifiedAs.includes(clientId)
  if (device?.denied === true)
    return {
      refused: 'auth.denied',
      detail: `client id "${clientId}" with ${isProven ? 'its own' : 'a wrong'} identity`,
    }
  if (certifiedAs !== undefined && !isProven)
    return {
      refused: 'auth.certificate',
      detail: `client id "${clientId}" with the certificate of ${certifiedAs.join(', ')}`,
    }
  if (device === undefined || !isProven || device.disabled)
    return { refused: 'auth.unknown-or-wrong', detail: `client id "${clientId}"` }
  return { standing: await standingOf(known.registry, device) }
}

/** Both comparisons are always made: which kind of identity a device has cannot be told by time. */
function passwordMatches(
  masterKey: Uint8Array | undefined,
  { clientId, password }: Shown,
  device: RegisteredDevice | undefined,
): boolean {
  const given = password ?? NOTHING
  const isSecret = secretMatches(given, device?.identity === 'secret' ? device.secretHash : NOBODY)
  const isKey = keyMatches(given, deriveKey(masterKey ?? NOBODY, clientId, device?.generation ?? 1))
  if (device?.identity === 'secret') return isSecret
  return device?.identity === 'derived' && masterKey !== undefined && isKey
}

/** A gateway is as urgent as the most urgent device it speaks for. */
export async function standingOf(registry: Pick<Registry, 'children'>, device: RegisteredDevice): Promise<Standing> {
  if (device.kind !== 'gateway') return { device, lane: KINDS[device.kind].lane, children: [] }
  const children = await registry.children(device.id)
  const urgent = children.some((child) => KINDS[child.kind].lane === 'urgent')
  return { device, lane: urgent ? 'urgent' : 'bulk', children: children.map((child) => child.id) }
}
