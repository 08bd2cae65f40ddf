import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { staffAnswerSchema, staffBodySchema } from '../../contract/home-answers.ts'
import { staffSchema } from '../../contract/homes.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { withDuty } from '../homes/homes.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

/** Who is on duty in a home, and when. */
export const staffRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { homes, accounts } = desk.stores
    const tags = ['homes']
    const audit = (caller: Caller, action: string, target: string, detail = ''): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail })

    app.get(
      '/api/places/:id/staff',
      {
        config: { right: 'contact.read' },
        schema: {
          summary: 'The staff of a place and of what lies in it, and who is on duty now',
          tags,
          params: byId,
          response: { 200: staffAnswerSchema, ...failures },
        },
      },
      async (request) => {
        const inside = desk.places.below(request.params.id)
        if (inside.length === 0) throw new ApiError('place.unknown')
        return { items: withDuty(await homes.staff(inside), desk.now()) }
      },
    )

    app.put(
      '/api/staff/:id',
      {
        config: { right: 'place.edit' },
        schema: {
          summary: 'Enter somebody of the staff, or say something new of them',
          tags,
          params: byId,
          body: staffBodySchema,
          response: { 200: staffSchema, ...failures },
        },
      },
      async (request) => {
        const staff = { id: request.params.id, ...request.body }
        if (desk.places.get(staff.placeId) === undefined) throw new ApiError('place.unknown')
        await homes.putStaff([staff])
        await audit(callerOf(request), 'staff.put', staff.id, JSON.stringify(staff))
        return staff
      },
    )

    app.delete(
      '/api/staff/:id',
      {
        config: { right: 'place.edit' },
        schema: {
          summary: 'Forget somebody of the staff',
          tags,
          params: byId,
          response: { 204: z.undefined(), ...failures },
        },
      },
      async (request, reply) => {
        if (!(await homes.removeStaff(request.params.id))) throw new ApiError('staff.unknown')
        await audit(callerOf(request), 'staff.remove', request.params.id)
        return reply.code(204).send()
      },
    )
  }
