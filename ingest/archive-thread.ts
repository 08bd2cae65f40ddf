import type { ArchiveWorkerData } from './archive-worker.ts'
import type { Config } from './config.ts'
import { startThread, type WorkerThread } from './worker-thread.ts'

/**
 * The archive in a thread of its own. Stopped, it finishes its batch; one that waits for a history that is away is given up
 * and written at the next start.
 */
export function startArchive(
  { dataDir, history }: Pick<Config, 'dataDir' | 'history'>,
  log: Parameters<typeof startThread>[1],
): WorkerThread {
  const data: ArchiveWorkerData = { dataDir, history }
  return startThread({ name: 'archive', file: new URL('./archive-worker.ts', import.meta.url), data }, log)
}
