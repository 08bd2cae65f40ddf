import type { Worker } from 'node:worker_threads'
import type { Downlink } from '../store/state/downlink-port.ts'
import type { StateMessage } from './metrics-worker.ts'

/**
 * The table of requests as the broker uses it: read where it is, which takes no lock; written in the thread that writes
 * figures, because the write lock is ingest's most of the time.
 */
export function downlinkBy(reader: Downlink, worker: Worker): Pick<Downlink, 'waiting' | 'sent' | 'settled'> {
  return {
    waiting: (limit) => reader.waiting(limit),
    sent: async (n, at) => worker.postMessage({ sent: { n, at } } satisfies StateMessage),
    settled: async (n, at, outcome) => worker.postMessage({ settled: { n, at, outcome } } satisfies StateMessage),
  }
}
