import { randomBytes } from 'node:crypto'
import { KINDS } from '../../contract/kinds.ts'
import type { Reason } from '../../contract/reasons.ts'
import { isDeviceId } from '../../contract/topics.ts'
import { secretMatches } from '../../store/identity.ts'
import type { RegisteredDevice, Registry } from '../../store/state/port.ts'
import type { Standing } from '../session.ts'

export type Identified =
  | { readonly standing: Standing }
  | { readonly refused: Extract<Reason, `auth.${string}`>; readonly detail: string }

/** Compared with when there is no device, so that an unknown one costs the same work as a wrong secret. */
const NOBODY = randomBytes(32)
const NOTHING = Buffer.alloc(0)

/**
 * Who is it? Client id = user name = device id; the password is the device's secret. Unknown, wrong and disabled take the
 * same way and give the same answer.
 */
export async function identify(
  registry: Pick<Registry, 'find' | 'children'>,
  clientId: string,
  userName: string | undefined,
  password: Uint8Array | undefined,
): Promise<Identified> {
  if (userName !== clientId)
    return {
      refused: 'auth.identity-mismatch',
      detail: `client id "${clientId}", user name ${userName === undefined ? 'missing' : `"${userName}"`}`,
    }
  const device = isDeviceId(clientId) ? await registry.find(clientId) : undefined
  const matches = secretMatches(password ?? NOTHING, device?.secretHash ?? NOBODY)
  if (device === undefined || !matches || device.disabled)
    return { refused: 'auth.unknown-or-wrong', detail: `client id "${clientId}"` }
  return { standing: await standingOf(registry, device) }
}

/** A gateway is as urgent as the most urgent device it speaks for. */
export async function standingOf(registry: Pick<Registry, 'children'>, device: RegisteredDevice): Promise<Standing> {
  if (device.kind !== 'gateway') return { device, lane: KINDS[device.kind].lane, children: [] }
  const children = await registry.children(device.id)
  const urgent = children.some((child) => KINDS[child.kind].lane === 'urgent')
  return { device, lane: urgent ? 'urgent' : 'bulk', children: children.map((child) => child.id) }
}
