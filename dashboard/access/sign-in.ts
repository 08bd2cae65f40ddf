import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret } from '../../store/identity.ts'
import type { Desk } from '../desk.ts'
import { sessionCookieOf, setSessionCookie } from './cookie.ts'

/** Opens a session for a person who has proved who they are, and ends the one the browser had before. */
export async function signIn(
  desk: Desk,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  how: 'password' | 'link',
): Promise<void> {
  const before = sessionCookieOf(request, desk.config)
  if (before !== undefined) await desk.sessions.end(hashSecret(before))
  setSessionCookie(reply, await desk.sessions.open(name), desk.config)
  await desk.stores.accounts.audit({
    at: desk.now(),
    actor: name,
    action: 'session.open',
    target: name,
    detail: JSON.stringify({ how, address: request.ip }),
  })
}
