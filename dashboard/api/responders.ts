import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import {
  nearbyAnswerSchema,
  nearbyQuerySchema,
  responderBodySchema,
  responderQuerySchema,
} from '../../contract/home-answers.ts'
import { responderSchema } from '../../contract/homes.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { nearbyResponders } from '../homes/nearby.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

/** Posts, micro stations, teams, neighbours: who can be sent, and how soon they are there. */
export const responderRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { homes, accounts } = desk.stores
    const tags = ['responders']
    const audit = (caller: Caller, action: string, target: string, detail = ''): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail })

    app.get(
      '/api/places/:id/responders',
      {
        config: { right: 'contact.read' },
        schema: {
          summary: 'Who can be sent to a place, the soonest there first; of each kind at least the nearest',
          description:
            'Travel times are estimates: turn-out, and 1.3 times the straight line at the speed of the kind.',
          tags,
          params: byId,
          querystring: nearbyQuerySchema,
          response: { 200: nearbyAnswerSchema, ...failures },
        },
      },
      async (request) => {
        if (desk.places.get(request.params.id) === undefined) throw new ApiError('place.unknown')
        return { items: await nearbyResponders(desk, request.params.id, request.query) }
      },
    )

    app.get(
      '/api/responders',
      {
        config: { right: 'contact.read' },
        schema: {
          summary: 'Everybody who can be sent, by id',
          tags,
          querystring: responderQuerySchema,
          response: { 200: page(responderSchema), ...failures },
        },
      },
      async (request) => {
        const { kind, q, limit, cursor = '' } = request.query
        const wanted = q?.trim().toLowerCase() ?? ''
        const found = (await homes.responders({ kind })).filter(({ id, name }) =>
          `${id}\n${name}`.toLowerCase().includes(wanted),
        )
        const rest = found.filter(({ id }) => id > cursor)
        const items = rest.slice(0, limit)
        return { items, total: found.length, next: rest.length > limit ? (items.at(-1)?.id ?? null) : null }
      },
    )

    app.put(
      '/api/responders/:id',
      {
        config: { right: 'place.edit' },
        schema: {
          summary: 'Enter a responder, or say something new of one',
          tags,
          params: byId,
          body: responderBodySchema,
          response: { 200: responderSchema, ...failures },
        },
      },
      async (request) => {
        const responder = { id: request.params.id, ...request.body }
        const { serves, lon, lat } = responder
        if (serves !== null && desk.places.get(serves) === undefined) throw new ApiError('place.unknown')
        if ((lon === null) !== (lat === null) || (serves === null && lon === null))
          throw new ApiError('responder.nowhere')
        await homes.putResponders([responder])
        await audit(callerOf(request), 'responder.put', responder.id, JSON.stringify(responder))
        return responder
      },
    )

    app.delete(
      '/api/responders/:id',
      {
        config: { right: 'place.edit' },
        schema: {
          summary: 'Forget a responder',
          tags,
          params: byId,
          response: { 204: z.undefined(), ...failures },
        },
      },
      async (request, reply) => {
        if (!(await homes.removeResponder(request.params.id))) throw new ApiError('responder.unknown')
        await audit(callerOf(request), 'responder.remove', request.params.id)
        return reply.code(204).send()
      },
    )
  }
