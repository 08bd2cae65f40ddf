import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { LARGEST_PLAN, pinsSchema } from '../../contract/home-answers.ts'
import { floorPlanSchema } from '../../contract/homes.ts'
import type { StoredPlan } from '../../store/state/homes-port.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { acceptFiles, fileOf } from './bodies.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { keepPicture, PICTURE_TYPES, sendPicture } from './pictures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })

/** Plans of floors with the devices on them. */
export const floorPlanRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    acceptFiles(app, PICTURE_TYPES)
    const { homes, accounts } = desk.stores
    const tags = ['homes']
    const audit = (caller: Caller, action: string, target: string, detail: string): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail })
    const answer = ({ imageId: _, ...plan }: StoredPlan) => plan

    app.put(
      '/api/places/:id/plan',
      {
        config: { right: 'place.edit' },
        bodyLimit: LARGEST_PLAN,
        schema: {
          summary: 'Set the plan of a floor: the picture itself as the body; the pins stay',
          description: 'PNG, JPEG, WebP or SVG without programs, at most 4 MiB and 64 million pixels.',
          tags,
          params: byId,
          consumes: [...PICTURE_TYPES],
          response: { 200: floorPlanSchema, ...failures },
        },
      },
      async (request) => {
        const placeId = request.params.id
        if (desk.places.get(placeId) === undefined) throw new ApiError('place.unknown')
        if (desk.places.premisesOf(placeId) === undefined) throw new ApiError('plan.not-there')
        const bytes = fileOf(request.body, 'image.none')
        const { image, id: imageId } = await keepPicture(desk, bytes, { largest: LARGEST_PLAN, drawings: true })
        const { mediaType, width, height } = image
        const plan = await homes.putPlan({ placeId, imageId, mediaType, width, height })
        await audit(callerOf(request), 'plan.put', placeId, `revision ${plan.revision}, ${imageId}`)
        return answer(plan)
      },
    )

    app.get(
      '/api/places/:id/plan',
      {
        config: { right: 'read' },
        schema: {
          summary: 'The picture of a floor; the ETag is its revision',
          tags,
          params: byId,
          produces: PICTURE_TYPES.filter((type) => type.startsWith('image/')),
        },
      },
      async (request, reply) => {
        const plan = await homes.plan(request.params.id)
        if (plan === undefined) throw new ApiError('plan.unknown')
        const etag = `"${plan.revision}"`
        reply.header('etag', etag)
        // Asked for again each time, and then mostly answered in one word.
        const cached = 'no-cache'
        if (request.headers['if-none-match'] === etag)
          return reply.header('cache-control', `private, ${cached}`).code(304).send()
        return sendPicture(desk, reply, { id: plan.imageId, mediaType: plan.mediaType, cached })
      },
    )

    app.put(
      '/api/places/:id/plan/pins',
      {
        config: { right: 'place.edit' },
        schema: {
          summary: 'Where the devices are on the plan: all of them, in place of those before',
          tags,
          params: byId,
          body: pinsSchema,
          response: { 200: floorPlanSchema, ...failures },
        },
      },
      async (request) => {
        const placeId = request.params.id
        const { pins } = request.body
        refuseStrangers(placeId, pins)
        const plan = await homes.setPins(placeId, pins)
        if (plan === undefined) throw new ApiError('plan.unknown')
        await audit(callerOf(request), 'plan.pins', placeId, `${pins.length} devices`)
        return answer(plan)
      },
    )

    /** A detector on the plan of another house would send people to the wrong room. */
    function refuseStrangers(placeId: string, pins: z.output<typeof pinsSchema>['pins']): void {
      const premises = desk.places.premisesOf(placeId)?.id
      const seen = new Set<string>()
      for (const { deviceId } of pins) {
        const device = desk.fleet.get(deviceId)
        if (device === undefined) throw new ApiError('device.unknown', `There is no device ${deviceId}.`)
        if (desk.places.premisesOf(device.placeId)?.id !== premises)
          throw new ApiError('plan.device-elsewhere', `${deviceId} is not registered in this home.`)
        if (seen.has(deviceId)) throw new ApiError('request.invalid', `${deviceId} is on the plan twice.`)
        seen.add(deviceId)
      }
    }
  }
