import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page, rejectionSchema } from '../../contract/api.ts'
import { isReason, REASONS } from '../../contract/reasons.ts'
import type { Desk } from '../desk.ts'
import { failures } from './failures.ts'

const explainedSchema = rejectionSchema.extend({
  en: z.string().describe('what it means'),
  zh: z.string(),
  todo: z.string().describe('what to do about it'),
})

/** What was refused, quarantined or set aside, counted by reason and device. */
export const rejectionRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/api/rejections',
      {
        config: { right: 'read' },
        schema: {
          summary: 'What was not taken in, and what to do about it; newest first',
          tags: ['quarantine'],
          querystring: z.object({ limit: z.coerce.number().int().min(1).max(5000).default(500) }),
          response: { 200: page(explainedSchema), ...failures },
        },
      },
      async (request) => {
        const rejections = await desk.stores.views.rejections(request.query.limit)
        const items = rejections.map((rejection) => {
          const facts = isReason(rejection.reason) ? REASONS[rejection.reason] : undefined
          return {
            ...rejection,
            en: facts?.en ?? rejection.reason,
            zh: facts?.zh ?? rejection.reason,
            todo: facts?.todo ?? '',
          }
        })
        return { items, total: items.length, next: null }
      },
    )
  }
