import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { placeResetSchema, watchListSchema, watchSetSchema } from '../../contract/incident-api.ts'
import { callerOf } from '../access/guard.ts'
import type { Desk } from '../desk.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

/** How closely a place is watched: tests, drills, isolations, and detectors that staff have reset. */
export const watchRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const inForce = async () => {
      const now = desk.now()
      return { items: (await desk.stores.views.watchModes()).filter((mode) => mode.until > now) }
    }

    app.get(
      '/api/watch',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Tests, drills and isolations in force',
          tags: ['watch'],
          response: { 200: watchListSchema, ...failures },
        },
      },
      inForce,
    )

    app.post(
      '/api/watch',
      {
        config: { right: 'watch.set' },
        schema: {
          summary: 'Put a place or a device under test, drill or isolation until a time; now or before ends it',
          description: 'Its alarms are recorded and marked; they do not ring. There is none without an end.',
          tags: ['watch'],
          body: watchSetSchema,
          response: { 200: watchListSchema, ...failures },
        },
      },
      async (request) => {
        await desk.incidents.perform(callerOf(request), { type: 'watch.set', ...request.body })
        return inForce()
      },
    )

    app.post(
      '/api/places/:id/reset',
      {
        config: { right: 'incident.act' },
        schema: {
          summary: 'Staff have reset the detectors of a place: what comes again within 60 s is confirmed',
          tags: ['watch'],
          params: byId,
          body: placeResetSchema,
          response: { 204: z.undefined(), ...failures },
        },
      },
      async (request, reply) => {
        await desk.incidents.perform(callerOf(request), {
          type: 'place.reset',
          placeId: request.params.id,
          ...request.body,
        })
        return reply.code(204).send()
      },
    )
  }
