import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { journalFile } from '../../files.ts'
import { migrate, type OpenOptions, openDatabase, StoreUnusable, schemaVersion, sqliteCode } from '../../sqlite.ts'
import { STATE_SCHEMA } from '../schema.ts'

/** Going over to WAL needs the file for itself and does not wait for it: roles that start together try again. */
const BUSY_RETRY_MS = 20
const BUSY_RETRIES = 250

const SQLITE_BUSY = 5

/**
 * Opens the state database, whichever role comes first makes it and brings it forward.
 * @throws StoreUnusable where it is damaged, of a newer Hydrant, or gone while journals are there
 */
export function openState(file: string, durability: OpenOptions['durability']): DatabaseSync {
  for (let attempt = 0; ; attempt += 1) {
    let db: DatabaseSync | undefined
    try {
      if (bytesOf(file) === 0) refuseToForget(file)
      db = openDatabase(file, { durability })
      // Only who finds an old schema takes the write lock; everyone else must not wait for ingest's transaction.
      const have = schemaVersion(db)
      if (have === 0) refuseToForget(file)
      if (have !== STATE_SCHEMA.length) migrate(db, STATE_SCHEMA, file)
      return db
    } catch (error) {
      if (db?.isOpen === true) db.close()
      if (attempt >= BUSY_RETRIES || sqliteCode(error) !== SQLITE_BUSY) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS)
    }
  }
}

/**
 * Every journal is made after the state. A state that is empty beside journals has been deleted, or the folder is not the
 * one that was meant: to begin anew would turn every device away and call it normal.
 */
function refuseToForget(file: string): void {
  const folder = dirname(file)
  const left = (['urgent', 'bulk', 'operator'] as const).filter((lane) => bytesOf(journalFile(folder, lane)) > 0)
  if (left.length > 0)
    throw new StoreUnusable(
      `${file} is missing or empty, but the journals beside it (${left.join(', ')}) are not. It knows the devices, the users and the alarms. Put a backup in its place (hydrant restore), or move the journals away too to begin with an empty Hydrant.`,
    )
}

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
