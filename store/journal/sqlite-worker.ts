import { parentPort, workerData } from 'node:worker_threads'
import { StoreUnusable } from '../sqlite.ts'
import { JournalFile } from './sqlite-file.ts'

/**
 * The one writer of a journal file, in a thread of its own so that an fsync never holds up the listeners. One message in
 * is one group; one commit with `synchronous = FULL` is one fsync; one message out tells that it is on disk.
 */
export type ToWorker =
  | { readonly type: 'commit'; readonly body: ArrayBuffer; readonly length: number; readonly count: number }
  | { readonly type: 'prune'; readonly throughSeq: number }
  | { readonly type: 'tidy'; readonly least: number; readonly most: number }
  | { readonly type: 'close' }
export type FromWorker =
  | { readonly type: 'ready' }
  /** `unusable`: starting again does not mend it (see `StoreUnusable`, whose class does not survive the way). */
  | { readonly type: 'failed'; readonly message: string; readonly unusable: boolean }
  | { readonly type: 'lost'; readonly what: string }
  | { readonly type: 'committed'; readonly body: ArrayBuffer; readonly error?: string }
  | { readonly type: 'answer'; readonly value: number; readonly error?: string }
  | { readonly type: 'closed' }

const port = parentPort
if (port === null) throw new Error('sqlite-worker runs as a worker thread only')
const { file, startAfter } = workerData as { file: string; startAfter: number }
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)
const answer = (work: () => number): void => {
  try {
    post({ type: 'answer', value: work() })
  } catch (error) {
    post({ type: 'answer', value: 0, error: (error as Error).message })
  }
}

try {
  const journal = new JournalFile(file, startAfter, (what) => post({ type: 'lost', what }))
  port.on('message', (message: ToWorker) => {
    if (message.type === 'commit') {
      try {
        journal.add(new Uint8Array(message.body, 0, message.length), message.count)
        post({ type: 'committed', body: message.body }, [message.body])
      } catch (error) {
        post({ type: 'committed', body: message.body, error: (error as Error).message }, [message.body])
      }
    } else if (message.type === 'prune') answer(() => journal.prune(message.throughSeq))
    else if (message.type === 'tidy') answer(() => Number(journal.tidy(message)))
    else {
      journal.close()
      post({ type: 'closed' })
      port.close()
    }
  })
  post({ type: 'ready' })
} catch (error) {
  post({ type: 'failed', message: (error as Error).message, unusable: error instanceof StoreUnusable })
}
