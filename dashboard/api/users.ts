import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { signInPathSchema, userSchema } from '../../contract/api.ts'
import { ROLES } from '../../contract/roles.ts'
import { isUserName, plainName, USER_NAME_RULE } from '../../contract/user-name.ts'
import { makeSignInPath } from '../../store/sign-in-link.ts'
import { LastAdmin } from '../../store/state/accounts-port.ts'
import { DuplicateName } from '../../store/state/duplicate-name.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byName = z.object({ name: z.string().min(1).max(100) })
const newUserSchema = z.object({
  name: z.string().max(100).transform(plainName).refine(isUserName, USER_NAME_RULE),
  role: z.enum(ROLES),
})
const changeSchema = z
  .object({ role: z.enum(ROLES).optional(), disabled: z.boolean().optional() })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, 'say what is to change')

/** Who may sign in, for administrators. The same as `hydrant user`, but never without an administrator left. */
export const userRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { accounts } = desk.stores
    const config = { right: 'admin' } as const
    const tags = ['users']
    const audit = (caller: Caller, action: string, target: string, detail = ''): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail })
    const answerOf = async (name: string) => {
      const user = await accounts.user(name)
      if (user === undefined) throw new ApiError('user.unknown')
      const sessions = await accounts.sessions(name, desk.now())
      return {
        name: user.name,
        role: user.role,
        hasPassword: user.hasPassword,
        disabled: user.disabled,
        createdAt: user.createdAt,
        sessions: sessions.length,
        lastUsedAt: sessions[0]?.lastUsedAt ?? null,
      }
    }

    app.get(
      '/api/users',
      {
        config,
        schema: {
          summary: 'Everybody who may sign in',
          tags,
          response: { 200: z.object({ items: z.array(userSchema) }), ...failures },
        },
      },
      async () => {
        const users = await accounts.users()
        return { items: await Promise.all(users.map((user) => answerOf(user.name))) }
      },
    )

    app.post(
      '/api/users',
      {
        config,
        schema: {
          summary: 'Add somebody; the answer holds their one-time sign-in link',
          tags,
          body: newUserSchema,
          response: { 201: signInPathSchema, ...failures },
        },
      },
      async (request, reply) => {
        const { name, role } = request.body
        try {
          await accounts.addUser({ name, role, passwordHash: null, createdAt: desk.now() })
        } catch (error) {
          if (error instanceof DuplicateName) throw new ApiError('user.exists')
          throw error
        }
        await audit(callerOf(request), 'user.add', name, role)
        return reply.code(201).send({ path: await makeSignInPath(accounts, name, desk.now()) })
      },
    )

    app.patch(
      '/api/users/:name',
      {
        config,
        schema: {
          summary: 'Change a role, or disable and enable; takes effect at once, on open consoles too',
          tags,
          params: byName,
          body: changeSchema,
          response: { 200: userSchema, ...failures },
        },
      },
      async (request) => {
        const { name } = request.params
        const { role, disabled } = request.body
        const known = await unlessLastAdmin(accounts.changeUser(name, { role, disabled }, { keepAdmin: true }))
        if (!known) throw new ApiError('user.unknown')
        if (role !== undefined) await audit(callerOf(request), 'user.role', name, role)
        if (disabled !== undefined) await audit(callerOf(request), disabled ? 'user.disable' : 'user.enable', name)
        return answerOf(name)
      },
    )

    app.delete(
      '/api/users/:name',
      {
        config,
        schema: {
          summary: 'Remove somebody; what they did stays in the audit',
          tags,
          params: byName,
          response: { 204: z.null(), ...failures },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        if (!(await unlessLastAdmin(accounts.removeUser(name, { keepAdmin: true })))) throw new ApiError('user.unknown')
        await audit(callerOf(request), 'user.remove', name)
        return reply.code(204).send(null)
      },
    )

    app.delete(
      '/api/users/:name/sessions',
      {
        config,
        schema: {
          summary: 'Sign somebody out everywhere; their unused links are dead too',
          tags,
          params: byName,
          response: { 204: z.null(), ...failures },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        if ((await accounts.user(name)) === undefined) throw new ApiError('user.unknown')
        const ended = await accounts.removeSessions(name)
        await audit(callerOf(request), 'session.end', name, JSON.stringify({ everywhere: ended }))
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/api/users/:name/link',
      {
        config,
        schema: {
          summary: 'A new one-time sign-in link, also for who has forgotten their password',
          tags,
          params: byName,
          response: { 201: signInPathSchema, ...failures },
        },
      },
      async (request, reply) => {
        const { name } = request.params
        const user = await accounts.user(name)
        if (user === undefined) throw new ApiError('user.unknown')
        if (user.disabled) throw new ApiError('user.disabled')
        await audit(callerOf(request), 'user.link', name)
        return reply.code(201).send({ path: await makeSignInPath(accounts, name, desk.now()) })
      },
    )
  }

async function unlessLastAdmin(change: Promise<boolean>): Promise<boolean> {
  try {
    return await change
  } catch (error) {
    if (error instanceof LastAdmin) throw new ApiError('user.last-admin')
    throw error
  }
}
