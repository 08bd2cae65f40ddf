import { z } from 'zod'

/**
 * A repair work order: a loss that somebody is sent to end. Whoever did it claims it repaired; whether it is, the water
 * says: the night flow of the zone, the standstill of the meter. Nobody closes it as repaired by hand.
 *
 *            assign               claim                  measured
 *   open ──────────────► assigned ──────────► claimed ──────────────► confirmed
 *                           ▲                    │ measured: no          │ restated by late readings
 *                           └────────────────────┴───────────────────────┘
 *   open, assigned, claimed ── cancel, with a reason ──► cancelled
 */

const time = z.number().describe('ms since 1970')
const HOUR_MS = 3_600_000
const HOURS_A_YEAR = 8760

export const ORDER_SUBJECTS = ['zone', 'meter'] as const
export type OrderSubject = (typeof ORDER_SUBJECTS)[number]

export const ORDER_STATES = ['open', 'assigned', 'claimed', 'confirmed', 'cancelled'] as const
export type OrderState = (typeof ORDER_STATES)[number]
export const isOrderClosed = ({ state }: { readonly state: OrderState }): boolean =>
  state === 'confirmed' || state === 'cancelled'

export const workOrderSchema = z.object({
  id: z.string(),
  subject: z.enum(ORDER_SUBJECTS),
  subjectId: z.string().describe('the zone’s place, or the meter’s device'),
  placeId: z.string().nullable().describe('the zone itself, or where the meter stood when it was opened'),
  alarmId: z.string().nullable().describe('null: opened by hand'),
  note: z.string(),
  openedAt: time,
  openedBy: z.string(),
  since: time.describe('when the loss began, as far as is known'),
  m3h: z.number().positive().describe('the loss that is to be ended, m³/h'),
  state: z.enum(ORDER_STATES),
  assignee: z.string().nullable().describe('a person or a crew'),
  dueAt: time.nullable(),
  claim: z
    .object({
      at: time.describe('when it was said'),
      by: z.string(),
      repairedAt: time,
      done: z.string().describe('what was done'),
    })
    .nullable()
    .describe('the last one'),
  verdictAt: time.nullable().describe('when the water last spoke'),
  beforeM3h: z.number().nullable().describe('loss before the repair, as it was measured'),
  afterM3h: z.number().nullable(),
  refusals: z.number().int().describe('repairs that the water did not confirm'),
  closedAt: time.nullable(),
  photographs: z.array(z.object({ id: z.string(), at: time, by: z.string() })),
})
export type WorkOrder = z.infer<typeof workOrderSchema>

const ORDER_EVENTS = [
  'opened',
  'assigned',
  'commented',
  'photographed',
  'claimed',
  'confirmed',
  'refused',
  'revised',
  'cancelled',
] as const

/** One line of an order's history; it is only ever added to. `by` is empty where the water itself spoke. */
export const orderEventSchema = z.object({
  n: z.number().int().describe('grows; in the order in which it happened'),
  orderId: z.string(),
  type: z.enum(ORDER_EVENTS),
  at: time,
  by: z.string(),
  comment: z.string(),
  photographId: z.string().nullable(),
  beforeM3h: z.number().nullable(),
  afterM3h: z.number().nullable(),
})
export type OrderEvent = z.infer<typeof orderEventSchema>
export type NewOrderEvent = Omit<OrderEvent, 'n' | 'orderId'>

/** Past its day and not yet claimed: what waits for the water is nobody's fault. */
export const isOrderOverdue = ({ state, dueAt }: Pick<WorkOrder, 'state' | 'dueAt'>, now: number): boolean =>
  (state === 'open' || state === 'assigned') && dueAt !== null && dueAt < now

/** m³/h that are not lost any more. */
export const savedM3h = ({ state, beforeM3h, afterM3h }: WorkOrder): number =>
  state !== 'confirmed' || beforeM3h === null || afterM3h === null ? 0 : Math.max(0, beforeM3h - afterM3h)

/** Lost by what the order is about, m³: until the repair that was confirmed, else until now. A cancelled one is about nothing. */
export function lostM3(order: WorkOrder, now: number): number {
  if (order.state === 'cancelled') return 0
  const until = order.state === 'confirmed' ? (order.claim?.repairedAt ?? now) : now
  return (order.m3h * Math.max(0, until - order.since)) / HOUR_MS
}

/** What a year of it comes to. */
export const m3AYear = (m3h: number): number => m3h * HOURS_A_YEAR
