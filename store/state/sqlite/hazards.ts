import type { DatabaseSync } from 'node:sqlite'
import type { Hazard, HazardEvent, HazardOutcome, NewHazardEvent } from '../../../contract/hazards.ts'
import { transaction } from '../../sqlite.ts'
import type { HazardFilter, Hazards } from '../hazards-port.ts'
import type { Page, PageOf } from '../page.ts'
import { Conditions } from './conditions.ts'

export class SqliteHazards implements Hazards {
  private readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.db = db
  }

  async open(hazard: Hazard, event: NewHazardEvent): Promise<void> {
    transaction(this.db, () => this.store(hazard, [event]))
  }

  async find(id: string): Promise<Hazard | undefined> {
    return this.read(id)
  }

  async history(id: string): Promise<readonly HazardEvent[]> {
    return this.db
      .prepare(
        `SELECT n, hazard_id AS hazardId, type, at, by, verdict, photograph_id AS photographId, comment
         FROM hazard_event WHERE hazard_id = ? ORDER BY n`,
      )
      .all(id)
      .map((row) => ({ ...row }) as unknown as HazardEvent)
  }

  async update(id: string, decide: (before: Hazard) => HazardOutcome): Promise<HazardOutcome | undefined> {
    return transaction(this.db, () => {
      const before = this.read(id)
      if (before === undefined) return undefined
      const outcome = decide(before)
      if (outcome.ok) this.store(outcome.hazard, outcome.events)
      return outcome
    })
  }

  async list(filter: HazardFilter & PageOf): Promise<Page<Hazard>> {
    const where = new Conditions()
    if (filter.state === 'unclosed') where.add("state <> 'closed'")
    else if (filter.state !== 'all') where.add('state = ?', filter.state)
    if (filter.kind !== undefined) where.add('kind = ?', filter.kind)
    if (filter.dueBefore !== undefined) where.add('due_at < ?', filter.dueBefore)
    if (filter.placeIds !== undefined)
      where.add('place_id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.placeIds))
    const count = this.db.prepare(`SELECT count(*) AS n FROM hazard ${where.sql}`).get(...where.values)
    const after = /^(-?\d+) (.+)$/.exec(filter.cursor ?? '')
    if (after !== null) where.add('(due_at, id) > (?, ?)', Number(after[1]), after[2] ?? '')
    const rows = this.db
      .prepare(`SELECT body FROM hazard ${where.sql} ORDER BY due_at, id LIMIT ?`)
      .all(...where.values, filter.limit + 1)
    const items = rows.slice(0, filter.limit).map(hazardOf)
    const last = rows.length > filter.limit ? items.at(-1) : undefined
    return {
      items,
      total: (count as { n: number }).n,
      next: last === undefined ? null : `${last.dueAt} ${last.id}`,
    }
  }

  async unclosedByPlace(
    now: number,
  ): Promise<ReadonlyMap<string, { readonly open: number; readonly overdue: number }>> {
    const rows = this.db
      .prepare(
        `SELECT place_id AS placeId, count(*) AS open, sum(due_at < ?) AS overdue
         FROM hazard WHERE state <> 'closed' GROUP BY place_id`,
      )
      .all(now)
    return new Map(
      rows.map((row) => [row.placeId as string, { open: row.open as number, overdue: row.overdue as number }]),
    )
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  private read(id: string): Hazard | undefined {
    const row = this.db.prepare('SELECT body FROM hazard WHERE id = ?').get(id)
    return row === undefined ? undefined : hazardOf(row)
  }

  private store(hazard: Hazard, events: readonly NewHazardEvent[]): void {
    this.db
      .prepare('INSERT OR REPLACE INTO hazard (id, place_id, kind, state, due_at, body) VALUES (?, ?, ?, ?, ?, ?)')
      .run(hazard.id, hazard.placeId, hazard.kind, hazard.state, hazard.dueAt, JSON.stringify(hazard))
    const insert = this.db.prepare(
      'INSERT INTO hazard_event (hazard_id, type, at, by, verdict, photograph_id, comment) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    for (const event of events)
      insert.run(hazard.id, event.type, event.at, event.by, event.verdict, event.photographId, event.comment)
  }
}

const hazardOf = (row: Record<string, unknown>): Hazard => JSON.parse(row.body as string) as Hazard
