import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { eventSchema } from '../../contract/events.ts'
import type { Desk } from '../desk.ts'
import { failures } from './failures.ts'

/** The log of what was decided, for programs that cannot hold a socket open. */
export const eventRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/events',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Events after a number, oldest first',
          tags: ['alarms'],
          querystring: z.object({
            after: z.coerce.number().int().min(0).default(0),
            limit: z.coerce.number().int().min(1).max(1000).default(500),
          }),
          response: {
            200: z.object({
              items: z.array(eventSchema),
              last: z.number().int().describe('pass as ?after= for what comes next'),
            }),
            ...failures,
          },
        },
      },
      async (request) => {
        const { after, limit } = request.query
        const items = [...(await desk.stores.views.eventsAfter(after, limit))]
        return { items, last: items.at(-1)?.seq ?? after }
      },
    )
  }
