import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { openSessionSchema } from '../../contract/api.ts'
import { clearSessionCookie } from '../access/cookie.ts'
import { callerOf } from '../access/guard.ts'
import type { Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

/** NIST SP 800-63B asks for 8 as the least and for no other rules; this console sets off sirens. */
const SHORTEST_PASSWORD = 10
const LONGEST_PASSWORD = 200

const passwordSchema = z.object({
  password: z
    .string()
    .min(SHORTEST_PASSWORD, `must have at least ${SHORTEST_PASSWORD} characters`)
    .max(LONGEST_PASSWORD),
  current: z
    .string()
    .max(LONGEST_PASSWORD)
    .optional()
    .describe('the present password; not asked of who came by a one-time link'),
})

/** A program has no sessions and no password. */
function personOf(caller: Caller): Caller {
  if (caller.via !== 'session') throw new ApiError('account.session-only')
  return caller
}

/** What a person sees and changes of themselves. */
export const meRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { accounts } = desk.stores
    const audit = (caller: Caller, action: string, detail: object = {}): Promise<void> =>
      accounts.audit({
        at: desk.now(),
        actor: caller.name,
        action,
        target: caller.name,
        detail: Object.keys(detail).length === 0 ? '' : JSON.stringify(detail),
      })

    app.post(
      '/api/me/password',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Set or change my password; ends my other sessions and unused sign-in links',
          tags: ['session'],
          body: passwordSchema,
          response: { 204: z.null(), ...failures },
        },
      },
      async (request, reply) => {
        const caller = personOf(callerOf(request))
        const { password, current } = request.body
        // Its own lane: nobody else's failures count against a person who is already in.
        const lane = { key: `session ${Buffer.from(caller.tokenHash).toString('base64')}`, known: true }
        if (caller.hasPassword && !caller.byLink) {
          const right = current !== undefined && (await desk.passwords.isRight(lane, caller.name, current))
          if (!right) throw new ApiError('password.wrong')
        }
        await accounts.setPassword(caller.name, await desk.passwords.hash(lane, password))
        // Whoever had the old one, or got hold of a link, is out; their open consoles close within a second.
        await accounts.removeSessions(caller.name, caller.tokenHash)
        await audit(caller, 'password.set')
        return reply.code(204).send(null)
      },
    )

    app.get(
      '/api/me/sessions',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Where I am signed in, the last used first',
          tags: ['session'],
          response: { 200: z.object({ items: z.array(openSessionSchema) }), ...failures },
        },
      },
      async (request) => {
        const caller = personOf(callerOf(request))
        const mine = (await accounts.session(caller.tokenHash, desk.now()))?.session.id
        const sessions = await accounts.sessions(caller.name, desk.now())
        return {
          items: sessions.map(({ id, createdAt, lastUsedAt, expiresAt, address, agent, byLink }) => ({
            id,
            current: id === mine,
            createdAt,
            lastUsedAt: id === mine ? desk.now() : lastUsedAt,
            expiresAt,
            address,
            agent,
            byLink,
          })),
        }
      },
    )

    app.delete(
      '/api/me/sessions/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Sign out there',
          tags: ['session'],
          params: z.object({ id: z.string().max(100) }),
          response: { 204: z.null(), ...failures },
        },
      },
      async (request, reply) => {
        const caller = personOf(callerOf(request))
        const { id } = request.params
        if (!(await accounts.endSession(caller.name, id))) throw new ApiError('session.unknown')
        await audit(caller, 'session.end', { session: id })
        return reply.code(204).send(null)
      },
    )

    app.delete(
      '/api/me/sessions',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Sign out everywhere, here too',
          tags: ['session'],
          response: { 204: z.null(), ...failures },
        },
      },
      async (request, reply) => {
        const caller = personOf(callerOf(request))
        const ended = await accounts.removeSessions(caller.name)
        await audit(caller, 'session.end', { everywhere: ended })
        clearSessionCookie(reply, desk.config)
        return reply.code(204).send(null)
      },
    )
  }
