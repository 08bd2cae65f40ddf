import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page, quarantineItemSchema } from '../../contract/api.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const querySchema = z.object({
  deviceId: z.string().max(64).optional(),
  reason: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(100).optional(),
})

/** What came in but could not be understood, with its bytes. */
export const quarantineRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { views } = desk.stores

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
        const { items, total, next } = await views.quarantine(request.query)
        return { items: [...items], total, next }
      },
    )

    app.get(
      '/api/quarantine/:id',
      {
        config: { right: 'quarantine.read' },
        schema: {
          summary: 'Its bytes as they came in',
          tags: ['quarantine'],
          params: z.object({ id: z.coerce.number().int().min(1) }),
          produces: ['application/octet-stream'],
        },
      },
      async (request, reply) => {
        const bytes = await views.quarantineBytes(request.params.id)
        if (bytes === undefined) throw new ApiError('quarantine.unknown')
        return reply
          .type('application/octet-stream')
          .header('content-disposition', `attachment; filename="quarantine-${request.params.id}.bin"`)
          .send(Buffer.from(bytes))
      },
    )
  }
