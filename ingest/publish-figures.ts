import { setTimeout as sleep } from 'node:timers/promises'
import type { RoleMetrics } from '../store/state/role-metrics-port.ts'
import type { Detect } from './detect.ts'
import type { Figures } from './metrics.ts'
import type { WorkerThread } from './worker-thread.ts'

const PUBLISH_MS = 1000

/** Once a second: what ingest says of itself, for /metrics. A failure is logged and the next second tried again. */
export async function publishFigures(parts: {
  readonly detect: Detect
  readonly archive: WorkerThread
  readonly courier: WorkerThread
  readonly figures: Figures
  readonly roleMetrics: RoleMetrics
  readonly now: () => number
  readonly log: { warn(facts: object, message: string): void }
  readonly signal: AbortSignal
}): Promise<void> {
  const { detect, archive, courier, figures, roleMetrics, now, log, signal } = parts
  while (!signal.aborted) {
    try {
      for (const lane of ['urgent', 'operator', 'bulk'] as const) {
        const { records, ms } = await detect.lag(lane)
        figures.set(`ingest_lag_records{cursor="detect",lane="${lane}"}`, records)
        figures.set(`ingest_lag_seconds{cursor="detect",lane="${lane}"}`, ms / 1000)
      }
      for (const [name, value] of Object.entries(detect.alarmFigures)) figures.set(name, value)
      figures.set('ingest_resident_bytes', process.memoryUsage.rss())
      await roleMetrics.publish('ingest', now(), {
        ...archive.figures(),
        ...courier.figures(),
        ...figures.read(),
      })
    } catch (error) {
      log.warn({ error: String(error) }, 'the figures could not be published')
    }
    await sleep(PUBLISH_MS, undefined, { signal }).catch(() => undefined)
  }
}
