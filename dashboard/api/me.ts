import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { hashPassword } from '../../store/identity.ts'
import { callerOf } from '../access/guard.ts'
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
  current: z.string().max(LONGEST_PASSWORD).optional().describe('the present password, where there is one'),
})

/** What a person changes of themselves. */
export const meRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
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
        const caller = callerOf(request)
        if (caller.via !== 'session') throw new ApiError('password.session-only')
        const { password, current } = request.body
        if (caller.hasPassword) {
          const right = current !== undefined && (await desk.passwords.isRight(request.ip, caller.name, current))
          if (!right) throw new ApiError('password.wrong')
        }
        await desk.stores.accounts.setPassword(caller.name, await hashPassword(password))
        // Whoever had the old one, or got hold of a link, is out; their open consoles close within a second.
        await desk.stores.accounts.removeSessions(caller.name, caller.tokenHash)
        await desk.stores.accounts.audit({
          at: desk.now(),
          actor: caller.name,
          action: 'password.set',
          target: caller.name,
          detail: '',
        })
        return reply.code(204).send(null)
      },
    )
  }
