import { copyFileSync, existsSync, renameSync, statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { keepSpareRoom, letItShrink, type SpareRoom } from '../spare-room.ts'
import { DatabaseDamaged, isDamage, migrate, openDatabase, transaction } from '../sqlite.ts'
import { framesBehindBreak } from './log-check.ts'
import { JOURNAL_SCHEMA } from './schema.ts'

interface Open {
  readonly db: DatabaseSync
  readonly insert: StatementSync
  readonly counting: StatementSync
  readonly remove: StatementSync
  readonly remember: StatementSync
  readonly highest: StatementSync
}

/**
 * A journal file as its one writer has it. Blocking; lives in a thread of its own.
 *
 * A file that is damaged is put aside under another name and a new one begun, because a fire that comes now is worth more
 * than what can no longer be read; numbers go on behind every number that was ever given. What that costs is told to
 * `onLost`, in a sentence, and nothing is deleted.
 */
export class JournalFile {
  private readonly file: string
  private readonly onLost: (what: string) => void
  private open: Open
  private last: number
  private doubtful = false

  /** @param startAfter the furthest reader's cursor: no number up to it is given again */
  constructor(file: string, startAfter: number, onLost: (what: string) => void) {
    this.file = file
    this.onLost = onLost
    keepBrokenLog(file, onLost)
    try {
      this.open = openJournal(file)
      this.last = highestEver(this.open)
    } catch (error) {
      if (!isDamage(error)) throw error
      const aside = putAside(file)
      this.open = openJournal(file)
      this.last = 0
      this.goOnBehind(startAfter)
      onLost(`${messageOf(error)} It lies in ${aside} now and a new one has been begun; unread records in it are lost.`)
      return
    }
    if (this.last >= startAfter) return
    onLost(
      `${file} ends at record ${this.last}, but ${startAfter} was read already: the file is new, or older than the state. It goes on behind ${startAfter}; what was stored and not yet read is lost.`,
    )
    this.goOnBehind(startAfter)
  }

  /** Stores one group; returns when it is on disk. */
  add(body: Uint8Array, count: number): void {
    try {
      this.insert(body, count)
    } catch (error) {
      if (!isDamage(error)) throw error
      const { last, open } = this
      const aside = putAside(this.file)
      open.db.close()
      this.open = openJournal(this.file)
      this.doubtful = false
      this.last = 0
      this.goOnBehind(last)
      this.onLost(
        `${new DatabaseDamaged(this.file, error).message} It lies in ${aside} now and a new one has been begun behind record ${last}; what was not yet read of it is lost.`,
      )
      this.insert(body, count)
    }
  }

  /** @returns how many records were removed */
  prune(throughSeq: number): number {
    let count = 0
    transaction(this.open.db, () => {
      count = (this.open.counting.get(throughSeq) as { n: number }).n
      this.open.remove.run(throughSeq)
      this.open.remember.run(Math.min(throughSeq, this.last))
    })
    return count
  }

  /** @returns whether there is more to do */
  tidy(room: SpareRoom): boolean {
    return keepSpareRoom(this.open.db, room)
  }

  close(): void {
    this.open.db.close()
  }

  private insert(body: Uint8Array, count: number): void {
    try {
      if (this.doubtful) this.last = highestEver(this.open)
      this.doubtful = false
      this.open.insert.run(this.last + count, count, crc32(body), body)
      this.last += count
    } catch (error) {
      // Somebody else may have written: without asking anew, its number would be met again by every later group.
      this.doubtful = true
      throw error
    }
  }

  private goOnBehind(seq: number): void {
    this.open.remember.run(seq)
    this.last = Math.max(this.last, seq)
  }
}

function openJournal(file: string): Open {
  const db = openDatabase(file, { durability: 'FULL' })
  try {
    letItShrink(db)
    migrate(db, JOURNAL_SCHEMA, file)
    return {
      db,
      insert: db.prepare('INSERT INTO batch (last, count, crc, body) VALUES (?, ?, ?, ?)'),
      counting: db.prepare('SELECT coalesce(sum(count), 0) AS n FROM batch WHERE last <= ?'),
      remove: db.prepare('DELETE FROM batch WHERE last <= ?'),
      remember: db.prepare('UPDATE mark SET pruned_through = max(pruned_through, ?)'),
      // The highest number ever given survives pruning: a cursor must never meet a number twice.
      highest: db.prepare(
        'SELECT max(coalesce((SELECT max(last) FROM batch), 0), (SELECT pruned_through FROM mark)) AS last',
      ),
    }
  } catch (error) {
    db.close()
    throw isDamage(error) ? new DatabaseDamaged(file, error) : error
  }
}

const highestEver = (open: Open): number => (open.highest.get() as { last: number }).last

/** Moves a database away with what belongs to it. @returns its new name */
function putAside(file: string): string {
  const aside = asideOf(file)
  for (const part of ['', '-wal', '-shm'])
    if (statSync(`${file}${part}`, { throwIfNoEntry: false })?.isFile()) renameSync(`${file}${part}`, `${aside}${part}`)
  return aside
}

/** SQLite will drop what lies behind the break and write over it. */
function keepBrokenLog(file: string, onLost: (what: string) => void): void {
  const log = `${file}-wal`
  const frames = framesBehindBreak(log)
  if (frames === 0) return
  const aside = asideOf(log)
  copyFileSync(log, aside)
  onLost(
    `${log} has a break: the ${frames} pages behind it are not read, and records in them are lost. A copy lies in ${aside}. After a power cut these may be records that were never acknowledged; otherwise look at the disk.`,
  )
}

function asideOf(file: string): string {
  let n = 1
  while (existsSync(`${file}.damaged-${n}`)) n += 1
  return `${file}.damaged-${n}`
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
