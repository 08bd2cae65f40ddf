import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { SEVERITIES } from '../../contract/alarms.ts'
import { DEVICE_STATUSES } from '../../contract/api.ts'
import type { Desk } from '../desk.ts'
import { failures } from './failures.ts'

const count = z.number().int()

/** The figures over the queue and the map. */
export const summaryRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/summary',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Counts: devices by how they stand, open alarms by severity, readings',
          tags: ['devices'],
          response: {
            200: z.object({
              serverTime: z.number(),
              devices: z.object({ total: count, byStatus: z.record(z.enum(DEVICE_STATUSES), count) }),
              alarms: z.object({
                open: z.record(z.enum(SEVERITIES), count),
                active: z.record(z.enum(SEVERITIES), count),
              }),
              readings: z.object({ total: count, perMinute: count, lastAt: z.number().nullable() }),
            }),
            ...failures,
          },
        },
      },
      async () => {
        const totals = await desk.stores.views.totals()
        return {
          serverTime: desk.now(),
          devices: { total: desk.fleet.size, byStatus: desk.fleet.counts() },
          alarms: { open: await bySeverity(desk, 'open'), active: await bySeverity(desk, 'active') },
          readings: {
            total: totals.readings,
            perMinute: desk.throughput.perMinute(),
            lastAt: totals.lastReadingAt,
          },
        }
      },
    )
  }

export async function bySeverity(
  desk: Pick<Desk, 'stores'>,
  state: 'open' | 'active',
): Promise<Record<(typeof SEVERITIES)[number], number>> {
  const counts = await Promise.all(
    SEVERITIES.map(
      async (severity) => [severity, (await desk.stores.views.alarms({ state, severity, limit: 1 })).total] as const,
    ),
  )
  return Object.fromEntries(counts) as Record<(typeof SEVERITIES)[number], number>
}
