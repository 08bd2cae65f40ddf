import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

/** Between two attempts while a store refuses, ms: doubles from the first to the longest. */
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 10_000

/**
 * Calls `step` until `signal` aborts: again at once while it says there is more, every `idleMs` else. When it fails, it
 * is told to `failed` and tried again, more and more slowly, until it succeeds.
 */
export async function loop(
  step: () => Promise<boolean>,
  options: {
    readonly idleMs: number
    readonly longestRetryMs?: number
    readonly signal: AbortSignal
    readonly failed: (error: unknown, retryMs: number) => void
  },
): Promise<void> {
  let retryMs = FIRST_RETRY_MS
  while (!options.signal.aborted) {
    try {
      const more = await step()
      retryMs = FIRST_RETRY_MS
      // A turn of the event loop even when busy, so that signals and timers are heard.
      if (more) await turn()
      else await pause(options.idleMs, options.signal)
    } catch (error) {
      options.failed(error, retryMs)
      await pause(retryMs, options.signal)
      retryMs = Math.min(options.longestRetryMs ?? LONGEST_RETRY_MS, retryMs * 2)
    }
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined)
