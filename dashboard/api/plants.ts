import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { plantDetailSchema, plantSchema } from '../../contract/water-api.ts'
import type { Desk } from '../desk.ts'
import { Plants } from '../water/plants.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

/** Plants: what their instruments measure, beside what it must stay within (`contract/plants.ts`). */
export const plantRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const plants = new Plants(desk)
    const tags = ['water']
    const read = { right: 'read' } as const

    app.get(
      '/api/water/plants',
      {
        config: read,
        schema: {
          summary: 'Every plant with its instruments',
          tags,
          response: { 200: z.object({ items: z.array(plantSchema) }), ...failures },
        },
      },
      async () => ({ items: [...(await plants.all())] }),
    )

    app.get(
      '/api/water/plants/:id',
      {
        config: read,
        schema: {
          summary: 'One plant, and what came in and went out in the last 24 hours',
          description: 'Limits are those of GB 5749-2022, or what was set: `hydrant plant instrument ID --low --high`.',
          tags,
          params: z.object({ id: z.string().min(1).max(200) }),
          response: { 200: plantDetailSchema, ...failures },
        },
      },
      async (request) => {
        const plant = await plants.one(request.params.id)
        if (plant === undefined) throw new ApiError('plant.unknown')
        return plant
      },
    )
  }
