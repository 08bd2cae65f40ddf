import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { LARGEST_PHOTOGRAPH } from '../../contract/home-answers.ts'
import {
  assignOrderSchema,
  cancelOrderSchema,
  claimOrderSchema,
  commentOrderSchema,
  orderDetailSchema,
} from '../../contract/work-order-api.ts'
import { isOrderClosed } from '../../contract/work-orders.ts'
import { mediaTypeOf } from '../../store/images/port.ts'
import { callerOf } from '../access/guard.ts'
import type { Desk } from '../desk.ts'
import { OrderDesk } from '../water/order-desk.ts'
import { OrderFacts } from '../water/order-facts.ts'
import { acceptFiles, fileOf } from './bodies.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { keepPicture, PICTURE_TYPES, sendPicture } from './pictures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
/** A year, in seconds: a photograph is known by what it is, so it never changes. */
const FOR_GOOD = 'max-age=31536000, immutable'

/** What people do to a repair work order; the water confirms it (`contract/repair-verdict.ts`). */
export const workOrderActionRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    acceptFiles(app, PICTURE_TYPES)
    const orders = new OrderDesk(desk, new OrderFacts(desk))
    const tags = ['water']
    const edit = { right: 'water.edit' } as const
    const detailAnswer = { 200: orderDetailSchema, ...failures }

    app.post(
      '/api/water/orders/:id/assign',
      {
        config: edit,
        schema: {
          summary: 'Assign it to a person or a crew, with a day; also anew',
          tags,
          params: byId,
          body: assignOrderSchema,
          response: detailAnswer,
        },
      },
      (request) => orders.act(callerOf(request), request.params.id, { type: 'assign', ...request.body }),
    )

    app.post(
      '/api/water/orders/:id/claim',
      {
        config: edit,
        schema: {
          summary: 'Say that it is repaired: from now on the water decides',
          tags,
          params: byId,
          body: claimOrderSchema,
          response: detailAnswer,
        },
      },
      (request) => {
        const { repairedAt = desk.now(), done } = request.body
        return orders.act(callerOf(request), request.params.id, { type: 'claim', repairedAt, done })
      },
    )

    app.post(
      '/api/water/orders/:id/cancel',
      {
        config: edit,
        schema: {
          summary: 'Cancel it with a reason: a wrong alarm, a duplicate. Nobody closes it as repaired by hand',
          tags,
          params: byId,
          body: cancelOrderSchema,
          response: detailAnswer,
        },
      },
      (request) => orders.act(callerOf(request), request.params.id, { type: 'cancel', ...request.body }),
    )

    app.post(
      '/api/water/orders/:id/comments',
      {
        config: edit,
        schema: { summary: 'Add a remark', tags, params: byId, body: commentOrderSchema, response: detailAnswer },
      },
      (request) => orders.act(callerOf(request), request.params.id, { type: 'comment', ...request.body }),
    )

    app.post(
      '/api/water/orders/:id/photographs',
      {
        config: edit,
        bodyLimit: LARGEST_PHOTOGRAPH,
        schema: {
          summary: 'Add a photograph: the picture itself as the body',
          description: 'PNG, JPEG or WebP, at most 8 MiB. Where and when it was taken is left out of it.',
          tags,
          params: byId,
          consumes: [...PICTURE_TYPES],
          response: { 201: orderDetailSchema, ...failures },
        },
      },
      async (request, reply) => {
        const order = await orders.find(request.params.id)
        const bytes = fileOf(request.body, 'image.none')
        if (isOrderClosed(order)) throw new ApiError('order.closed')
        const { id } = await keepPicture(desk, bytes, { largest: LARGEST_PHOTOGRAPH, drawings: false })
        return reply.code(201).send(await orders.act(callerOf(request), order.id, { type: 'photograph', id }))
      },
    )

    app.get(
      '/api/water/orders/:id/photographs/:photographId',
      {
        config: { right: 'read' },
        schema: {
          summary: 'A photograph of a repair',
          tags,
          params: byId.extend({ photographId: z.string().max(100) }),
          produces: ['image/jpeg', 'image/png', 'image/webp'],
        },
      },
      async (request, reply) => {
        const { id, photographId } = request.params
        const order = await orders.find(id)
        const mediaType = mediaTypeOf(photographId)
        if (mediaType === undefined || !order.photographs.some((one) => one.id === photographId))
          throw new ApiError('order.unknown', 'This work order has no such photograph.')
        return sendPicture(desk, reply, { id: photographId, mediaType, cached: FOR_GOOD })
      },
    )
  }
