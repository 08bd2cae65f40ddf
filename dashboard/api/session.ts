import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { sessionSchema } from '../../contract/api.ts'
import { plainName } from '../../contract/user-name.ts'
import { clearSessionCookie } from '../access/cookie.ts'
import { callerOf } from '../access/guard.ts'
import { laneOf, signIn } from '../access/sign-in.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const signInSchema = z.object({ name: z.string().min(1).max(100), password: z.string().min(1).max(200) })

/** Who am I, sign in, sign out. */
export const sessionRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { accounts } = desk.stores

    app.get(
      '/api/session',
      {
        config: { right: 'read' },
        schema: { summary: 'Who am I', tags: ['session'], response: { 200: sessionSchema, ...failures } },
      },
      async (request) => {
        const caller = callerOf(request)
        return { name: caller.name, role: caller.role, mustSetPassword: !caller.hasPassword }
      },
    )

    app.post(
      '/api/session',
      {
        config: { public: true },
        schema: {
          summary: 'Sign in; the answer sets the session cookie',
          tags: ['session'],
          body: signInSchema,
          response: { 200: sessionSchema, ...failures },
        },
      },
      async (request, reply) => {
        const name = plainName(request.body.name)
        const right = await desk.passwords.isRight(await laneOf(desk, request, name), name, request.body.password)
        desk.figures.count(`sign_ins_total{outcome="${right ? 'ok' : 'wrong'}"}`)
        const user = await accounts.user(name)
        if (!right || user === undefined) {
          // Not the name that was typed: people type their password into the wrong field.
          desk.log.warn({ address: request.ip }, 'a sign-in with a wrong name or password')
          await accounts.audit(...desk.refusedSignIns.refused(user?.name ?? '', request.ip, desk.now()))
          throw new ApiError('login.wrong')
        }
        await signIn(desk, request, reply, user.name, 'password')
        return { name: user.name, role: user.role, mustSetPassword: false }
      },
    )

    app.delete(
      '/api/session',
      {
        config: { right: 'read' },
        schema: { summary: 'Sign out', tags: ['session'], response: { 204: z.null(), ...failures } },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        if (caller.via === 'session') {
          await desk.sessions.end(caller.tokenHash)
          await accounts.audit({
            at: desk.now(),
            actor: caller.name,
            action: 'session.end',
            target: caller.name,
            detail: '',
          })
        }
        clearSessionCookie(reply, desk.config)
        return reply.code(204).send(null)
      },
    )
  }
