import type { DatabaseSync } from 'node:sqlite'
import { isDamage, transaction } from './sqlite.ts'

/**
 * Room inside a database file: free pages that SQLite fills before the file grows. What lies inside the file no other
 * program can take, so a database with spare room goes on writing on a full disk; its write-ahead log overwrites the
 * pages that it was given earlier. (On a file system that never overwrites in place, ZFS or Btrfs, this does not hold.)
 *
 * The table `spare` (room BLOB) is what the pages are taken from the file system with; it is empty but while they are.
 */

/** Taken or given back in one step, so that whoever waits for the writer waits a few milliseconds. */
const STEP_BYTES = 1024 * 1024

export interface SpareRoom {
  /** Free bytes to have inside the file. */
  readonly least: number
  /** Free bytes above which the file is made shorter. */
  readonly most: number
}

/**
 * One step towards having between `least` and `most` bytes free inside the file.
 * @returns whether another step is needed
 */
export function keepSpareRoom(db: DatabaseSync, { least, most }: SpareRoom): boolean {
  const free = freeBytes(db)
  const taken = (db.prepare('SELECT coalesce(sum(length(room)), 0) AS n FROM spare').get() as { n: number }).n
  if (free + taken < least) {
    db.prepare('INSERT INTO spare (room) VALUES (zeroblob(?))').run(STEP_BYTES)
    return true
  }
  if (taken > 0) {
    db.exec('DELETE FROM spare')
    // Until they are in the file itself the pages lie in its log, which would grow with what is written next.
    db.exec('PRAGMA wal_checkpoint(PASSIVE)')
    return free > most
  }
  if (free <= most || !canShrink(db)) return false
  const pages = Math.ceil(Math.min(STEP_BYTES, free - most) / pageSize(db))
  // A pragma that works row by row: it has to be read to its end.
  transaction(db, () => db.prepare(`PRAGMA incremental_vacuum(${pages})`).all())
  return freeBytes(db) > most
}

/** Larger than this a file is not rewritten at a start to make it able to shrink: it would hold up the first publish. */
const REWRITTEN_AT_MOST = 64 * 1024 * 1024

/** Makes the file one that can be made shorter (auto_vacuum); for a new file that costs nothing. */
export function letItShrink(db: DatabaseSync): void {
  if (canShrink(db) || number(db, 'page_count') * pageSize(db) > REWRITTEN_AT_MOST) return
  try {
    db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    db.exec('VACUUM')
  } catch (error) {
    // A full disk has no room for it: the next start tries again.
    if (isDamage(error)) throw error
  }
}

/** Bytes of the file that hold something. */
export const usedBytes = (db: DatabaseSync): number =>
  (number(db, 'page_count') - number(db, 'freelist_count')) * pageSize(db)

const INCREMENTAL = 2
const canShrink = (db: DatabaseSync): boolean => number(db, 'auto_vacuum') === INCREMENTAL
const freeBytes = (db: DatabaseSync): number => number(db, 'freelist_count') * pageSize(db)
const pageSize = (db: DatabaseSync): number => number(db, 'page_size')
const number = (db: DatabaseSync, pragma: string): number =>
  Object.values(db.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>)[0] as number
