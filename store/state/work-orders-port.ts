import type { OrderOutcome } from '../../contract/order-actions.ts'
import type { NewOrderEvent, OrderEvent, OrderState, WorkOrder } from '../../contract/work-orders.ts'
import type { Page, PageOf } from './page.ts'

export interface OrderFilter {
  readonly state: OrderState | 'unclosed' | 'all'
  /** Only those that wait for a repair that should have been made by then. */
  readonly overdueAt?: number | undefined
  readonly subjectId?: string | undefined
  /** Only those in these places. */
  readonly placeIds?: readonly string[] | undefined
}

/** An order that is not closed, as other pages name it. */
export type OrderMark = Pick<WorkOrder, 'id' | 'state'>

export interface OrderCounts {
  readonly unclosed: number
  readonly overdue: number
  readonly claimed: number
}

/** What confirmed repairs keep in the pipes. */
export interface Savings {
  readonly repairs: number
  /** m³/h that are not lost any more. */
  readonly m3h: number
  /** m³, each repair's since it was made. */
  readonly m3: number
  /** The first of them, ms since 1970; null: none was confirmed. */
  readonly since: number | null
}

/** Repair work orders and their history — written by the dashboard, and by ingest where the water has spoken. */
export interface WorkOrders {
  /** Resolves with the order that is open for the same zone or meter already: then nothing was stored. */
  open(order: WorkOrder, events: readonly NewOrderEvent[]): Promise<WorkOrder | undefined>
  find(id: string): Promise<WorkOrder | undefined>
  /** Oldest first. */
  history(id: string): Promise<readonly OrderEvent[]>
  /** One transaction around what `decide` makes of it. Resolves undefined where there is none, or it decides nothing. */
  update<Outcome extends OrderOutcome | undefined>(
    id: string,
    decide: (before: WorkOrder) => Outcome,
  ): Promise<Outcome | undefined>
  /** What has to be repaired by its day, what nobody has yet by the day it was opened; then what waits for the water; then what is closed. */
  list(filter: OrderFilter & PageOf): Promise<Page<WorkOrder>>
  counts(now: number): Promise<OrderCounts>
  /** Claimed, or spoken of by the water after `since`: what its next word may change. */
  awaitingWater(since: number): Promise<readonly WorkOrder[]>
  /** By `zone:ID` and `meter:ID`: orders that are not closed. */
  unclosed(): Promise<ReadonlyMap<string, OrderMark>>
  /** What confirmed repairs have saved until then. */
  savings(until: number): Promise<Savings>
  close(): Promise<void>
}
