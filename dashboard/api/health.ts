import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Desk } from '../desk.ts'
import { standing } from './standing.ts'

const roleSchema = z.object({ lastAt: z.number().nullable(), fresh: z.boolean() })
const standingSchema = z.object({
  ready: z.boolean(),
  checks: z.object({ journal: z.string(), state: z.string(), history: z.string() }).describe('ok, or what is wrong'),
  roles: z.object({ broker: roleSchema, ingest: roleSchema, dashboard: roleSchema }),
  lag: z.array(z.object({ cursor: z.string(), lane: z.string(), records: z.number().int() })),
})

/** For supervisors and load balancers; without sign-in, and without anything that needs one. */
export const healthRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/healthz',
      {
        config: { public: true },
        schema: {
          summary: 'The process is alive',
          tags: ['operating'],
          response: { 200: z.object({ alive: z.literal(true) }) },
        },
      },
      async (_request, reply) => {
        reply.header('cache-control', 'no-store')
        return { alive: true as const }
      },
    )

    app.get(
      '/readyz',
      {
        config: { public: true },
        schema: {
          summary: 'Journal, state and history can be reached; how fresh the roles are and how far they lag',
          tags: ['operating'],
          response: { 200: standingSchema, 503: standingSchema },
        },
      },
      async (_request, reply) => {
        const now = await standing(desk)
        return reply
          .code(now.ready ? 200 : 503)
          .header('cache-control', 'no-store')
          .send({ ...now, lag: [...now.lag] })
      },
    )
  }
