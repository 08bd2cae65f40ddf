import { chmodSync, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from './files.ts'

/** SQLite before 3.51.3 can corrupt a database when the WAL is reset under a concurrent reader. */
const OLDEST_SAFE = [3, 51, 3] as const

/** How long a writer waits for another process's short transaction before it fails. */
const BUSY_TIMEOUT_MS = 5000

/**
 * A database that cannot be worked with, and that starting again does not mend: damaged, missing, or of a newer Hydrant.
 * The message is a sentence for a person, with what to do.
 */
export class StoreUnusable extends Error {
  override name = 'StoreUnusable'
}

/** The file's bytes are not what SQLite wrote. */
export class DatabaseDamaged extends StoreUnusable {
  override name = 'DatabaseDamaged'
  /** In SQLite's words. */
  readonly why: string
  constructor(file: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      `${file} is damaged (${why}). Keep the file, and put a backup in its place: hydrant restore. hydrant doctor looks at every file.`,
      { cause },
    )
    this.why = why
  }
}

/** CORRUPT and NOTADB (sqlite.org/rescode.html). */
const DAMAGE: ReadonlySet<number | undefined> = new Set([11, 26])
export const isDamage = (error: unknown): boolean => error instanceof DatabaseDamaged || DAMAGE.has(sqliteCode(error))

/** A write-ahead log that has grown (a long backup held its beginning) is made this short again. Bytes. */
const LONGEST_KEPT_LOG = 64 * 1024 * 1024

export interface OpenOptions {
  /** FULL: every commit is on disk when it returns. NORMAL: the newest commits may be lost to a power cut, never torn. */
  readonly durability: 'FULL' | 'NORMAL'
  readonly readOnly?: boolean
}

/**
 * Opens (and where absent makes) a database in WAL mode, readable by its owner only.
 * @throws DatabaseDamaged where its header is not one
 */
export function openDatabase(file: string, options: OpenOptions): DatabaseSync {
  if (options.readOnly !== true) makeFolder(dirname(file))
  const isNew = !existsSync(file)
  const db = new DatabaseSync(file, { readOnly: options.readOnly === true, timeout: BUSY_TIMEOUT_MS })
  try {
    const version = (db.prepare('SELECT sqlite_version() AS v').get() as { v: string }).v
    if (isOlder(version))
      throw new StoreUnusable(
        `SQLite ${version} has the WAL-reset defect; Hydrant needs ${OLDEST_SAFE.join('.')} or newer. Start it with the Node.js that npm ci installed.`,
      )
    if (options.readOnly !== true) {
      db.exec('PRAGMA journal_mode = WAL')
      db.exec(`PRAGMA synchronous = ${options.durability}`)
      db.exec(`PRAGMA journal_size_limit = ${LONGEST_KEPT_LOG}`)
      if (isNew) chmodSync(file, 0o600)
    }
    // Looks at the header, which a reader would otherwise meet at its first question.
    schemaVersion(db)
  } catch (error) {
    db.close()
    throw isDamage(error) ? new DatabaseDamaged(file, error) : error
  }
  return db
}

/** How many migration steps the database has taken; 0 for a new one. */
export const schemaVersion = (db: DatabaseSync): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

function isOlder(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [i, least] of OLDEST_SAFE.entries()) {
    const part = parts[i] ?? 0
    if (part !== least) return part < least
  }
  return false
}

/** Runs `work` in one write transaction: all of it or nothing. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // Also after a COMMIT that failed: left open, it would refuse every transaction after it.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/**
 * Brings a database forward, all missing steps in one transaction. `PRAGMA user_version` counts the steps taken. A
 * database that a newer Hydrant wrote is refused: going back would lose what it knows.
 * @throws StoreUnusable
 */
export function migrate(db: DatabaseSync, steps: readonly string[], file: string): void {
  // Nothing is written where nothing is to do: a full disk must not keep a fire's journal from opening.
  if (schemaVersion(db) === steps.length) return
  transaction(db, () => {
    const have = schemaVersion(db)
    if (have > steps.length)
      throw new StoreUnusable(
        `${file} was written by a newer Hydrant (schema ${have}, this one knows ${steps.length}). Start the newer version.`,
      )
    for (const step of steps.slice(have)) db.exec(step)
    db.exec(`PRAGMA user_version = ${steps.length}`)
  })
}

/** SQLite's primary result code of an error it threw; undefined for any other error. */
export const sqliteCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
