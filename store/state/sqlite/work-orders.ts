import type { DatabaseSync } from 'node:sqlite'
import type { OrderOutcome } from '../../../contract/order-actions.ts'
import { type NewOrderEvent, type OrderEvent, savedM3h, type WorkOrder } from '../../../contract/work-orders.ts'
import { transaction } from '../../sqlite.ts'
import type { Page, PageOf } from '../page.ts'
import type { OrderCounts, OrderFilter, OrderMark, Savings, WorkOrders } from '../work-orders-port.ts'
import { Conditions } from './conditions.ts'

/** Order of the list: to be repaired, waiting for the water, closed. */
const STAGES = { open: 0, assigned: 0, claimed: 1, confirmed: 2, cancelled: 2 } as const
const CLOSED_STAGE = 2
const HOUR_MS = 3_600_000

export class SqliteWorkOrders implements WorkOrders {
  private readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.db = db
  }

  async open(order: WorkOrder, events: readonly NewOrderEvent[]): Promise<WorkOrder | undefined> {
    return transaction(this.db, () => {
      const there = this.db
        .prepare('SELECT body FROM work_order WHERE subject = ? AND subject_id = ? AND stage < ?')
        .get(order.subject, order.subjectId, CLOSED_STAGE)
      if (there !== undefined) return orderOf(there)
      this.store(order, events)
      return undefined
    })
  }

  async find(id: string): Promise<WorkOrder | undefined> {
    return this.read(id)
  }

  async history(id: string): Promise<readonly OrderEvent[]> {
    return this.db
      .prepare('SELECT n, body FROM work_order_event WHERE order_id = ? ORDER BY n')
      .all(id)
      .map((row) => ({ ...(JSON.parse(row.body as string) as NewOrderEvent), n: row.n as number, orderId: id }))
  }

  async update<Outcome extends OrderOutcome | undefined>(
    id: string,
    decide: (before: WorkOrder) => Outcome,
  ): Promise<Outcome | undefined> {
    return transaction(this.db, () => {
      const before = this.read(id)
      if (before === undefined) return undefined
      const outcome = decide(before)
      if (outcome?.ok === true) this.store(outcome.order, outcome.events)
      return outcome
    })
  }

  async list(filter: OrderFilter & PageOf): Promise<Page<WorkOrder>> {
    const where = new Conditions()
    if (filter.state === 'unclosed') where.add('stage < ?', CLOSED_STAGE)
    else if (filter.state !== 'all') where.add('state = ? AND stage = ?', filter.state, STAGES[filter.state])
    if (filter.overdueAt !== undefined) where.add("state = 'assigned' AND due_at < ?", filter.overdueAt)
    if (filter.subjectId !== undefined) where.add('subject_id = ?', filter.subjectId)
    if (filter.placeIds !== undefined)
      where.add('place_id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.placeIds))
    const count = this.db.prepare(`SELECT count(*) AS n FROM work_order ${where.sql}`).get(...where.values)
    const after = /^(\d) (-?\d+) (.+)$/.exec(filter.cursor ?? '')
    if (after !== null) where.add('(stage, due_at, id) > (?, ?, ?)', Number(after[1]), Number(after[2]), after[3] ?? '')
    const rows = this.db
      .prepare(`SELECT body FROM work_order ${where.sql} ORDER BY stage, due_at, id LIMIT ?`)
      .all(...where.values, filter.limit + 1)
    const items = rows.slice(0, filter.limit).map(orderOf)
    const last = rows.length > filter.limit ? items.at(-1) : undefined
    return {
      items,
      total: (count as { n: number }).n,
      next: last === undefined ? null : `${STAGES[last.state]} ${dueOf(last)} ${last.id}`,
    }
  }

  async counts(now: number): Promise<OrderCounts> {
    const row = this.db
      .prepare(
        `SELECT count(*) AS unclosed, coalesce(sum(state = 'assigned' AND due_at < ?), 0) AS overdue,
           coalesce(sum(state = 'claimed'), 0) AS claimed FROM work_order WHERE stage < ?`,
      )
      .get(now, CLOSED_STAGE)
    return { ...row } as unknown as OrderCounts
  }

  async awaitingWater(since: number): Promise<readonly WorkOrder[]> {
    return this.db
      .prepare(`SELECT body FROM work_order WHERE id IN (SELECT id FROM work_order WHERE state = 'claimed'
           UNION ALL SELECT id FROM work_order WHERE verdict_at > ?) ORDER BY id`)
      .all(since)
      .map(orderOf)
  }

  async unclosed(): Promise<ReadonlyMap<string, OrderMark>> {
    const rows = this.db
      .prepare('SELECT id, subject, subject_id, state FROM work_order WHERE stage < ?')
      .all(CLOSED_STAGE)
    return new Map(
      rows.map((row) => [
        `${row.subject}:${row.subject_id}`,
        { id: row.id as string, state: row.state as WorkOrder['state'] },
      ]),
    )
  }

  async savings(until: number): Promise<Savings> {
    const row = this.db
      .prepare(
        `SELECT count(*) AS repairs, total(saved_m3h) AS m3h, min(saved_since) AS since,
           total(saved_m3h * max(0, ? - saved_since)) / ? AS m3 FROM work_order WHERE saved_since IS NOT NULL`,
      )
      .get(until, HOUR_MS)
    return { ...row } as unknown as Savings
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  private read(id: string): WorkOrder | undefined {
    const row = this.db.prepare('SELECT body FROM work_order WHERE id = ?').get(id)
    return row === undefined ? undefined : orderOf(row)
  }

  private store(order: WorkOrder, events: readonly NewOrderEvent[]): void {
    const { id, subject, subjectId, placeId, state, verdictAt } = order
    const isConfirmed = state === 'confirmed'
    const savedSince = isConfirmed ? (order.claim?.repairedAt ?? order.openedAt) : null
    const saved = isConfirmed ? savedM3h(order) : null
    this.db
      .prepare(
        `INSERT INTO work_order
           (id, subject, subject_id, place_id, state, stage, due_at, verdict_at, saved_m3h, saved_since, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, stage = excluded.stage, due_at = excluded.due_at,
           verdict_at = excluded.verdict_at, saved_m3h = excluded.saved_m3h, saved_since = excluded.saved_since,
           body = excluded.body`,
      )
      .run(
        ...[id, subject, subjectId, placeId, state, STAGES[state], dueOf(order), verdictAt, saved, savedSince],
        JSON.stringify(order),
      )
    const insert = this.db.prepare('INSERT INTO work_order_event (order_id, body) VALUES (?, ?)')
    for (const event of events) insert.run(id, JSON.stringify(event))
  }
}

/** What nobody has yet is due since it was opened. */
const dueOf = ({ dueAt, openedAt }: WorkOrder): number => dueAt ?? openedAt

const orderOf = (row: Record<string, unknown>): WorkOrder => JSON.parse(row.body as string) as WorkOrder
