import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { deviceSchema, placeSchema } from '../../contract/api.ts'
import type { Desk } from '../desk.ts'
import { containing, searchDevices } from '../live/device-search.ts'
import { deviceOf } from './devices.ts'
import { failures } from './failures.ts'

/** The search box of the console (Ctrl+K): any device, home or village by a part of its name. */
export const searchRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/search',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Devices and places by a part of their id or name',
          tags: ['devices'],
          querystring: z.object({
            q: z.string().trim().min(1, 'type something').max(100),
            limit: z.coerce.number().int().min(1).max(50).default(10).describe('of each'),
          }),
          response: {
            200: z.object({
              devices: z.array(deviceSchema),
              places: z.array(placeSchema.extend({ path: z.array(z.string()) })),
            }),
            ...failures,
          },
        },
      },
      async (request) => {
        const { q, limit } = request.query
        const text = containing(q)
        const places = []
        for (const place of desk.places.all()) {
          if (places.length >= limit) break
          if (place.id === q || text.test(place.name)) places.push({ ...place, path: desk.places.path(place.id) })
        }
        const ids = await searchDevices(desk.fleet, desk.places, q, limit)
        const devices = ids.flatMap((id) => {
          const device = desk.fleet.get(id)
          return device === undefined ? [] : [deviceOf(desk, device)]
        })
        return { devices, places }
      },
    )
  }
