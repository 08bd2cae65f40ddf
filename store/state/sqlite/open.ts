import type { DatabaseSync } from 'node:sqlite'
import { migrate, type OpenOptions, openDatabase, sqliteCode } from '../../sqlite.ts'
import { STATE_SCHEMA } from '../schema.ts'

/** Going over to WAL needs the file for itself and does not wait for it: roles that start together try again. */
const BUSY_RETRY_MS = 20
const BUSY_RETRIES = 250

const SQLITE_BUSY = 5

/** Opens the state database, whichever role comes first makes it and brings it forward. */
export function openState(file: string, durability: OpenOptions['durability']): DatabaseSync {
  for (let attempt = 0; ; attempt += 1) {
    let db: DatabaseSync | undefined
    try {
      db = openDatabase(file, { durability })
      // Only who finds an old schema takes the write lock; everyone else must not wait for ingest's transaction.
      const { user_version: have } = db.prepare('PRAGMA user_version').get() as { user_version: number }
      if (have !== STATE_SCHEMA.length) migrate(db, STATE_SCHEMA, file)
      return db
    } catch (error) {
      if (db?.isOpen === true) db.close()
      if (attempt >= BUSY_RETRIES || sqliteCode(error) !== SQLITE_BUSY) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS)
    }
  }
}
