import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import { homeDetailSchema, homeQuerySchema, homeSchema } from '../../contract/home-answers.ts'
import { callerOf } from '../access/guard.ts'
import { callerMay } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { homeDetail, listHomes } from '../homes/homes.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

/** Homes and dwellings: how they stand, and what is in them. Who lives there: `residents.ts`. */
export const homeRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/homes',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Homes with their counts, the one that wants somebody most first',
          tags: ['homes'],
          querystring: homeQuerySchema,
          response: { 200: page(homeSchema), ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await listHomes(desk, request.query)
        return { items: [...items], total, next }
      },
    )

    app.get(
      '/api/homes/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One home: its buildings, floors, rooms and beds, its devices, plans, staff and who can be sent',
          tags: ['homes'],
          params: z.object({ id: z.string().min(1).max(200) }),
          response: { 200: homeDetailSchema, ...failures },
        },
      },
      async (request) => {
        const found = await homeDetail(desk, request.params.id, callerMay(callerOf(request), 'contact.read'))
        if (found === undefined) throw new ApiError('home.unknown')
        return found
      },
    )
  }
