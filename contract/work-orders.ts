import { z } from 'zod'
import { cityDayOf, midnightOf } from './city-time.ts'
import { momentSchema } from './moment.ts'
import { NIGHT, type ZoneNight, zoneNightSchema } from './zones.ts'

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
const DAY_MS = 24 * HOUR_MS
const HOURS_A_YEAR = 8760

const ORDER_SUBJECTS = ['zone', 'meter'] as const
export type OrderSubject = (typeof ORDER_SUBJECTS)[number]

export const ORDER_STATES = ['open', 'assigned', 'claimed', 'confirmed', 'cancelled'] as const
export type OrderState = (typeof ORDER_STATES)[number]
export const isOrderClosed = ({ state }: { readonly state: OrderState }): boolean =>
  state === 'confirmed' || state === 'cancelled'

/** Photographs of one repair: the hole, the pipe, the cover. */
const MOST_ORDER_PHOTOGRAPHS = 20

const workOrderSchema = z.object({
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
const orderEventSchema = z.object({
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

// ── What the water says ─────────────────────────────────────────────────────────────────────────────────────────────

/** So many judged nights are looked at after a repair; so many of them must confirm it. */
const NIGHTS_LOOKED_AT = 3
export const NIGHTS_TO_CONFIRM = 2
/** A night confirms where the loss has fallen by this share of what was to be ended: what else weeps may be another leak. */
const CONFIRMED_SHARE = 0.5
/** Judged nights that the loss before a repair is the median of: one flushed main is no loss. */
const NIGHTS_BEFORE = 3
/** A meter that still flows after so much measured time was not repaired (the makers' rule needs 24 h to see a leak). */
const METER_AFTER_MS = DAY_MS
/**
 * Where no alarm was ever cleared, that none is raised says it, after so much measured time: a small leak is told after three
 * days without a standstill, and a meter's clock may be a day ahead.
 */
const METER_SILENT_MS = 4 * DAY_MS
/**
 * Meters upload once a day, a backlog may take days: for so long a night that was restated may turn a verdict round. Later
 * ones stand: by then something else may have begun to leak.
 */
export const REVISED_FOR_MS = 7 * DAY_MS

/** ms since 1970. @param day days since 1970 in the city's time */
export const nightFrom = (day: number): number => (midnightOf(day) + NIGHT.from) * HOUR_MS
const nightTo = (day: number): number => (midnightOf(day) + NIGHT.to) * HOUR_MS

const VERDICTS = ['confirmed', 'refused', 'waiting'] as const
type Verdict = (typeof VERDICTS)[number]

const checkSchema = z.object({
  verdict: z.enum(VERDICTS),
  beforeM3h: z.number().nullable(),
  afterM3h: z.number().nullable(),
  nights: z
    .array(z.object({ day: z.number().int(), m3h: z.number(), confirms: z.boolean() }))
    .describe(
      'judged nights after the repair and what they lost (of a zone of which only the inflow is measured: what ran beyond the usual); of a meter none',
    ),
  confirming: z.number().int(),
})
export type RepairCheck = z.infer<typeof checkSchema>

/** Nights that concern an order: quiet ones before the loss, as many of it as a page shows, and all since its repair. */
const NIGHTS_OF_QUIET = 21
const MOST_NIGHTS_BEFORE = 60
const NIGHTS_SHOWN_AFTER = 14

/** Days from … to (exclusive). */
export function nightsAround(
  order: Pick<WorkOrder, 'since' | 'claim' | 'state'>,
  now: number,
): { readonly from: number; readonly to: number } {
  const around = cityDayOf(order.claim?.repairedAt ?? now)
  const until = cityDayOf(now) + 1
  return {
    from: Math.max(cityDayOf(order.since) - NIGHTS_OF_QUIET, around - MOST_NIGHTS_BEFORE),
    to: isOrderClosed(order) ? Math.min(until, around + NIGHTS_SHOWN_AFTER) : until,
  }
}

/**
 * What a night says of a loss, m³/h: the loss, or of a zone of which only the inflow is measured what ran in beyond the usual
 * (night flows of two weekdays differ by more than most leaks). null: nothing.
 */
export const weighedM3h = ({ lossM3h, nightM3h, expectedM3h }: ZoneNight): number | null => {
  if (lossM3h !== null) return lossM3h
  return nightM3h === null || expectedM3h === null ? null : nightM3h - expectedM3h
}

/** A judged night, and what it says. */
interface Weighed {
  readonly night: ZoneNight
  readonly m3h: number
}

/**
 * Whether a zone loses less since its repair. The first judged nights that began after it count, in the order of their
 * days, whenever they were judged; nights not judged do not. @param nights of the zone, ascending
 */
export function checkNights(
  order: Pick<WorkOrder, 'since' | 'm3h'>,
  repairedAt: number,
  nights: readonly ZoneNight[],
): RepairCheck {
  const judged = nights.flatMap((night): Weighed[] => {
    const m3h = weighedM3h(night)
    return m3h === null || night.verdict === 'not-judged' ? [] : [{ night, m3h }]
  })
  const looked = judged.filter(({ night: { day } }) => nightFrom(day) >= repairedAt).slice(0, NIGHTS_LOOKED_AT)
  const beforeM3h = lossBefore(order, repairedAt, judged) ?? expectedWith(order, looked)
  const enough = beforeM3h === null ? null : beforeM3h - CONFIRMED_SHARE * order.m3h
  const after = looked.map(({ night, m3h }) => ({ day: night.day, m3h, confirms: enough !== null && m3h <= enough }))
  const confirming = after.filter(({ confirms }) => confirms)
  const said = confirming.length >= NIGHTS_TO_CONFIRM ? confirming : after
  const verdict =
    confirming.length >= NIGHTS_TO_CONFIRM
      ? 'confirmed'
      : enough !== null && after.length >= NIGHTS_LOOKED_AT
        ? 'refused'
        : 'waiting'
  return {
    verdict,
    beforeM3h,
    afterM3h: said.length === 0 ? null : mean(said.map(({ m3h }) => m3h)),
    nights: after,
    confirming: confirming.length,
  }
}

/** The newest nights before the repair in which it was lost already; where it began after them, the newest there are. */
function lossBefore(
  { since }: Pick<WorkOrder, 'since'>,
  repairedAt: number,
  judged: readonly Weighed[],
): number | null {
  const before = judged.filter(({ night: { day } }) => nightTo(day) <= repairedAt)
  const losing = before.filter(({ night: { day } }) => nightTo(day) > since)
  const named = losing.filter(({ night }) => night.verdict === 'loss')
  const nights = [named, losing, before].find(({ length }) => length > 0)
  return nights === undefined ? null : median(nights.slice(-NIGHTS_BEFORE).map(({ m3h }) => m3h))
}

/** No night before the repair was judged: what quiet nights lose, and the order's own figure. */
function expectedWith({ m3h }: Pick<WorkOrder, 'm3h'>, looked: readonly Weighed[]): number | null {
  const known = looked.find(({ night }) => night.expectedM3h !== null)?.night
  if (known === undefined || known.expectedM3h === null) return null
  return known.lossM3h === null ? m3h : known.expectedM3h + m3h
}

/** What is known of a meter's leak. Times are those of the measurement, ms since 1970. */
export interface MeterEvidence {
  /** A leak or burst that holds, and when it was last measured. */
  readonly activeAt: number | null
  /** When the order's alarm was cleared: the meter stood still. */
  readonly clearedAt: number | null
  /** Newest reading. */
  readonly measuredUntil: number | null
}

/** Whether a meter stood still since its repair. */
export function checkMeter(order: Pick<WorkOrder, 'm3h'>, repairedAt: number, evidence: MeterEvidence): RepairCheck {
  const { activeAt, clearedAt, measuredUntil } = evidence
  const aDayLater = repairedAt + METER_AFTER_MS
  const silentUntil = clearedAt === null ? repairedAt + METER_SILENT_MS : aDayLater
  const verdict: Verdict =
    activeAt !== null
      ? activeAt >= aDayLater
        ? 'refused'
        : 'waiting'
      : (clearedAt !== null && clearedAt >= repairedAt) || (measuredUntil !== null && measuredUntil > silentUntil)
        ? 'confirmed'
        : 'waiting'
  const afterM3h = verdict === 'waiting' ? null : verdict === 'confirmed' ? 0 : order.m3h
  return { verdict, beforeM3h: order.m3h, afterM3h, nights: [], confirming: 0 }
}

// ── What people do ──────────────────────────────────────────────────────────────────────────────────────────────────

export type OrderAction =
  | { readonly type: 'assign'; readonly assignee: string; readonly dueAt: number; readonly comment: string }
  | { readonly type: 'comment'; readonly comment: string }
  | { readonly type: 'photograph'; readonly id: string }
  | { readonly type: 'claim'; readonly repairedAt: number; readonly done: string }
  | { readonly type: 'cancel'; readonly reason: string }

type OrderRefusal =
  | 'order.closed'
  | 'order.not-assigned'
  | 'order.claimed-already'
  | 'order.repaired-when'
  | 'order.photographed-already'
  | 'order.too-many-photographs'

export type OrderOutcome =
  | { readonly ok: true; readonly order: WorkOrder; readonly events: readonly NewOrderEvent[] }
  | { readonly ok: false; readonly refusal: OrderRefusal }

const eventOf = (type: NewOrderEvent['type'], at: number, by: string, more: Partial<NewOrderEvent> = {}) => ({
  type,
  at,
  by,
  comment: '',
  photographId: null,
  beforeM3h: null,
  afterM3h: null,
  ...more,
})

const refused = (refusal: OrderRefusal): OrderOutcome => ({ ok: false, refusal })
const done = (order: WorkOrder, ...events: readonly NewOrderEvent[]): OrderOutcome => ({ ok: true, order, events })

/** What opens an order. */
export type NewWorkOrder = Pick<
  WorkOrder,
  'id' | 'subject' | 'subjectId' | 'placeId' | 'alarmId' | 'note' | 'since' | 'm3h' | 'assignee' | 'dueAt'
>

export function openOrder(
  facts: NewWorkOrder,
  by: string,
  at: number,
): { readonly order: WorkOrder; readonly events: readonly NewOrderEvent[] } {
  const isAssigned = facts.assignee !== null && facts.dueAt !== null
  const order: WorkOrder = {
    ...facts,
    openedAt: at,
    openedBy: by,
    state: isAssigned ? 'assigned' : 'open',
    claim: null,
    verdictAt: null,
    beforeM3h: null,
    afterM3h: null,
    refusals: 0,
    closedAt: null,
    photographs: [],
  }
  const opened = eventOf('opened', at, by, { comment: facts.note, beforeM3h: facts.m3h })
  return { order, events: isAssigned ? [opened, assignedTo(order, '', by, at)] : [opened] }
}

const assignedTo = ({ assignee, dueAt }: WorkOrder, comment: string, by: string, at: number): NewOrderEvent => {
  const whom = `${assignee}, ${new Date(dueAt ?? at).toISOString()}`
  return eventOf('assigned', at, by, { comment: comment === '' ? whom : `${whom}: ${comment}` })
}

/** What a person's action makes of an order. A closed one takes remarks only: what leaks again is a new order. */
export function decideOrder(before: WorkOrder, action: OrderAction, by: string, at: number): OrderOutcome {
  if (action.type === 'comment') return done(before, eventOf('commented', at, by, { comment: action.comment }))
  if (isOrderClosed(before)) return refused('order.closed')
  switch (action.type) {
    case 'assign': {
      if (before.state === 'claimed') return refused('order.claimed-already')
      const { assignee, dueAt, comment } = action
      const order = { ...before, assignee, dueAt, state: 'assigned' as const }
      return done(order, assignedTo(order, comment, by, at))
    }
    case 'photograph': {
      if (before.photographs.some(({ id }) => id === action.id)) return refused('order.photographed-already')
      if (before.photographs.length >= MOST_ORDER_PHOTOGRAPHS) return refused('order.too-many-photographs')
      const photographs = [...before.photographs, { id: action.id, at, by }]
      return done({ ...before, photographs }, eventOf('photographed', at, by, { photographId: action.id }))
    }
    case 'claim': {
      if (before.state === 'claimed') return refused('order.claimed-already')
      if (before.state === 'open') return refused('order.not-assigned')
      const { repairedAt, done: what } = action
      if (repairedAt > at || repairedAt < before.since) return refused('order.repaired-when')
      // What was measured after an earlier repair says nothing of this one.
      const order = { ...before, state: 'claimed' as const, beforeM3h: null, afterM3h: null, verdictAt: null }
      const comment = `${new Date(repairedAt).toISOString()}: ${what}`
      return done({ ...order, claim: { at, by, repairedAt, done: what } }, eventOf('claimed', at, by, { comment }))
    }
    case 'cancel':
      return done(
        { ...before, state: 'cancelled', closedAt: at },
        eventOf('cancelled', at, by, { comment: action.reason }),
      )
  }
}

/** Whether what the water says may still change this order. */
function awaitsTheWater(order: WorkOrder, now: number): boolean {
  if (order.claim === null || order.state === 'cancelled') return false
  if (order.state === 'claimed') return true
  // A meter that stood still did: what flows later is another leak.
  if (order.state === 'confirmed' && order.subject === 'meter') return false
  return order.verdictAt !== null && now - order.verdictAt <= REVISED_FOR_MS
}

/**
 * What the water's verdict makes of an order; undefined: nothing. Only a contrary verdict turns an earlier one round: a
 * night that is not judged any more takes nothing back.
 */
export function settleOrder(before: WorkOrder, check: RepairCheck, at: number): OrderOutcome | undefined {
  if (!awaitsTheWater(before, at) || check.verdict === 'waiting') return undefined
  const said = before.state === 'claimed' ? null : before.state === 'confirmed' ? 'confirmed' : 'refused'
  if (said === check.verdict) return undefined
  const { beforeM3h, afterM3h } = check
  const figures = { beforeM3h, afterM3h, verdictAt: at }
  const isConfirmed = check.verdict === 'confirmed'
  const order: WorkOrder = isConfirmed
    ? { ...before, ...figures, state: 'confirmed', closedAt: at, refusals: before.refusals - (said === null ? 0 : 1) }
    : { ...before, ...figures, state: 'assigned', closedAt: null, refusals: before.refusals + 1 }
  const told = eventOf(isConfirmed ? 'confirmed' : 'refused', at, '', { beforeM3h, afterM3h })
  return done(order, ...(said === null ? [] : [eventOf('revised', at, '')]), told)
}

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

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2
}

// ── The API ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The largest loss that a person may write down, m³/h: what a plant of this city delivers at its peak is 2,000. */
const LARGEST_M3H = 2000
/** The smallest: a litre an hour at a meter. Of a zone what scatter alone could not confirm (night-loss.ts tells from 0.015). */
const LEAST_M3H = { meter: 0.001, zone: 0.01 } as const

export const newOrderSchema = z
  .object({
    subject: z.enum(ORDER_SUBJECTS),
    subjectId: z.string().min(1).max(200),
    m3h: z.number().positive().max(LARGEST_M3H).optional().describe('absent: what the open alarm of it says'),
    note: z.string().trim().max(2000).default(''),
    assignee: z.string().trim().min(1).max(100).optional(),
    dueAt: momentSchema.optional(),
  })
  .refine(({ subject, m3h }) => m3h === undefined || m3h >= LEAST_M3H[subject], {
    message: `a loss is at least ${LEAST_M3H.zone} m³/h of a zone, ${LEAST_M3H.meter} of a meter`,
    path: ['m3h'],
  })
  .refine(({ assignee, dueAt }) => (assignee === undefined) === (dueAt === undefined), {
    message: 'who and until when belong together',
    path: ['dueAt'],
  })
export const assignOrderSchema = z.object({
  assignee: z.string().trim().min(1).max(100),
  dueAt: momentSchema,
  comment: z.string().trim().max(2000).default(''),
})
export const claimOrderSchema = z.object({
  repairedAt: momentSchema.optional().describe('absent: now'),
  done: z.string().trim().min(1).max(2000),
})
export const cancelOrderSchema = z.object({
  reason: z.string().trim().min(1).max(2000).describe('a wrong alarm, a duplicate'),
})
export const commentOrderSchema = z.object({ comment: z.string().trim().min(1).max(2000) })

export const orderQuerySchema = z.object({
  state: z.enum([...ORDER_STATES, 'unclosed', 'all']).default('unclosed'),
  overdue: z.stringbool().default(false).describe('only those past their day'),
  zoneId: z.string().max(200).optional().describe('orders of this zone, of zones in it and of meters in it'),
  subjectId: z.string().max(200).optional().describe('orders of this very zone or meter'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
})

/** An order as a list shows it: what is overdue first, then by its day; what nobody has yet stands before all. */
export const orderAnswerSchema = workOrderSchema.extend({
  name: z.string().describe('of the zone or the meter'),
  path: z.array(z.string()).describe('names from the county down to what it lies in'),
  overdue: z.boolean(),
  lostM3: z.number(),
  lostYuan: z.number(),
  savedM3Year: z.number(),
  savedYuanYear: z.number(),
  confirming: z.number().int().nullable().describe('nights that confirm the claim; null where none is waited for'),
})
export type OrderAnswer = z.infer<typeof orderAnswerSchema>

export const orderDetailSchema = orderAnswerSchema.extend({
  evidence: z.object({ en: z.string(), zh: z.string() }).nullable().describe('what the alarm says'),
  check: checkSchema.nullable().describe('what the water says of the last claim; null: nothing is claimed'),
  nights: z.array(zoneNightSchema).describe('of a zone: before and after, oldest first'),
  history: z.array(orderEventSchema).describe('oldest first'),
  may: z
    .object({ assign: z.boolean(), claim: z.boolean(), cancel: z.boolean(), comment: z.boolean() })
    .describe('what the caller may do to it now: what the page offers'),
})
export type OrderDetail = z.infer<typeof orderDetailSchema>

export const orderSumsSchema = z.object({
  unclosed: z.number().int(),
  overdue: z.number().int(),
  claimed: z.number().int().describe('waiting for the water'),
  confirmed: z.number().int(),
  savedM3Year: z.number(),
  savedYuanYear: z.number(),
})
export type OrderSums = z.infer<typeof orderSumsSchema>

/** What a year of it comes to. */
export const m3AYear = (m3h: number): number => m3h * HOURS_A_YEAR
