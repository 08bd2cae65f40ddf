import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { DownlinkOutcome } from '../contract/downlink.ts'
import { openDownlink, openRoleMetrics } from '../store/state/sqlite.ts'

/**
 * Writes the broker's figures, and what came of requests to devices, to the state database, in a thread of its own: the
 * write lock there is ingest's most of the time, and waiting for it would hold up every publish.
 */
export interface FiguresMessage {
  readonly at: number
  readonly values: Readonly<Record<string, number>>
}
export type StateMessage =
  | FiguresMessage
  | { readonly sent: { readonly n: number; readonly at: number } }
  | { readonly settled: { readonly n: number; readonly at: number; readonly outcome: DownlinkOutcome } }

/** What came of a request is tried again so often; a full disk may last. */
const AGAIN_MS = 1000

if (parentPort === null) throw new Error('metrics-worker runs as a worker thread only')
const { file } = workerData as { file: string }
const metrics = openRoleMetrics(file)
const downlink = openDownlink(file)

async function insist(write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write()
    } catch {
      await sleep(AGAIN_MS)
    }
  }
}

parentPort.on('message', (message: StateMessage) => {
  if ('sent' in message) void insist(() => downlink.sent(message.sent.n, message.sent.at))
  else if ('settled' in message) {
    const { n, at, outcome } = message.settled
    void insist(() => downlink.settled(n, at, outcome))
  }
  // Figures of a second that could not be written are replaced by those of the next.
  else metrics.publish('broker', message.at, message.values).catch(() => undefined)
})
