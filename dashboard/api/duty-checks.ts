import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  dutyAnswerSchema,
  dutyAskSchema,
  dutyCheckPageSchema,
  dutyCheckQuerySchema,
} from '../../contract/incident-api.ts'
import { dutyCheckSchema } from '../../contract/incidents.ts'
import { callerOf } from '../access/guard.ts'
import type { Caller } from '../access/sessions.ts'
import type { IncidentRequest } from '../actions/incident-actions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

/** Duty checks (查岗): is somebody in the control room, and how long did they take to say so. */
export const dutyCheckRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const tags = ['duty checks']

    const perform = async (caller: Caller, request: Extract<IncidentRequest, { type: `duty.${string}` }>) => {
      const event = await desk.incidents.perform(caller, request)
      if ('duty' in event) return event.duty
      throw new ApiError('server.failed')
    }

    app.get(
      '/api/duty-checks',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Duty checks, newest first',
          tags,
          querystring: dutyCheckQuerySchema,
          response: { 200: dutyCheckPageSchema, ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await desk.stores.views.dutyChecks(request.query)
        return { items: [...items], total, next }
      },
    )

    app.post(
      '/api/duty-checks',
      {
        config: { right: 'duty.check' },
        schema: {
          summary: 'Ask a home’s control room whether somebody is there',
          tags,
          body: dutyAskSchema,
          response: { 200: dutyCheckSchema, ...failures },
        },
      },
      (request) => perform(callerOf(request), { type: 'duty.check', ...request.body }),
    )

    app.post(
      '/api/duty-checks/:id/answer',
      {
        config: { right: 'duty.check' },
        schema: {
          summary: 'Somebody in the control room has answered, by telephone or in person',
          tags,
          params: byId,
          body: dutyAnswerSchema,
          response: { 200: dutyCheckSchema, ...failures },
        },
      },
      (request) => perform(callerOf(request), { type: 'duty.answer', dutyCheckId: request.params.id, ...request.body }),
    )
  }
