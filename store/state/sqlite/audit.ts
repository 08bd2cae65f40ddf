import type { DatabaseSync } from 'node:sqlite'
import type { AuditRecord } from '../../../contract/api.ts'
import { transaction } from '../../sqlite.ts'
import type { AuditEntry, AuditFilter } from '../accounts-port.ts'
import type { Page, PageOf } from '../page.ts'
import { Conditions } from './conditions.ts'

/** Who did what. Append-only: triggers of the database refuse a change, whoever asks for it. */
export function appendAudit(db: DatabaseSync, entries: readonly AuditEntry[]): void {
  const insert = db.prepare('INSERT INTO audit (at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?)')
  transaction(db, () => {
    for (const { at, actor, action, target, detail } of entries) insert.run(at, actor, action, target, detail)
  })
}

export function readAudit(db: DatabaseSync, filter: AuditFilter & PageOf): Page<AuditRecord> {
  const where = new Conditions()
  if (filter.actor !== undefined) where.add('actor = ?', filter.actor)
  // A range instead of LIKE: the index serves it, and an underscore is no wildcard.
  if (filter.action !== undefined) where.add('action >= ? AND action < ?', filter.action, `${filter.action}\u{10ffff}`)
  if (filter.target !== undefined) where.add('target = ?', filter.target)
  if (filter.from !== undefined) where.add('at >= ?', filter.from)
  if (filter.to !== undefined) where.add('at < ?', filter.to)
  const { n: total } = db.prepare(`SELECT count(*) AS n FROM audit ${where.sql}`).get(...where.values) as { n: number }
  const before = Number(filter.cursor)
  if (filter.cursor !== undefined && Number.isSafeInteger(before)) where.add('id < ?', before)
  const rows = db
    .prepare(`SELECT id, at, actor, action, target, detail FROM audit ${where.sql} ORDER BY id DESC LIMIT ?`)
    .all(...where.values, filter.limit + 1) as unknown as AuditRecord[]
  const items = rows.slice(0, filter.limit)
  const last = rows.length > filter.limit ? items.at(-1) : undefined
  return { items, total, next: last === undefined ? null : String(last.id) }
}
