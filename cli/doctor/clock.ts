import { existsSync } from 'node:fs'
import { stateFile } from '../../store/files.ts'
import { openViews } from '../../store/state/sqlite.ts'
import { bad, type Check, good, type Surroundings } from './check.ts'

/** Nothing runs this program before it was written. */
const WRITTEN_AT = Date.UTC(2025, 0, 1)
/** A clock that was set back by less is being kept in time (NTP steps, leap seconds). */
const SET_BACK_MS = 60_000

/** Silence, rhythms and late readings are judged by this machine's clock. */
export async function checkClock({ config, now }: Surroundings): Promise<Check> {
  const at = now()
  const shown = new Date(at).toISOString()
  const todo = "Set this machine's clock and keep it in time (timedatectl set-ntp true)."
  if (at < WRITTEN_AT) return bad('clock', `${shown} cannot be right`, todo)
  const newest = await newestArrival(config.dataDir)
  if (newest !== null && newest - at > SET_BACK_MS)
    return bad('clock', `${shown}, but a reading arrived at ${new Date(newest).toISOString()}: it was set back`, todo)
  return good('clock', shown)
}

async function newestArrival(dataDir: string): Promise<number | null> {
  if (!existsSync(stateFile(dataDir))) return null
  const views = openViews(stateFile(dataDir))
  try {
    return (await views.totals()).lastReadingAt
  } finally {
    await views.close()
  }
}
