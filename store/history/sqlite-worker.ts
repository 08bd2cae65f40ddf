import { parentPort, workerData } from 'node:worker_threads'
import { migrate, openDatabase } from '../sqlite.ts'
import { BlockStore, type NewBlock } from './block-store.ts'
import { HISTORY_SCHEMA } from './schema.ts'

/**
 * The one writer of a history file, in a thread of its own: a batch of a city's readings takes tens of milliseconds and an
 * fsync, and detection of alarms, which lives in the thread that calls, must not wait for it. Blocks arrive packed.
 */
export interface Parcel {
  readonly ids: readonly string[]
  readonly starts: Float64Array<ArrayBuffer>
  readonly ends: Float64Array<ArrayBuffer>
  readonly counts: Int32Array<ArrayBuffer>
  readonly quantities: Int32Array<ArrayBuffer>
  /** Where each block ends in `bytes`. */
  readonly offsets: Int32Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}
export type ToWorker = { readonly type: 'write'; readonly parcel: Parcel } | { readonly type: 'close' }
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'written'; readonly error?: string }
  | { readonly type: 'closed' }

/** Pages of the write-ahead log before they are moved into the file: 64 MiB lets one page take many writes first. */
const CHECKPOINT_PAGES = 16_384
/** KiB of pages kept in memory by the writer: a day's index of a city and its newest rows. */
const CACHE_KIB = 65_536

const port = parentPort
if (port === null) throw new Error('sqlite-worker runs as a worker thread only')
const { file } = workerData as { file: string }
const post = (message: FromWorker): void => port.postMessage(message)

try {
  // FULL: the archive's cursor moves after a write has returned, and the journal behind it may then be pruned. With
  // NORMAL a power cut could take the newest commits from a history that nothing can write again.
  const db = openDatabase(file, { durability: 'FULL' })
  db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  migrate(db, HISTORY_SCHEMA, file)
  const store = new BlockStore(db)

  port.on('message', (message: ToWorker) => {
    if (message.type === 'write') {
      try {
        store.write(blocksOf(message.parcel))
        post({ type: 'written' })
      } catch (error) {
        post({ type: 'written', error: (error as Error).message })
      }
    } else {
      db.close()
      post({ type: 'closed' })
      port.close()
    }
  })
  post({ type: 'ready' })
} catch (error) {
  post({ type: 'failed', message: (error as Error).message })
}

function* blocksOf(parcel: Parcel): Generator<NewBlock> {
  let from = 0
  for (let i = 0; i < parcel.ids.length; i++) {
    const to = parcel.offsets[i] as number
    yield {
      deviceId: parcel.ids[i] as string,
      start: parcel.starts[i] as number,
      end: parcel.ends[i] as number,
      count: parcel.counts[i] as number,
      quantities: parcel.quantities[i] as number,
      body: parcel.bytes.subarray(from, to),
    }
    from = to
  }
}
