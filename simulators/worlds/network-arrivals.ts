import { DAY_MS, HOUR_MS } from './household.ts'
import { hourOfDay } from './network-leaks.ts'
import type { WorldUpload } from './network-uploads.ts'
import type { NetworkWorld } from './network-world.ts'

/**
 * What the meters of a world send, in the order of its arrival, in one batch for each day: late uploads lie among those of
 * the day on which they come. The same uploads are judged offline and published live.
 */
export function* arrivalsOf(world: NetworkWorld): Generator<readonly WorldUpload[]> {
  let waiting: WorldUpload[] = []
  for (const { day, uploads } of world.days()) {
    waiting.push(...uploads)
    // The uploads of the next day come after its end.
    const until = hourOfDay(day + 1) * HOUR_MS + DAY_MS
    yield waiting.filter(({ arrivesAt }) => arrivesAt < until).sort(byArrival)
    waiting = waiting.filter(({ arrivesAt }) => arrivesAt >= until)
  }
  if (waiting.length > 0) yield waiting.sort(byArrival)
}

const byArrival = (a: WorldUpload, b: WorldUpload): number =>
  a.arrivesAt - b.arrivesAt || (a.deviceId < b.deviceId ? -1 : a.deviceId > b.deviceId ? 1 : 0)
