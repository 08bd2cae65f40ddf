import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret, makeSecret } from '../../store/identity.ts'
import { subscriberOf } from '../../store/subscriber.ts'
import type { Desk } from '../desk.ts'
import { DEVICE_KEPT_MS, deviceCookieOf, sessionCookieOf, setDeviceCookie, setSessionCookie } from './cookie.ts'
import type { Lane } from './throttle.ts'

/** Which lane a try for this name is in: the browser's own where that person has used it before, else its address's. */
export async function laneOf(desk: Desk, request: FastifyRequest, name: string): Promise<Lane> {
  const device = deviceCookieOf(request, desk.config)
  if (device !== undefined) {
    const hash = hashSecret(device)
    if (await desk.stores.accounts.isKnownDevice(hash, desk.now() - DEVICE_KEPT_MS, name))
      return { key: `device ${Buffer.from(hash).toString('base64')}`, known: true }
  }
  return { key: subscriberOf(request.ip), known: false }
}

/**
 * Opens a session for a person who has proved who they are, under a new token, and ends the one the browser had before:
 * a token that somebody planted is worth nothing.
 */
export async function signIn(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  how: 'password' | 'link',
): Promise<void> {
  const { accounts } = desk.stores
  const before = sessionCookieOf(request, desk.config)
  if (before !== undefined) await desk.sessions.end(hashSecret(before))
  const origin = { address: request.ip, agent: request.headers['user-agent'] ?? '', byLink: how === 'link' }
  setSessionCookie(reply, await desk.sessions.open(name, origin), desk.config)
  const device = await deviceFor(desk, request)
  await accounts.addKnownDevice(hashSecret(device), name, desk.now())
  setDeviceCookie(reply, device, desk.config)
  await accounts.audit({
    at: desk.now(),
    actor: name,
    action: 'session.open',
    target: name,
    detail: JSON.stringify({ how, address: request.ip }),
  })
}

/** One browser serves every shift: its token is kept, unless it is not one of ours. */
async function deviceFor(desk: Desk, request: FastifyRequest): Promise<string> {
  const device = deviceCookieOf(request, desk.config)
  if (device === undefined) return makeSecret()
  const ours = await desk.stores.accounts.isKnownDevice(hashSecret(device), desk.now() - DEVICE_KEPT_MS)
  return ours ? device : makeSecret()
}
