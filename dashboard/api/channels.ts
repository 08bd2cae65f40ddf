import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import { type Channel, channelChangeSchema, channelSchema, newChannelSchema } from '../../contract/channel-settings.ts'
import { messageSchema } from '../../contract/channels.ts'
import { BadChannel, changedChannel, draftChannel, tryChannel } from '../../store/channel-edit.ts'
import type { StoredChannel } from '../../store/state/channels-port.ts'
import { DuplicateName } from '../../store/state/duplicate-name.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(100) })
/** A little longer than one attempt of the courier. */
const TEST_PATIENCE_MS = 12_000

/** Who is told of incidents, by what. The same as `hydrant channel`. Secrets go in, and only their names come out. */
export const channelRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { accounts, channels, outbox } = desk.stores
    const config = { right: 'admin' } as const
    const tags = ['channels']
    const audit = (caller: Caller, action: string, target: string, detail = ''): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail })

    const found = async (id: string): Promise<StoredChannel> => {
      const channel = await channels.find(id)
      if (channel === undefined) throw new ApiError('channel.unknown')
      return channel
    }
    const answers = async (given: readonly StoredChannel[]): Promise<Channel[]> => {
      const [waiting, dead] = await Promise.all([outbox.waitingChannels(), outbox.deadLetterCounts()])
      const waits = new Map(waiting.map(({ channelId, count }) => [channelId, count]))
      return given.map(({ createdAt: _, ...channel }) => ({
        ...channel,
        settings: { ...channel.settings },
        secrets: Object.keys(channel.secrets),
        rules: [...channel.rules],
        waiting: waits.get(channel.id) ?? 0,
        deadLetters: dead.get(channel.id) ?? 0,
      }))
    }
    const answer = async (channel: StoredChannel): Promise<Channel> => (await answers([channel]))[0] as Channel

    app.get(
      '/api/channels',
      {
        config,
        schema: {
          summary: 'Every channel, without its secrets',
          tags,
          response: { 200: z.object({ items: z.array(channelSchema) }), ...failures },
        },
      },
      async () => ({ items: await answers(await channels.list()) }),
    )

    app.post(
      '/api/channels',
      {
        config,
        schema: {
          summary: 'Add a channel',
          description:
            'A webhook that is given no signing secret has a new one; the answer holds it, this once. Without rules a channel hears every fire and care incident.',
          tags,
          body: newChannelSchema,
          response: {
            201: channelSchema.extend({ signingSecret: z.string().optional().describe('shown only now') }),
            ...failures,
          },
        },
      },
      async (request, reply) => {
        const channel = await refusing(() => draftChannel(request.body, desk.now()))
        await refusing(() => channels.put(channel))
        await audit(callerOf(request), 'channel.add', channel.id, `${channel.kind} ${channel.name}`)
        const made = channel.kind === 'webhook' && request.body.secrets.signingSecret === undefined
        const { signingSecret } = channel.secrets
        return reply
          .code(201)
          .send({ ...(await answer(channel)), ...(made && signingSecret !== undefined ? { signingSecret } : {}) })
      },
    )

    app.patch(
      '/api/channels/:id',
      {
        config,
        schema: {
          summary: 'Change a channel; ingest follows within a moment',
          tags,
          params: byId,
          body: channelChangeSchema,
          response: { 200: channelSchema, ...failures },
        },
      },
      async (request) => {
        const before = await found(request.params.id)
        const channel = await refusing(() => changedChannel(before, request.body))
        await refusing(() => channels.put(channel))
        // What was changed, never to what: an address may hold a key.
        await audit(callerOf(request), 'channel.change', channel.id, Object.keys(request.body).join(' '))
        return answer(channel)
      },
    )

    app.delete(
      '/api/channels/:id',
      {
        config,
        schema: {
          summary: 'Remove a channel; what waits for it becomes dead letters',
          tags,
          params: byId,
          response: { 204: z.null(), ...failures },
        },
      },
      async (request, reply) => {
        const { id, name } = await found(request.params.id)
        await channels.remove(id)
        await audit(callerOf(request), 'channel.remove', id, name)
        return reply.code(204).send(null)
      },
    )

    app.post(
      '/api/channels/:id/test',
      {
        config,
        schema: {
          summary: 'Send a test message, and wait for what comes of it',
          description: '`sent`: it works. `waiting`: `lastError` says why not yet, or ingest is not running.',
          tags,
          params: byId,
          response: { 200: messageSchema, ...failures },
        },
      },
      async (request) => {
        const channel = await found(request.params.id)
        await audit(callerOf(request), 'channel.test', channel.id, channel.name)
        return tryChannel(outbox, channel, { now: desk.now, patienceMs: TEST_PATIENCE_MS })
      },
    )

    app.get(
      '/api/dead-letters',
      {
        config,
        schema: {
          summary: 'Messages that were given up, newest first',
          tags,
          querystring: z.object({
            limit: z.coerce.number().int().min(1).max(1000).default(100),
            cursor: z.string().max(100).optional(),
          }),
          response: { 200: page(messageSchema), ...failures },
        },
      },
      async (request) => {
        const { items, ...rest } = await outbox.deadLetters(request.query)
        return { items: [...items], ...rest }
      },
    )

    app.post(
      '/api/dead-letters/:id/send-again',
      {
        config,
        schema: {
          summary: 'Send a dead letter again, under the same delivery id',
          tags,
          params: byId,
          response: { 200: messageSchema, ...failures },
        },
      },
      async (request) => {
        const { id } = request.params
        if (!(await outbox.sendAgain(id, desk.now()))) throw new ApiError('message.not-dead')
        await audit(callerOf(request), 'message.send-again', id)
        const message = await outbox.find(id)
        if (message === undefined) throw new ApiError('message.not-dead')
        return message
      },
    )
  }

async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BadChannel) throw new ApiError('channel.invalid', error.message)
    if (error instanceof DuplicateName) throw new ApiError('channel.exists')
    throw error
  }
}
