import type { DatabaseSync } from 'node:sqlite'
import type { QuarantineDetail, QuarantineGroup, QuarantineItem } from '../../../contract/api.ts'
import { type QuarantinedRecord, REPLAYABLE_KINDS } from '../../../contract/events.ts'
import type { Page, PageOf } from '../page.ts'
import type { QuarantineFilter } from '../views-port.ts'
import { Conditions } from './conditions.ts'
import { PREVIEW_BYTES, preview } from './preview.ts'

const COLUMNS = `id, at, device_id AS deviceId, sender, lane, topic, kind, arg, reason, detail, pattern,
  length(bytes) AS size, replayed, tried_at AS triedAt, tried_by AS triedBy`
// SQLite's substr() of an empty BLOB is NULL, and a payload may be empty.
const HEAD = `coalesce(substr(bytes, 1, ${PREVIEW_BYTES}), x'') AS head`
const KINDS = REPLAYABLE_KINDS.map((kind) => `'${kind}'`).join(', ')
const REPLAYABLE = `replayed = 0 AND lane IN ('urgent', 'bulk') AND kind IN (${KINDS})`

interface Row extends Omit<QuarantineItem, 'preview' | 'codec' | 'replayed'> {
  readonly kind: string
  readonly arg: string
  readonly replayed: number
}

/** What a person sees of the quarantine. */
export class QuarantineViews {
  private readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.db = db
  }

  page(filter: QuarantineFilter & PageOf): Page<QuarantineItem> {
    const where = conditionsOf(filter)
    const { n: total } = this.db.prepare(`SELECT count(*) AS n FROM quarantine ${where.sql}`).get(...where.values) as {
      n: number
    }
    const before = numberOf(filter.cursor)
    if (before !== undefined) where.add('id < ?', before)
    const rows = this.db
      .prepare(`SELECT ${COLUMNS}, ${HEAD} FROM quarantine ${where.sql} ORDER BY id DESC LIMIT ?`)
      .all(...where.values, filter.limit + 1)
    const items = rows.slice(0, filter.limit).map(itemOf)
    const last = rows.length > filter.limit ? items.at(-1) : undefined
    return { items, total, next: last === undefined ? null : String(last.id) }
  }

  groups(filter: QuarantineFilter & PageOf): Page<QuarantineGroup> {
    const where = conditionsOf(filter)
    const grouped = `FROM quarantine ${where.sql} GROUP BY reason, device_id, pattern`
    const { n: total } = this.db.prepare(`SELECT count(*) AS n FROM (SELECT 1 ${grouped})`).get(...where.values) as {
      n: number
    }
    const before = numberOf(filter.cursor) ?? Number.MAX_SAFE_INTEGER
    const rows = this.db
      .prepare(
        `SELECT count, firstAt, lastAt, ${COLUMNS}, ${HEAD}
         FROM (SELECT count(*) AS count, min(at) AS firstAt, max(at) AS lastAt, max(id) AS newest ${grouped}
               HAVING max(id) < ? ORDER BY newest DESC LIMIT ?) JOIN quarantine ON id = newest ORDER BY id DESC`,
      )
      .all(...where.values, before, filter.limit + 1)
    const items = rows.slice(0, filter.limit).map((row): QuarantineGroup => {
      const newest = itemOf(row)
      const { deviceId, reason, pattern } = newest
      const { count, firstAt, lastAt } = row as unknown as QuarantineGroup
      return { deviceId, reason, pattern, count, firstAt, lastAt, newest }
    })
    const last = rows.length > filter.limit ? items.at(-1) : undefined
    return { items, total, next: last === undefined ? null : String(last.newest.id) }
  }

  reasons(filter: QuarantineFilter): readonly { reason: string; count: number; lastAt: number }[] {
    const where = conditionsOf(filter)
    return this.db
      .prepare(
        `SELECT reason, count(*) AS count, max(at) AS lastAt FROM quarantine ${where.sql}
         GROUP BY reason ORDER BY count DESC, reason`,
      )
      .all(...where.values) as unknown as { reason: string; count: number; lastAt: number }[]
  }

  detail(id: number): Omit<QuarantineDetail, 'offending'> | undefined {
    const row = this.db
      .prepare(`SELECT ${COLUMNS}, bytes, ${REPLAYABLE} AS replayable FROM quarantine WHERE id = ?`)
      .get(id)
    if (row === undefined) return undefined
    const { preview: _, ...item } = itemOf({ ...row, head: new Uint8Array(0) })
    return { ...item, replayable: row.replayable === 1, bytes: base64(row.bytes) }
  }

  replayable(
    filter: QuarantineFilter & PageOf & { readonly id?: number | undefined; readonly maxBytes: number },
  ): Omit<Page<QuarantinedRecord>, 'total'> {
    const where = conditionsOf({ ...filter, state: 'all' })
    where.add(REPLAYABLE)
    if (filter.id !== undefined) where.add('id = ?', filter.id)
    const after = numberOf(filter.cursor)
    if (after !== undefined) where.add('id > ?', after)
    const rows = this.db
      .prepare(`SELECT id, lane, journal_seq, kind, sender, arg, at, bytes FROM quarantine ${where.sql} ORDER BY id`)
      .iterate(...where.values)
    const records = new Map<string, QuarantinedRecord>()
    let bytes = 0
    let last = 0
    for (const row of rows) {
      const key = `${row.lane} ${row.journal_seq}`
      const size = (row.bytes as Uint8Array).length
      if (!records.has(key)) {
        if (records.size >= filter.limit || (records.size > 0 && bytes + size > filter.maxBytes))
          return { items: [...records.values()], next: String(last) }
        bytes += size
        records.set(key, recordOf(row))
      }
      last = row.id as number
    }
    return { items: [...records.values()], next: null }
  }
}

function conditionsOf(filter: QuarantineFilter): Conditions {
  const where = new Conditions()
  if (filter.state === 'open') where.add('replayed = 0')
  if (filter.state === 'replayed') where.add('replayed = 1')
  if (filter.reason !== undefined) where.add('reason = ?', filter.reason)
  if (filter.deviceId !== undefined) where.add('device_id = ?', filter.deviceId)
  if (filter.pattern !== undefined) where.add('pattern = ?', filter.pattern)
  if (filter.from !== undefined) where.add('at >= ?', filter.from)
  if (filter.to !== undefined) where.add('at < ?', filter.to)
  return where
}

function itemOf(stored: Record<string, unknown>): QuarantineItem {
  const row = stored as unknown as Row
  return {
    id: row.id,
    at: row.at,
    deviceId: row.deviceId,
    sender: row.sender,
    lane: row.lane,
    topic: row.topic,
    codec: row.kind === 'raw' ? row.arg : null,
    reason: row.reason,
    detail: row.detail,
    pattern: row.pattern,
    size: row.size,
    preview: preview(stored.head as Uint8Array),
    replayed: row.replayed === 1,
    triedAt: row.triedAt,
    triedBy: row.triedBy,
  }
}

const recordOf = (row: Record<string, unknown>): QuarantinedRecord => ({
  lane: row.lane as QuarantinedRecord['lane'],
  journalSeq: row.journal_seq as number,
  kind: row.kind as QuarantinedRecord['kind'],
  sender: row.sender as string,
  arg: row.arg as string,
  arrivedAt: row.at as number,
  bytes: base64(row.bytes),
})

const base64 = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString('base64')

/** Undefined for what is no cursor of ours: such a request gets the first page. */
function numberOf(cursor: string | undefined): number | undefined {
  const number = Number(cursor)
  return cursor !== undefined && Number.isSafeInteger(number) ? number : undefined
}
