import type { Config } from '../config.ts'
import { startThread, type WorkerThread } from '../worker-thread.ts'
import type { CourierWorkerData } from './courier-worker.ts'

/** The courier in a thread of its own. Stopped, it gives up what is under way: that is delivered at the next start. */
export function startCourier(
  { dataDir, publicUrl }: Pick<Config, 'dataDir' | 'publicUrl'>,
  log: Parameters<typeof startThread>[1],
): WorkerThread {
  const data: CourierWorkerData = { dataDir, publicUrl }
  return startThread({ name: 'courier', file: new URL('./courier-worker.ts', import.meta.url), data }, log)
}
