import type { DatabaseSync } from 'node:sqlite'
import { migrate, openDatabase } from '../sqlite.ts'
import { BlockStore } from './block-store.ts'
import { newBlocks } from './new-blocks.ts'
import type { History, HistoryMessage, HistoryReader, RefusedReading } from './port.ts'
import { HISTORY_SCHEMA } from './schema.ts'
import { SqliteHistoryReader } from './sqlite-reader.ts'

/** Pages of the write-ahead log before they are moved into the file: 64 MiB lets a page take many writes first. */
const CHECKPOINT_PAGES = 16_384
/** KiB of pages that the writer keeps in memory: a day's index of a city and its newest rows. */
const CACHE_KIB = 65_536

/**
 * Opens the history for writing and reading; one process at a time may. Rejects with a plain message where the file cannot
 * be used. A write works in the calling thread until it is on disk (a batch of 2,000 uploads: some 60 ms): a thread that
 * must answer quickly does not call it.
 */
export async function openHistory(file: string): Promise<History> {
  // FULL: the archive's cursor moves after a write has returned, and the journal behind it may then be pruned. With
  // NORMAL a power cut could take the newest commits from a history that nothing can write again.
  const db = openDatabase(file, { durability: 'FULL' })
  try {
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
    migrate(db, HISTORY_SCHEMA, file)
    return new SqliteHistory(file, db)
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens the history for reading, also before its writer has made it (it then reads as empty). */
export function openHistoryReader(file: string): HistoryReader {
  return new SqliteHistoryReader(file)
}

/** Reads through a connection of its own, so that what is read is what others see. */
class SqliteHistory extends SqliteHistoryReader implements History {
  private readonly writing: DatabaseSync
  private readonly store: BlockStore

  constructor(file: string, db: DatabaseSync) {
    super(file)
    this.writing = db
    this.store = new BlockStore(db)
  }

  /** Takes everything: a reading's kind of value is whatever it is. */
  async write(messages: readonly HistoryMessage[]): Promise<readonly RefusedReading[]> {
    if (!this.writing.isOpen) throw new Error('the history is closed')
    this.store.write(newBlocks(messages))
    return []
  }

  override async close(): Promise<void> {
    await super.close()
    if (this.writing.isOpen) this.writing.close()
  }
}
