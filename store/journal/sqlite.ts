import type { JournalReader, JournalWriter } from './port.ts'
import { SqliteJournalReader } from './sqlite-reader.ts'
import { SqliteJournalWriter } from './sqlite-writer.ts'

export interface JournalWriterOptions {
  /** The furthest reader's cursor, asked for at each (re)start of the writer: no number up to it is given again. */
  readonly startAfter?: () => Promise<number>
  /** Told in a sentence that records are gone: the file was damaged and put aside, or is not the one that was read. */
  readonly onLost?: (what: string) => void
}

/**
 * Opens the journal of one lane for writing. Rejects with a plain message where the file cannot be used. Afterwards the
 * writer mends itself: what cannot be stored is refused, and the next may be stored again without a restart.
 */
export const openJournalWriter = (file: string, options: JournalWriterOptions = {}): Promise<JournalWriter> =>
  SqliteJournalWriter.open(file, options)

/** Opens the journal of one lane for reading, also before its writer has made it (it then reads as empty). */
export const openJournalReader = (file: string): JournalReader => new SqliteJournalReader(file)
