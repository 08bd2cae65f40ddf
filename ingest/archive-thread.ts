import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ArchiveWorkerData, FromArchive } from './archive-worker.ts'
import type { Config } from './config.ts'

/** Before an archive that has ended unasked is started again, ms: doubles, so that a history that a person must mend does not fill the log. */
const FIRST_RESTART_MS = 1000
const LONGEST_RESTART_MS = 60_000

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
export function startArchive({ dataDir, history }: Pick<Config, 'dataDir' | 'history'>, log: Log): ArchiveThread {
  const data: ArchiveWorkerData = { dataDir, history }
  let pauseMs = FIRST_RESTART_MS
  let figures: Readonly<Record<string, number>> = {}
  let restarts = 0
  let stopping = false
  let worker: Worker
  let ended: Promise<void>

  const start = (): void => {
    worker = new Worker(new URL('./archive-worker.ts', import.meta.url), { workerData: data })
    worker.on('message', (message: FromArchive) => {
      if (message.type === 'figures') figures = message.values
      else if (message.type === 'ready') pauseMs = FIRST_RESTART_MS
      else log[message.type]({ thread: 'archive', ...message.facts }, message.message)
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
    const pause = pauseMs
    pauseMs = Math.min(LONGEST_RESTART_MS, pause * 2)
    await sleep(pause, undefined, { ref: false })
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
