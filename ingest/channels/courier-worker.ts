import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { stateFile } from '../../store/files.ts'
import { openChannels, openOutbox } from '../../store/state/sqlite.ts'
import { loop } from '../loop.ts'
import { Figures } from '../metrics.ts'
import type { FromThread } from '../worker-thread.ts'
import { deliver } from './adapters.ts'
import { Courier } from './courier.ts'

/** Telling the outside in a thread of its own: no receiver, however slow, is felt by detection. */
export interface CourierWorkerData {
  readonly dataDir: string
  readonly publicUrl: string | undefined
}

/** Of the second that a fire has from its confirmation to the channels, this is a fiftieth; two lookups each. */
const IDLE_MS = 20
const FIGURES_MS = 1000

const port = parentPort
if (port === null) throw new Error('courier-worker runs as a worker thread only')
const { dataDir, publicUrl } = workerData as CourierWorkerData
const post = (message: FromThread): void => port.postMessage(message)
const log = {
  info: (facts: object, message: string): void => post({ type: 'info', facts, message }),
  error: (facts: object, message: string): void => post({ type: 'error', facts, message }),
}

const channels = openChannels(stateFile(dataDir))
const outbox = openOutbox(stateFile(dataDir))
const figures = new Figures()
const courier = new Courier({
  channels,
  outbox,
  deliver,
  publicUrl,
  now: Date.now,
  random: Math.random,
  figures,
  log,
})

const stop = new AbortController()
port.once('message', () => stop.abort())
post({ type: 'ready' })

const reporting = (async () => {
  while (!stop.signal.aborted) {
    try {
      await courier.count()
    } catch (error) {
      log.error({ error: String(error) }, 'how many messages wait could not be read')
    }
    post({ type: 'figures', values: figures.read() })
    await sleep(FIGURES_MS, undefined, { signal: stop.signal }).catch(() => undefined)
  }
})()

await loop(() => courier.step(), {
  idleMs: IDLE_MS,
  signal: stop.signal,
  failed: (error, retryMs) => {
    figures.add('channel_courier_failures_total')
    log.error({ error: String(error), retryMs }, 'the outbox could not be served; it is tried again')
  },
})
await courier.stop()
await reporting
for (const open of [channels, outbox]) await open.close()
port.close()
