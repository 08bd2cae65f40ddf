import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  page,
  type QuarantineItem,
  quarantineDetailSchema,
  quarantineGroupSchema,
  quarantineItemSchema,
  replayAnswerSchema,
} from '../../contract/api.ts'
import type { Role } from '../../contract/roles.ts'
import { callerOf } from '../access/guard.ts'
import { mustSeeUse, seesUse } from '../access/household-use.ts'
import { actorOf } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { instant } from './instant.ts'
import { offendingRange } from './offending.ts'

/** Records that one request may have decoded anew. */
const MOST_REPLAYED = 1000

const byId = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) })
const whichSchema = z.object({
  deviceId: z.string().max(64).optional(),
  reason: z.string().max(100).optional(),
  pattern: z.string().max(500).optional().describe('of a group: the detail without its numbers'),
  from: instant.optional().describe('arrived at or after'),
  to: instant.optional().describe('arrived before'),
})
const querySchema = whichSchema.extend({
  state: z.enum(['open', 'replayed', 'all']).default('open').describe('open: still waits'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(100).optional(),
})
const tryOnly = z.boolean().default(false).describe('only say what would become of them')
const replaySchema = whichSchema.extend({
  dryRun: tryOnly,
  limit: z.int().min(1).max(MOST_REPLAYED).default(MOST_REPLAYED).describe('records, oldest first'),
  cursor: z.string().max(100).optional().describe('`next` of the request before'),
})

/** What came in but could not be understood, with its bytes. */
export const quarantineRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { views } = desk.stores
    /** A household's message is its use: that it lies here, and why, is told to whoever reads the quarantine. */
    const asSeenBy = async (role: Role, item: QuarantineItem): Promise<QuarantineItem> =>
      (await seesUse(desk, role, item.deviceId)) ? item : { ...item, preview: '' }

    app.get(
      '/api/quarantine',
      {
        config: { right: 'quarantine.read' },
        schema: {
          summary: 'What could not be understood, newest first',
          tags: ['quarantine'],
          querystring: querySchema,
          response: { 200: page(quarantineItemSchema), ...failures },
        },
      },
      async (request) => {
        const { role } = callerOf(request)
        const { items, total, next } = await views.quarantine(request.query)
        return { items: await Promise.all(items.map((item) => asSeenBy(role, item))), total, next }
      },
    )

    app.get(
      '/api/quarantine/groups',
      {
        config: { right: 'quarantine.read' },
        schema: {
          summary: 'The same, what is alike in one row',
          description:
            'Alike: same device, same reason, same detail apart from its numbers. `reasons` counts entries by reason under the other filters.',
          tags: ['quarantine'],
          querystring: querySchema,
          response: {
            200: page(quarantineGroupSchema).extend({
              reasons: z.array(z.object({ reason: z.string(), count: z.number().int(), lastAt: z.number() })),
            }),
            ...failures,
          },
        },
      },
      async (request) => {
        const { reason: _, ...others } = request.query
        const { role } = callerOf(request)
        const { items: groups, total, next } = await views.quarantineGroups(request.query)
        const items = await Promise.all(
          groups.map(async (group) => ({ ...group, newest: await asSeenBy(role, group.newest) })),
        )
        return { items, total, next, reasons: [...(await views.quarantineReasons(others))] }
      },
    )

    app.post(
      '/api/quarantine/replay',
      {
        config: { right: 'quarantine.replay' },
        schema: {
          summary: 'Decode again what a filter finds, for example after an update or once the device is registered',
          description:
            'Decided by ingest as of the time each message came: it adds to history and to what was missed, and nothing rings. Only what still waits is touched, so that repeating a request does no harm. A record is replayed whole, with all its entries.',
          tags: ['quarantine'],
          body: replaySchema,
          response: { 200: replayAnswerSchema, ...failures },
        },
      },
      (request) => desk.replays.perform(callerOf(request), request.body),
    )

    app.get(
      '/api/quarantine/:id',
      {
        config: { right: 'quarantine.read' },
        schema: {
          summary: 'Its bytes as they came in',
          tags: ['quarantine'],
          params: byId,
          produces: ['application/octet-stream'],
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const [entry, bytes] = await Promise.all([views.quarantineDetail(id), views.quarantineBytes(id)])
        if (entry === undefined || bytes === undefined) throw new ApiError('quarantine.unknown')
        await mustSeeUse(desk, callerOf(request).role, entry.deviceId)
        await desk.stores.accounts.audit({
          at: desk.now(),
          actor: actorOf(callerOf(request)),
          action: 'quarantine.export',
          target: `quarantine/${id}`,
          detail: '',
        })
        return reply
          .type('application/octet-stream')
          .header('content-disposition', `attachment; filename="quarantine-${id}.bin"`)
          .send(Buffer.from(bytes))
      },
    )

    app.get(
      '/api/quarantine/:id/detail',
      {
        config: { right: 'quarantine.read' },
        schema: {
          summary: 'Everything about it, and where in its bytes it goes wrong',
          tags: ['quarantine'],
          params: byId,
          response: { 200: quarantineDetailSchema, ...failures },
        },
      },
      async (request) => {
        const entry = await views.quarantineDetail(request.params.id)
        if (entry === undefined) throw new ApiError('quarantine.unknown')
        await mustSeeUse(desk, callerOf(request).role, entry.deviceId)
        const offending = offendingRange(entry.reason, entry.detail, Buffer.from(entry.bytes, 'base64'))
        return { ...entry, offending }
      },
    )

    app.post(
      '/api/quarantine/:id/replay',
      {
        config: { right: 'quarantine.replay' },
        schema: {
          summary: 'Decode one message again, with all its entries',
          tags: ['quarantine'],
          params: byId,
          body: z.object({ dryRun: tryOnly }).nullish(),
          response: { 200: replayAnswerSchema, ...failures },
        },
      },
      (request) =>
        desk.replays.perform(callerOf(request), {
          id: request.params.id,
          dryRun: request.body?.dryRun ?? false,
          limit: 1,
        }),
    )
  }
