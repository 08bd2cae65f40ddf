import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { page } from '../../contract/api.ts'
import { openOrder } from '../../contract/order-actions.ts'
import {
  newOrderSchema,
  orderAnswerSchema,
  orderDetailSchema,
  orderQuerySchema,
  orderSumsSchema,
} from '../../contract/work-order-api.ts'
import { ORDER_COLUMNS, orderCells } from '../../contract/work-order-table.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import type { OrderFilter } from '../../store/state/work-orders-port.ts'
import { callerOf } from '../access/guard.ts'
import { actorOf } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { OrderDesk } from '../water/order-desk.ts'
import { OrderFacts } from '../water/order-facts.ts'
import { datedId } from './dated-id.ts'
import { ApiError } from './errors.ts'
import { failures } from './failures.ts'

const byId = z.object({ id: z.string().min(1).max(200) })
/** Rows read and written at once. */
const EXPORTED_AT_ONCE = 1000

type OrderQuery = z.output<typeof orderQuerySchema>

/** Repair work orders: listed, shown, exported, opened. What people do to one: `work-order-actions.ts`. */
export const workOrderRoutes =
  (desk: Desk): FastifyPluginAsyncZod =>
  async (app) => {
    const { workOrders } = desk.stores
    const facts = new OrderFacts(desk)
    const orders = new OrderDesk(desk, facts)
    const tags = ['water']

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
        await orders.audit(callerOf(request), 'order.export', 'orders', request.query)
        return reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', 'attachment; filename="work-orders.csv"')
          .send(Readable.from(table(filterOf(request.query))))
      },
    )

    async function* table(filter: OrderFilter): AsyncGenerator<string> {
      yield csvHead(ORDER_COLUMNS)
      let cursor: string | undefined
      do {
        const { items, next } = await workOrders.list({ ...filter, limit: EXPORTED_AT_ONCE, cursor })
        for (const order of items) yield csvLine(orderCells(await facts.answer(order)))
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
          response: { 200: orderDetailSchema, ...failures },
        },
      },
      async (request) => orders.detail(callerOf(request), await orders.find(request.params.id)),
    )

    app.post(
      '/api/water/orders',
      {
        config: { right: 'water.edit' },
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
        await orders.audit(caller, 'order.open', order.id, request.body)
        return reply.code(201).send(await orders.detail(caller, order))
      },
    )
  }
