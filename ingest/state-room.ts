import { setTimeout as sleep } from 'node:timers/promises'
import { diskSpace } from '../store/disk-guard.ts'
import type { Decisions } from '../store/state/decisions-port.ts'

/**
 * Room inside the state's file for what is decided while the disk is full: 16 MiB are some 10,000 alarms with their
 * events. An eighth of the guard line where that is less.
 */
const SPARE_BYTES = 16 * 1024 * 1024
const SPARE_SHARE_OF_LINE = 1 / 8
const LOOK_EVERY_MS = 60_000
/** Each step holds the state's write lock for some milliseconds; a fire goes in between. */
const BETWEEN_STEPS_MS = 20

/** Takes the room while there is enough on the disk, and takes it anew when it has been used. */
export async function keepStateRoom(parts: {
  readonly dataDir: string
  readonly guardMb: number | undefined
  readonly decisions: Pick<Decisions, 'tidy'>
  readonly log: { warn(facts: object, message: string): void }
  readonly signal: AbortSignal
}): Promise<void> {
  const { dataDir, guardMb, decisions, log, signal } = parts
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined)
  while (!signal.aborted) {
    try {
      const { free, line } = await diskSpace(dataDir, guardMb)
      const least = free < line ? 0 : Math.min(SPARE_BYTES, line * SPARE_SHARE_OF_LINE)
      while (!signal.aborted && (await decisions.tidy({ least, most: Number.POSITIVE_INFINITY })))
        await pause(BETWEEN_STEPS_MS)
    } catch (error) {
      log.warn({ error: String(error) }, 'room in the state for a full disk could not be taken; it is tried again')
    }
    await pause(LOOK_EVERY_MS)
  }
}
