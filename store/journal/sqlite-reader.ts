import { existsSync, statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { usedBytes } from '../spare-room.ts'
import { DatabaseDamaged, isDamage, openDatabase } from '../sqlite.ts'
import { readFrames } from './frame.ts'
import { JournalDamaged, type JournalReader, type JournalRecord } from './port.ts'

/** How often a reader looks whether its file is still the one that the writer writes: a damaged one is put aside. */
const SAME_FILE_EVERY_MS = 1000

interface BatchRow {
  last: number
  count: number
  crc: number
  body: Uint8Array
}

export class SqliteJournalReader implements JournalReader {
  private readonly file: string
  private db: DatabaseSync | undefined
  private version: StatementSync | undefined
  private after: StatementSync | undefined
  private inode = 0
  private sameFileAt = 0
  /** `PRAGMA data_version` of the last read that found nothing more: asking again costs 2 µs instead of a query. */
  private quietVersion = -1
  private quietAfter = -1

  constructor(file: string) {
    this.file = file
  }

  async readAfter(seq: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    if (!this.open()) return []
    const version = (this.version?.get() as { data_version: number }).data_version
    if (version === this.quietVersion && seq === this.quietAfter) return []
    const records: JournalRecord[] = []
    try {
      for (const raw of this.after?.iterate(seq) ?? []) {
        const row = raw as unknown as BatchRow
        if (crc32(row.body) !== row.crc) {
          // What was read before the damage is good; the damage itself is met at the next call.
          if (records.length > 0) return records
          throw this.damaged(row.last - row.count + 1, row.last, seq)
        }
        for (const record of readFrames(row.body, row.last - row.count + 1, seq)) records.push(record)
        if (records.length >= maxRecords) return records
      }
    } catch (error) {
      if (!isDamage(error)) throw error
      if (records.length > 0) return records
      throw this.behindTheDamage(seq, error)
    }
    if (records.length === 0) {
      this.quietVersion = version
      this.quietAfter = seq
    }
    return records
  }

  async head(): Promise<number> {
    if (!this.open()) return 0
    const row = this.db
      ?.prepare('SELECT max(coalesce((SELECT max(last) FROM batch), 0), (SELECT pruned_through FROM mark)) AS n')
      .get()
    return (row as { n: number }).n
  }

  async tail(): Promise<number> {
    if (!this.open()) return 0
    const row = this.db?.prepare('SELECT last - count + 1 AS n FROM batch ORDER BY last LIMIT 1').get()
    return (row as { n: number } | undefined)?.n ?? 0
  }

  async usedBytes(): Promise<number> {
    return this.open() && this.db !== undefined ? usedBytes(this.db) : 0
  }

  async close(): Promise<void> {
    this.db?.close()
    this.db = undefined
  }

  /** A page of the file is broken. The rows behind it are found from the other end, as far as they can be reached. */
  private behindTheDamage(seq: number, cause: unknown): Error {
    let firstBehind: number | undefined
    try {
      const rows = this.db?.prepare('SELECT last, count FROM batch WHERE last > ? ORDER BY last DESC').iterate(seq)
      for (const row of rows ?? []) firstBehind = (row.last as number) - (row.count as number) + 1
    } catch (error) {
      if (!isDamage(error)) return error as Error
    }
    // A statement that has failed fails once more; and the writer may have met the damage too and begun a new file.
    this.db?.close()
    this.db = undefined
    return firstBehind === undefined || firstBehind <= seq + 1
      ? new DatabaseDamaged(this.file, cause)
      : this.damaged(seq + 1, firstBehind - 1, seq)
  }

  private damaged(first: number, last: number, lastGood: number): JournalDamaged {
    return new JournalDamaged(
      `${this.file}: records ${first} to ${last} do not check (bit rot or a foreign write). Restore from a backup, or skip them knowingly.`,
      lastGood,
      last,
    )
  }

  private open(): boolean {
    if (this.db !== undefined && this.isSameFile()) return true
    if (!existsSync(this.file)) return false
    const inode = statSync(this.file).ino
    const db = openDatabase(this.file, { durability: 'NORMAL', readOnly: true })
    const made = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'mark'").get() as { n: number }
    if (made.n === 0) {
      db.close()
      return false
    }
    this.db = db
    this.inode = inode
    this.version = db.prepare('PRAGMA data_version')
    // Not "last > ?": that looks for row ? first, whose page may be the broken one.
    this.after = db.prepare('SELECT last, count, crc, body FROM batch WHERE last >= ? + 1 ORDER BY last')
    this.quietVersion = -1
    return true
  }

  private isSameFile(): boolean {
    const now = performance.now()
    if (now - this.sameFileAt < SAME_FILE_EVERY_MS) return true
    this.sameFileAt = now
    const inode = statSync(this.file, { throwIfNoEntry: false })?.ino
    if (inode === undefined || inode === this.inode) return true
    this.db?.close()
    this.db = undefined
    return false
  }
}
