import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { alarmSchema } from '../../contract/alarms.ts'
import { alarmActionSchema, alarmCloseSchema, alarmDetailSchema, alarmQuerySchema, page } from '../../contract/api.ts'
import { callerOf } from '../access/guard.ts'
import type { Caller } from '../access/sessions.ts'
import type { AlarmAction } from '../actions/alarm-actions.ts'
import type { Desk } from '../desk.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
const commentSchema = alarmActionSchema.extend({ comment: z.string().trim().min(1, 'write something').max(2000) })

/** Alarms, always read from the state: never from a copy that could be old. */
export const alarmRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { views } = desk.stores

    const detail = async (id: string) => {
      const alarm = await views.alarm(id)
      if (alarm === undefined) throw new ApiError('alarm.unknown')
      return { alarm, timeline: [...(await views.eventsOfAlarm(id))] }
    }
    const perform = async (caller: Caller, action: AlarmAction) => {
      const alarm = await desk.actions.perform(caller, action)
      return { alarm, timeline: [...(await views.eventsOfAlarm(alarm.id))] }
    }

    app.get(
      '/api/alarms',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Alarms, newest first',
          description: 'active: the condition holds now · open: still someone’s business · all: closed ones too',
          tags: ['alarms'],
          querystring: alarmQuerySchema,
          response: { 200: page(alarmSchema), ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await views.alarms(request.query)
        return { items: [...items], total, next }
      },
    )

    app.get(
      '/api/alarms/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One alarm with everything that happened to it',
          tags: ['alarms'],
          params: byId,
          response: { 200: alarmDetailSchema, ...failures },
        },
      },
      (request) => detail(request.params.id),
    )

    app.post(
      '/api/alarms/:id/acknowledge',
      {
        config: { right: 'alarm.act' },
        schema: {
          summary: 'Acknowledge: somebody has taken it on',
          tags: ['alarms'],
          params: byId,
          body: alarmActionSchema,
          response: { 200: alarmDetailSchema, ...failures },
        },
      },
      (request) =>
        perform(callerOf(request), {
          type: 'alarm.acknowledge',
          alarmId: request.params.id,
          comment: request.body.comment,
        }),
    )

    app.post(
      '/api/alarms/:id/comment',
      {
        config: { right: 'alarm.act' },
        schema: {
          summary: 'Write something at an alarm',
          tags: ['alarms'],
          params: byId,
          body: commentSchema,
          response: { 200: alarmDetailSchema, ...failures },
        },
      },
      (request) =>
        perform(callerOf(request), {
          type: 'alarm.comment',
          alarmId: request.params.id,
          comment: request.body.comment,
        }),
    )

    app.post(
      '/api/alarms/:id/close',
      {
        config: { right: 'alarm.act' },
        schema: {
          summary: 'Close an alarm, also while its condition holds, and say what it was',
          tags: ['alarms'],
          params: byId,
          body: alarmCloseSchema,
          response: { 200: alarmDetailSchema, ...failures },
        },
      },
      (request) =>
        perform(callerOf(request), {
          type: 'alarm.close',
          alarmId: request.params.id,
          disposition: request.body.disposition,
          comment: request.body.comment,
        }),
    )
  }
