import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../store/files.ts'
import { Mistake, noDataFolder } from '../mistake.ts'

/**
 * Two Hydrants on one data directory would both decide about the same alarms. A lock of SQLite goes with its process,
 * however that ends; a file with a process number in it would stay behind.
 *
 * @returns what lets go of the data directory
 */
export function takeDataDir(dataDir: string): () => void {
  try {
    makeFolder(dataDir)
  } catch (error) {
    throw noDataFolder(dataDir, error)
  }
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(join(dataDir, 'running.lock'), { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    const busy = error instanceof Error && /locked/.test(error.message)
    throw new Mistake(
      busy
        ? `Hydrant is already running on ${dataDir}. Stop it first, or name another folder with HYDRANT_DATA_DIR.`
        : `The data folder ${dataDir} cannot be written (${error instanceof Error ? error.message : error}). Make it writable, or name another one with HYDRANT_DATA_DIR.`,
    )
  }
  const held = db
  return () => held.close()
}
