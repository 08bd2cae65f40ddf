import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { HistoryChoice } from '../store/history/open.ts'
import type { ArchiveWorkerData, FromArchive } from './archive-worker.ts'

/** Before an archive that has ended unasked is started again. Milliseconds. */
const RESTART_MS = 1000

export interface ArchiveThread {
  /** The archive's newest figures. */
  figures(): Readonly<Record<string, number>>
  /** Lets it finish its batch; one that waits for a history that is away is given up and written at the next start. */
  stop(): Promise<void>
}

interface Log {
  info(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Runs the archive in a worker thread, and again when it ends unasked: detection goes on meanwhile. */
export function startArchive(dataDir: string, history: HistoryChoice, log: Log): ArchiveThread {
  const data: ArchiveWorkerData = { dataDir, history }
  let figures: Readonly<Record<string, number>> = {}
  let restarts = 0
  let stopping = false
  let worker: Worker
  let ended: Promise<void>

  const start = (): void => {
    worker = new Worker(new URL('./archive-worker.ts', import.meta.url), { workerData: data })
    worker.on('message', (message: FromArchive) => {
      if (message.type === 'figures') figures = message.values
      else if (message.type !== 'ready') log[message.type]({ thread: 'archive', ...message.facts }, message.message)
    })
    worker.on('error', (error: Error) => log.error({ thread: 'archive', error: error.message }, 'the archive failed'))
    ended = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve()
        if (!stopping) void restart()
      })
    })
  }
  const restart = async (): Promise<void> => {
    restarts++
    await sleep(RESTART_MS, undefined, { ref: false })
    if (!stopping) start()
  }
  start()
  return {
    figures: () => ({ ...figures, ingest_archive_restarts_total: restarts }),
    stop: async () => {
      stopping = true
      worker.postMessage('stop')
      await ended
    },
  }
}
