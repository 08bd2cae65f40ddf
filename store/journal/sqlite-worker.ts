import { parentPort, workerData } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { migrate, openDatabase, transaction } from '../sqlite.ts'
import { JOURNAL_SCHEMA } from './schema.ts'

/**
 * The one writer of a journal file, in a thread of its own so that an fsync never holds up the listeners. One message in
 * is one group; one commit with `synchronous = FULL` is one fsync; one message out tells that it is on disk.
 */
export type ToWorker =
  | { readonly type: 'commit'; readonly body: ArrayBuffer; readonly length: number; readonly count: number }
  | { readonly type: 'prune'; readonly throughSeq: number }
  | { readonly type: 'close' }
export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'committed'; readonly body: ArrayBuffer; readonly error?: string }
  | { readonly type: 'pruned'; readonly count: number; readonly error?: string }
  | { readonly type: 'closed' }

const port = parentPort
if (port === null) throw new Error('sqlite-worker runs as a worker thread only')
const { file } = workerData as { file: string }
const post = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

try {
  const db = openDatabase(file, { durability: 'FULL' })
  migrate(db, JOURNAL_SCHEMA, file)
  const insert = db.prepare('INSERT INTO batch (last, count, crc, body) VALUES (?, ?, ?, ?)')
  const counting = db.prepare('SELECT coalesce(sum(count), 0) AS n FROM batch WHERE last <= ?')
  const remove = db.prepare('DELETE FROM batch WHERE last <= ?')
  const remember = db.prepare('UPDATE mark SET pruned_through = max(pruned_through, ?)')
  // The highest number ever given survives pruning: a cursor must never meet a number twice.
  const highest = db.prepare(
    'SELECT max(coalesce((SELECT max(last) FROM batch), 0), (SELECT pruned_through FROM mark)) AS last',
  )
  const highestEver = (): number => (highest.get() as { last: number }).last
  let last = highestEver()
  let doubtful = false

  port.on('message', (message: ToWorker) => {
    if (message.type === 'commit') {
      const body = new Uint8Array(message.body, 0, message.length)
      try {
        if (doubtful) last = highestEver()
        doubtful = false
        insert.run(last + message.count, message.count, crc32(body), body)
        last += message.count
        post({ type: 'committed', body: message.body }, [message.body])
      } catch (error) {
        // Somebody else may have written: without asking anew, its number would be met again by every later group.
        doubtful = true
        post({ type: 'committed', body: message.body, error: (error as Error).message }, [message.body])
      }
    } else if (message.type === 'prune') {
      try {
        let count = 0
        transaction(db, () => {
          count = (counting.get(message.throughSeq) as { n: number }).n
          remove.run(message.throughSeq)
          remember.run(Math.min(message.throughSeq, last))
        })
        post({ type: 'pruned', count })
      } catch (error) {
        post({ type: 'pruned', count: 0, error: (error as Error).message })
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
