import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import { LARGEST_PHOTOGRAPH } from '../../contract/home-answers.ts'
import { decideOrder, type OrderAction, openOrder } from '../../contract/order-actions.ts'
import {
  assignOrderSchema,
  cancelOrderSchema,
  claimOrderSchema,
  commentOrderSchema,
  newOrderSchema,
  type OrderDetail,
  orderAnswerSchema,
  orderDetailSchema,
  orderQuerySchema,
  orderSumsSchema,
} from '../../contract/work-order-api.ts'
import { isOrderClosed, type WorkOrder } from '../../contract/work-orders.ts'
import { mediaTypeOf } from '../../store/images/port.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import type { OrderFilter } from '../../store/state/work-orders-port.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { OrderFacts } from '../water/order-facts.ts'
import { acceptFiles, fileOf } from './bodies.ts'
import { cityDate, datedId } from './dated-id.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'
import { keepPicture, PICTURE_TYPES, sendPicture } from './pictures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
/** Rows read and written at once. */
const EXPORTED_AT_ONCE = 1000
/** A year, in seconds: a photograph is known by what it is, so it never changes. */
const FOR_GOOD = 'max-age=31536000, immutable'

type OrderQuery = z.output<typeof orderQuerySchema>

/** Repair work orders: people open, assign, claim and cancel them; the water confirms them (`contract/work-orders.ts`). */
export const workOrderRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    acceptFiles(app, PICTURE_TYPES)
    const { workOrders, accounts } = desk.stores
    const facts = new OrderFacts(desk)
    const tags = ['water']
    const edit = { right: 'water.edit' } as const
    const detailAnswer = { 200: orderDetailSchema, ...failures }

    const detail = async (caller: Caller, order: WorkOrder): Promise<OrderDetail> => {
      const mayEdit = callerMay(caller, 'water.edit')
      const isOpen = mayEdit && !isOrderClosed(order)
      return {
        ...(await facts.detail(order)),
        may: {
          assign: isOpen && order.state !== 'claimed',
          claim: isOpen && order.state === 'assigned',
          cancel: isOpen,
          comment: mayEdit,
        },
      }
    }
    const find = async (id: string): Promise<WorkOrder> => {
      const order = await workOrders.find(id)
      if (order === undefined) throw new ApiError('order.unknown')
      return order
    }
    const audit = (caller: Caller, action: string, target: string, said: unknown): Promise<void> =>
      accounts.audit({ at: desk.now(), actor: actorOf(caller), action, target, detail: JSON.stringify(said) })
    const act = async (caller: Caller, id: string, action: OrderAction): Promise<OrderDetail> => {
      const outcome = await workOrders.update(id, (before) => decideOrder(before, action, actorOf(caller), desk.now()))
      if (outcome === undefined) throw new ApiError('order.unknown')
      if (!outcome.ok) throw new ApiError(outcome.refusal)
      const { type, ...said } = action
      await audit(caller, `order.${type}`, id, said)
      return detail(caller, outcome.order)
    }
    const filterOf = ({ state, overdue, zoneId, subjectId }: Omit<OrderQuery, 'limit' | 'cursor'>): OrderFilter => ({
      state,
      subjectId,
      ...(zoneId === undefined ? {} : { placeIds: desk.places.below(zoneId) }),
      ...(overdue ? { overdueAt: desk.now() } : {}),
    })

    app.get(
      '/api/water/orders',
      {
        config: { right: 'read' },
        schema: {
          summary:
            'Repair work orders: what is to be repaired by its day, then what waits for the water, then closed ones',
          tags,
          querystring: orderQuerySchema,
          response: { 200: page(orderAnswerSchema), ...failures },
        },
      },
      async (request) => {
        const { limit, cursor, ...which } = request.query
        const { items, total, next } = await workOrders.list({ ...filterOf(which), limit, cursor })
        return { items: await Promise.all(items.map((order) => facts.answer(order))), total, next }
      },
    )

    app.get(
      '/api/water/orders/sums',
      {
        config: { right: 'read' },
        schema: {
          summary: 'How many are open, overdue and waiting for the water; what confirmed repairs save in a year',
          tags,
          response: { 200: orderSumsSchema, ...failures },
        },
      },
      () => facts.sums(),
    )

    app.get(
      '/api/water/orders.csv',
      {
        config: { right: 'read' },
        schema: {
          summary: 'The same as a table; the export stands in the audit',
          tags,
          querystring: orderQuerySchema.omit({ limit: true, cursor: true }),
          produces: ['text/csv'],
        },
      },
      async (request, reply) => {
        await audit(callerOf(request), 'order.export', 'orders', request.query)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="work-orders.csv"')
          .send(Readable.from(table(filterOf(request.query))))
      },
    )

    async function* table(filter: OrderFilter): AsyncGenerator<string> {
      yield csvHead(COLUMNS)
      let cursor: string | undefined
      do {
        const { items, next } = await workOrders.list({ ...filter, limit: EXPORTED_AT_ONCE, cursor })
        for (const order of items) yield rowOf(await facts.answer(order))
        cursor = next ?? undefined
      } while (cursor !== undefined)
    }

    app.get(
      '/api/water/orders/:id',
      {
        config: { right: 'read' },
        schema: {
          summary: 'One work order: its nights before and after, what the water says of it, its history',
          tags,
          params: byId,
          response: detailAnswer,
        },
      },
      async (request) => detail(callerOf(request), await find(request.params.id)),
    )

    app.post(
      '/api/water/orders',
      {
        config: edit,
        schema: {
          summary: 'Open a repair for a zone or a meter',
          description:
            'What is lost is taken from its open alarm; without one, `m3h` says it. One open order for each.',
          tags,
          body: newOrderSchema,
          response: { 201: orderDetailSchema, ...failures },
        },
      },
      async (request, reply) => {
        const caller = callerOf(request)
        const { subject, subjectId, note, assignee = null, dueAt = null } = request.body
        const at = desk.now()
        if (!facts.canBeRepaired(subject, subjectId)) throw new ApiError('order.nothing-to-repair')
        const loss = await facts.openLoss(subject, subjectId)
        const m3h = request.body.m3h ?? loss?.m3h
        if (m3h === undefined) throw new ApiError('order.no-loss')
        const { order, events } = openOrder(
          {
            id: datedId('wo', at),
            subject,
            subjectId,
            placeId: facts.placeOf(subject, subjectId),
            alarmId: loss?.alarm.id ?? null,
            note,
            since: Math.min(at, loss?.alarm.raisedAt ?? at),
            m3h,
            assignee,
            dueAt,
          },
          actorOf(caller),
          at,
        )
        const there = await workOrders.open(order, events)
        if (there !== undefined)
          throw new ApiError('order.open-already', `The work order ${there.id} is open for it already.`)
        await audit(caller, 'order.open', order.id, request.body)
        return reply.code(201).send(await detail(caller, order))
      },
    )

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
      (request) => act(callerOf(request), request.params.id, { type: 'assign', ...request.body }),
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
        return act(callerOf(request), request.params.id, { type: 'claim', repairedAt, done })
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
      (request) => act(callerOf(request), request.params.id, { type: 'cancel', ...request.body }),
    )

    app.post(
      '/api/water/orders/:id/comments',
      {
        config: edit,
        schema: { summary: 'Add a remark', tags, params: byId, body: commentOrderSchema, response: detailAnswer },
      },
      (request) => act(callerOf(request), request.params.id, { type: 'comment', ...request.body }),
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
        const order = await find(request.params.id)
        const bytes = fileOf(request.body, 'image.none')
        if (isOrderClosed(order)) throw new ApiError('order.closed')
        const { id } = await keepPicture(desk, bytes, { largest: LARGEST_PHOTOGRAPH, drawings: false })
        return reply.code(201).send(await act(callerOf(request), order.id, { type: 'photograph', id }))
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
        const order = await find(id)
        const mediaType = mediaTypeOf(photographId)
        if (mediaType === undefined || !order.photographs.some((one) => one.id === photographId))
          throw new ApiError('order.unknown', 'This work order has no such photograph.')
        return sendPicture(desk, reply, { id: photographId, mediaType, cached: FOR_GOOD })
      },
    )
  }

