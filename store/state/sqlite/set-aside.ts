import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JournalLane } from '../../journal/port.ts'
import type { Decision, OpenEntry, QuarantineEntry, ReplayedEntry } from '../decisions-port.ts'

/** A device that sends nonsense for a year must not fill the disk that the journal needs. */
export interface BoundsOfSetAside {
  readonly quarantineRows: number
  readonly quarantineBytes: number
  /** Rows of (reason, device): whoever knocks at the door chooses the device's name. */
  readonly rejectionRows: number
}
export const DEFAULT_BOUNDS: BoundsOfSetAside = {
  quarantineRows: 200_000,
  quarantineBytes: 1024 ** 3,
  rejectionRows: 20_000,
}

/** How much of the oldest goes at once when a table is full: so that it does not happen at every insert. */
const REJECTIONS_FOLDED_AT_ONCE = 0.1

/** Rows looked at per step when the quarantine's bytes are over their bound. */
const OLDEST_AT_ONCE = 100

/** Of a detail that tells groups apart. Characters. */
const MAX_PATTERN = 200

/** What a detail says apart from its numbers: those differ each time a broken firmware says the same. */
const patternOf = (detail: string): string => detail.replaceAll(/\d+(?:[.:,]\d+)*/g, '#').slice(0, MAX_PATTERN)

/** Quarantine and rejection counts: what was not understood, and what was turned away, both bounded. */
export class SetAside {
  private readonly db: DatabaseSync
  private readonly bounds: BoundsOfSetAside
  private readonly insert: StatementSync
  private readonly openOf: StatementSync
  private readonly setReplayed: StatementSync
  private readonly setStill: StatementSync
  private readonly dropReplayedTwin: StatementSync
  private readonly newest: StatementSync
  private readonly dropThrough: StatementSync
  private readonly oldest: StatementSync
  private readonly addBytes: StatementSync
  private readonly addDropped: StatementSync
  private readonly count: StatementSync
  private rejectionRows: number

