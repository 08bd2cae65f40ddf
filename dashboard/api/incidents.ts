import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  INCIDENT_ACTION_NAMES,
  INCIDENT_ACTIONS,
  incidentDetailSchema,
  incidentPageSchema,
  incidentQuerySchema,
} from '../../contract/incident-api.ts'
import { INCIDENT_COMMANDS } from '../../contract/incidents.ts'
import { callerOf } from '../access/guard.ts'
import type { Caller } from '../access/sessions.ts'
import type { IncidentRequest } from '../actions/incident-actions.ts'
import type { Desk } from '../desk.ts'
import { incidentDetail } from '../incidents/incident-detail.ts'
import { placePathOf } from '../incidents/place-path.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

/** Incidents: what people respond to. Read from the state, changed through the operator lane. */
export const incidentRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { views } = desk.stores
    const tags = ['incidents']

    const detail = async (caller: Caller, id: string) => {
      const incident = await views.incident(id)
      if (incident === undefined) throw new ApiError('incident.unknown')
      return incidentDetail(desk, caller, incident)
    }

    app.get(
      '/api/incidents',
      {
        config: { right: 'read' },
        schema: {
          summary: 'Incidents, newest first',
          description: 'open: still someone’s business · all: closed ones too',
          tags,
          querystring: incidentQuerySchema,
          response: { 200: incidentPageSchema, ...failures },
        },
      },
      async (request) => {
        const { items, total, next } = await views.incidents(request.query)
        return {
          items: items.map((incident) => ({
            ...incident,
            placePath: [...placePathOf(desk, incident)],
          })),
          total,
          next,
        }
      },
    )

    app.get(
      '/api/incidents/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One incident with its alarms, its timeline, its messages and who can be sent',
          tags,
          params: byId,
          response: { 200: incidentDetailSchema, ...failures },
        },
      },
      (request) => detail(callerOf(request), request.params.id),
    )

    for (const action of INCIDENT_ACTION_NAMES) {
      const type = `incident.${action}` as const
      const { incidentId: _, ...said } = INCIDENT_COMMANDS[type].shape
      app.post(
        `/api/incidents/:id/${action}`,
        {
          config: { right: 'incident.act' },
          schema: {
            summary: INCIDENT_ACTIONS[action].summary,
            tags,
            params: byId,
            body: z.object(said),
            response: { 200: incidentDetailSchema, ...failures },
          },
        },
        async (request) => {
          const caller = callerOf(request)
          const { id } = request.params
          // The body was read by the shape of this very command.
          await desk.incidents.perform(caller, { ...request.body, type, incidentId: id } as IncidentRequest)
          return detail(caller, id)
        },
      )
    }
  }
