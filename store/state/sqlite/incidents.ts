import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { DutyCheck, Incident, WatchMode } from '../../../contract/incidents.ts'
import type { Decision } from '../decisions-port.ts'
import type { Page, PageOf } from '../page.ts'
import type { IncidentFilter } from '../views-port.ts'
import { Conditions } from './conditions.ts'

interface Body {
  readonly body: string
}

/** Incidents, watch modes, duty checks and resets: what ingest decides besides alarms. Part of one state database. */
export class IncidentStore {
  private readonly db: DatabaseSync
  private readonly readIncident: StatementSync
  private readonly readDuty: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.readIncident = db.prepare('SELECT body FROM incident WHERE id = ?')
    this.readDuty = db.prepare('SELECT body FROM duty_check WHERE id = ?')
  }

  /** Within the decision's transaction. A batch of meters has none of it. */
  write({ incidents, watchModes, dutyChecks, placeResets }: Decision): void {
    for (const incident of incidents) this.writeIncident(incident)
    for (const [target, watch] of watchModes)
      if (watch === null) this.db.prepare('DELETE FROM watch_mode WHERE target = ?').run(target)
      else
        this.db
          .prepare('INSERT OR REPLACE INTO watch_mode (target, body) VALUES (?, ?)')
          .run(target, JSON.stringify(watch))
    for (const duty of dutyChecks)
      this.db
        .prepare('INSERT OR REPLACE INTO duty_check (id, place_id, asked_at, open, body) VALUES (?, ?, ?, ?, ?)')
        .run(duty.id, duty.placeId, duty.askedAt, Number(duty.settled === null), JSON.stringify(duty))
    for (const [placeId, at] of placeResets)
      this.db.prepare('INSERT OR REPLACE INTO place_reset (place_id, at) VALUES (?, ?)').run(placeId, at)
  }

  openOrClosedAfter(time: number): readonly Incident[] {
    const open = this.db.prepare("SELECT body FROM incident WHERE state <> 'closed' ORDER BY noticed_at, id").all()
    const closed = Number.isFinite(time)
      ? this.db.prepare('SELECT body FROM incident WHERE closed_at > ? ORDER BY closed_at, id').all(time)
      : []
    return [...closed, ...open].map((row) => parsed<Incident>(row as unknown as Body))
  }

  incident(id: string): Incident | undefined {
    const row = this.readIncident.get(id) as Body | undefined
    return row === undefined ? undefined : parsed<Incident>(row)
  }

  page(filter: IncidentFilter & PageOf): Page<Incident> {
    const where = new Conditions()
    // Named as in the partial index, so that years of closed incidents are not looked at.
    if (filter.state === 'open') where.add("state <> 'closed'")
    if (filter.kind !== undefined) where.add('kind = ?', filter.kind)
    if (filter.premisesId !== undefined) where.add('premises_id = ?', filter.premisesId)
    return this.newestFirst<Incident>('incident', 'noticed_at', where, filter, ({ noticedAt }) => noticedAt)
  }

  watchModes(): readonly WatchMode[] {
    return this.db
      .prepare('SELECT body FROM watch_mode ORDER BY target')
      .all()
      .map((row) => parsed<WatchMode>(row as unknown as Body))
  }

  openDutyChecks(): readonly DutyCheck[] {
    return this.db
      .prepare('SELECT body FROM duty_check WHERE open = 1 ORDER BY id')
      .all()
      .map((row) => parsed<DutyCheck>(row as unknown as Body))
  }

  dutyCheck(id: string): DutyCheck | undefined {
    const row = this.readDuty.get(id) as Body | undefined
    return row === undefined ? undefined : parsed<DutyCheck>(row)
  }

  dutyChecks(filter: { readonly placeId?: string | undefined } & PageOf): Page<DutyCheck> {
    const where = new Conditions()
    if (filter.placeId !== undefined) where.add('place_id = ?', filter.placeId)
    return this.newestFirst<DutyCheck>('duty_check', 'asked_at', where, filter, ({ askedAt }) => askedAt)
  }

  placeResets(after: number): ReadonlyMap<string, number> {
    const rows = this.db.prepare('SELECT place_id, at FROM place_reset WHERE at > ?').all(after)
    return new Map(rows.map((row) => [row.place_id as string, row.at as number]))
  }

  private writeIncident(incident: Incident): void {
    const { id, kind, state, premisesId, noticedAt, closedAt } = incident
    this.db
      .prepare(
        `INSERT OR REPLACE INTO incident (id, kind, state, premises_id, noticed_at, closed_at, body)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(id, kind, state, premisesId, noticedAt, closedAt, JSON.stringify(incident))
  }

  private newestFirst<T extends { readonly id: string }>(
    table: 'incident' | 'duty_check',
    column: 'noticed_at' | 'asked_at',
    where: Conditions,
    { limit, cursor }: PageOf,
    timeOf: (item: T) => number,
  ): Page<T> {
    const counted = this.db.prepare(`SELECT count(*) AS n FROM ${table} ${where.sql}`).get(...where.values)
    const before = parseCursor(cursor)
    if (before !== undefined) where.add(`(${column}, id) < (?, ?)`, before.at, before.id)
    const rows = this.db
      .prepare(`SELECT body FROM ${table} ${where.sql} ORDER BY ${column} DESC, id DESC LIMIT ?`)
      .all(...where.values, limit + 1)
    const items = rows.slice(0, limit).map((row) => parsed<T>(row as unknown as Body))
    const last = rows.length > limit ? items.at(-1) : undefined
    return {
      items,
      total: (counted as { n: number }).n,
      next: last === undefined ? null : `${timeOf(last)}~${last.id}`,
    }
  }
}

const parsed = <T>({ body }: Body): T => JSON.parse(body) as T

/** Undefined for what is no cursor of ours: such a request gets the first page. */
function parseCursor(cursor: string | undefined): { readonly at: number; readonly id: string } | undefined {
  const parts = cursor === undefined ? null : /^(-?[0-9.]+)~(.+)$/.exec(cursor)
  return parts === null ? undefined : { at: Number(parts[1]), id: parts[2] ?? '' }
}
