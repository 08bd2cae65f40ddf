import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { page, placeSchema } from '../../contract/api.ts'
import type { Desk } from '../desk.ts'
import { failures } from './failures.ts'

export const placeRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/places',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Every place, from counties to rooms, with the points of its label',
          tags: ['devices'],
          response: { 200: page(placeSchema), ...failures },
        },
      },
      async () => {
        // A city's 24,000 beds are shown with their home.
        const items = [...desk.places.all()].filter(({ kind }) => kind !== 'bed')
        return { items, total: items.length, next: null }
      },
    )
  }
