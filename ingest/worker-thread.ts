import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** Before a thread that has ended unasked is started again, ms: doubles, so that what a person must mend does not fill the log. */
const FIRST_RESTART_MS = 1000
const LONGEST_RESTART_MS = 60_000

/** What a thread of ingest says. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'figures'; readonly values: Readonly<Record<string, number>> }
  | { readonly type: 'info' | 'error'; readonly facts: object; readonly message: string }

export interface WorkerThread {
  /** Its newest figures. */
  figures(): Readonly<Record<string, number>>
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>
}

interface Log {
  info(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Runs `file` in a worker thread, and again when it ends unasked: detection goes on meanwhile. */
export function startThread(
  { name, file, data }: { readonly name: string; readonly file: URL; readonly data: object },
  log: Log,
): WorkerThread {
  let pauseMs = FIRST_RESTART_MS
  let figures: Readonly<Record<string, number>> = {}
  let restarts = 0
  let stopping = false
  let worker: Worker
  let ended: Promise<void>

  const start = (): void => {
    worker = new Worker(file, { workerData: data })
    worker.on('message', (message: FromThread) => {
      if (message.type === 'figures') figures = message.values
      else if (message.type === 'ready') pauseMs = FIRST_RESTART_MS
      else log[message.type]({ thread: name, ...message.facts }, message.message)
    })
    worker.on('error', (error: Error) => log.error({ thread: name, error: error.message }, `the ${name} failed`))
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
    figures: () => ({ ...figures, [`ingest_${name}_restarts_total`]: restarts }),
    stop: async () => {
      stopping = true
      worker.postMessage('stop')
      await ended
    },
  }
}