const COLUMNS = [
  'id',
  'place',
  'name',
  'subject',
  'subject_id',
  'state',
  'opened',
  'assignee',
  'due',
  'overdue',
  'm3h',
  'lost_m3',
  'lost_yuan',
  'repaired',
  'done',
  'before_m3h',
  'after_m3h',
  'saved_m3_year',
  'saved_yuan_year',
  'not_confirmed',
  'closed',
  'note',
]

/** m³/h and m³ in a table: to the litre. */
const M3_DECIMALS = 3
const figure = (value: number | null): string => (value === null ? '' : value.toFixed(M3_DECIMALS))
const maybeDay = (at: number | null): string => (at === null ? '' : cityDate(at))

const rowOf = (one: z.output<typeof orderAnswerSchema>): string =>
  csvLine([
    one.id,
    one.path.join(' / '),
    one.name,
    one.subject,
    one.subjectId,
    one.state,
    cityDate(one.openedAt),
    one.assignee ?? '',
    maybeDay(one.dueAt),
    one.overdue ? 'yes' : '',
    figure(one.m3h),
    figure(one.lostM3),
    one.lostYuan.toFixed(2),
    maybeDay(one.claim?.repairedAt ?? null),
    one.claim?.done ?? '',
    figure(one.beforeM3h),
    figure(one.afterM3h),
    one.savedM3Year.toFixed(0),
    one.savedYuanYear.toFixed(0),
    one.refusals,
    maybeDay(one.closedAt),
    one.note,
  ])