  constructor(db: DatabaseSync, bounds: BoundsOfSetAside) {
    this.db = db
    this.bounds = bounds
    this.insert = db.prepare(
      `INSERT OR IGNORE INTO quarantine
         (at, device_id, lane, journal_seq, kind, sender, arg, topic, reason, detail, pattern, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.openOf = db.prepare(
      `SELECT id, device_id AS deviceId, reason FROM quarantine
       WHERE lane = ? AND journal_seq = ? AND replayed = 0 ORDER BY id`,
    )
    this.setReplayed = db.prepare('UPDATE quarantine SET replayed = 1, tried_at = ?, tried_by = ? WHERE id = ?')
    this.setStill = db.prepare(
      'UPDATE quarantine SET device_id = ?, reason = ?, detail = ?, pattern = ?, tried_at = ?, tried_by = ? WHERE id = ?',
    )
    this.dropReplayedTwin = db.prepare(
      `DELETE FROM quarantine WHERE (lane, journal_seq) = (SELECT lane, journal_seq FROM quarantine WHERE id = ?1)
         AND device_id = ?2 AND reason = ?3 AND id <> ?1 AND replayed = 1 RETURNING length(bytes) AS size`,
    )
    this.newest = db.prepare('SELECT max(id) AS id FROM quarantine')
    this.dropThrough = db.prepare('DELETE FROM quarantine WHERE id <= ? RETURNING length(bytes) AS size')
    this.oldest = db.prepare(`SELECT id, length(bytes) AS size FROM quarantine ORDER BY id LIMIT ${OLDEST_AT_ONCE}`)
    this.addBytes = db.prepare(
      `INSERT INTO counter (name, value) VALUES ('quarantine_bytes', ?1)
       ON CONFLICT (name) DO UPDATE SET value = value + ?1 RETURNING value`,
    )
    // A figure of ingest like any other, but counted here, in the transaction that drops.
    this.addDropped = db.prepare(
      `INSERT INTO role_metric (role, name, value, at) VALUES ('ingest', 'quarantine_dropped_total', ?1, ?2)
       ON CONFLICT (role, name) DO UPDATE SET value = value + ?1, at = ?2`,
    )
    this.count = db.prepare(
      `INSERT INTO rejection (reason, device_id, count, first_at, last_at, last_detail)
       VALUES ($reason, $device, $count, $at, $at, $detail)
       ON CONFLICT (reason, device_id) DO UPDATE SET count = count + $count, first_at = min(first_at, $at),
         last_detail = CASE WHEN $at >= last_at THEN $detail ELSE last_detail END, last_at = max(last_at, $at)
       RETURNING count`,
    )
    this.rejectionRows = this.countRejections()
  }

  quarantine(entries: readonly QuarantineEntry[]): void {
    let added = 0
    let at = 0
    for (const e of entries) {
      const { changes } = this.insert.run(
        ...[e.at, e.deviceId, e.lane, e.journalSeq, e.kind, e.sender, e.arg, e.topic, e.reason, e.detail],
        patternOf(e.detail),
        e.bytes,
      )
      if (changes > 0) added += e.bytes.length
      at = Math.max(at, e.at)
    }
    if (entries.length > 0) this.keepQuarantineBounded(added, at)
  }

  open(lane: JournalLane, journalSeq: number): readonly OpenEntry[] {
    return this.openOf.all(lane, journalSeq) as unknown as OpenEntry[]
  }

  replayed(entries: readonly ReplayedEntry[]): void {
    for (const { id, at, by, still } of entries) {
      if (still === undefined) {
        this.setReplayed.run(at, by, id)
        continue
      }
      // An entry is known by its record, device and reason: one that was understood once gives way to the one that is open.
      for (const { size } of this.dropReplayedTwin.all(id, still.deviceId, still.reason))
        this.addBytes.get(-(size as number))
      this.setStill.run(still.deviceId, still.reason, still.detail, patternOf(still.detail), at, by, id)
    }
  }

  reject(rejections: Decision['rejections']): void {
    for (const r of rejections) {
      const row = this.count.get({
        $reason: r.reason,
        $device: r.deviceId,
        $count: r.count,
        $at: r.at,
        $detail: r.detail,
      }) as { count: number }
      if (row.count === r.count) this.rejectionRows += 1
    }
    if (this.rejectionRows > this.bounds.rejectionRows) this.foldOldestRejections()
  }

  private keepQuarantineBounded(addedBytes: number, at: number): void {
    const newest = (this.newest.get() as { id: number | null }).id ?? 0
    let bytes = (this.addBytes.get(addedBytes) as { value: number }).value
    let dropped = 0
    const dropThrough = (id: number): void => {
      let freed = 0
      for (const row of this.dropThrough.all(id)) {
        freed += row.size as number
        dropped += 1
      }
      if (freed > 0) bytes = (this.addBytes.get(-freed) as { value: number }).value
    }
    dropThrough(newest - this.bounds.quarantineRows)
    while (bytes > this.bounds.quarantineBytes) {
      let over = bytes - this.bounds.quarantineBytes
      let last: number | undefined
      for (const row of this.oldest.all()) {
        if (over <= 0) break
        over -= row.size as number
        last = row.id as number
      }
      if (last === undefined) break
      dropThrough(last)
    }
    if (dropped > 0) this.addDropped.run(dropped, at)
  }

  /** The oldest devices' counts are added up under no device's name: the sums per reason stay exact. */
  private foldOldestRejections(): void {
    const many = Math.ceil(this.bounds.rejectionRows * REJECTIONS_FOLDED_AT_ONCE)
    const oldest = this.db
      .prepare("SELECT * FROM rejection WHERE device_id <> '' ORDER BY last_at LIMIT ?")
      .all(many + this.rejectionRows - this.bounds.rejectionRows)
    const remove = this.db.prepare('DELETE FROM rejection WHERE reason = ? AND device_id = ?')
    for (const row of oldest) {
      remove.run(row.reason as string, row.device_id as string)
      this.count.get({
        $reason: row.reason as string,
        $device: '',
        $count: row.count as number,
        $at: row.first_at as number,
        $detail: row.last_detail as string,
      })
      this.count.get({
        $reason: row.reason as string,
        $device: '',
        $count: 0,
        $at: row.last_at as number,
        $detail: row.last_detail as string,
      })
    }
    this.rejectionRows = this.countRejections()
  }

  private countRejections(): number {
    return (this.db.prepare('SELECT count(*) AS n FROM rejection').get() as { n: number }).n
  }
}
