import { isOrderClosed, type NewOrderEvent, type WorkOrder } from './work-orders.ts'

/** What people do to a repair work order. */

/** Photographs of one repair: the hole, the pipe, the cover. */
const MOST_ORDER_PHOTOGRAPHS = 20

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

export const eventOf = (type: NewOrderEvent['type'], at: number, by: string, more: Partial<NewOrderEvent> = {}) => ({
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
export const done = (order: WorkOrder, ...events: readonly NewOrderEvent[]): OrderOutcome => ({
  ok: true,
  order,
  events,
})

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
