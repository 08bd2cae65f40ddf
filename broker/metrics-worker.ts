import { parentPort, workerData } from 'node:worker_threads'
import { openRoleMetrics } from '../store/state/sqlite.ts'

/**
 * Writes the broker's figures to the state database, in a thread of its own: the write lock there is ingest's most of the
 * time, and waiting for it would hold up every publish.
 */
export interface FiguresMessage {
  readonly at: number
  readonly values: Readonly<Record<string, number>>
}

if (parentPort === null) throw new Error('metrics-worker runs as a worker thread only')
const metrics = openRoleMetrics((workerData as { file: string }).file)
parentPort.on('message', (message: FiguresMessage) => {
  // Figures of a second that could not be written are replaced by those of the next.
  metrics.publish('broker', message.at, message.values).catch(() => undefined)
})
