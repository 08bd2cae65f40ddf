import { midnightOf } from '../../contract/city-time.ts'
import { NIGHT } from '../../contract/zones.ts'
import type { Desk } from '../desk.ts'
import { hoursOfRegister } from './register-hours.ts'

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
/** Readings on either side that the first and the last hour are interpolated from. */
const MARGIN_MS = 3 * HOUR_MS
/** Readings of a day and a half, at most one a minute. */
const MOST_READINGS = 2500
/** Meters that are read before anything else has its turn: a few ms. */
const AT_ONCE = 20

export interface UsedAtHome {
  /** The last whole day; null where not all of it is known. */
  readonly litresDay: number | null
  /** Least hour of the newest night, l/h. */
  readonly nightLph: number | null
}

/** What ran through meters on the last whole day and in the night after it, from the history. */
export async function usedAtHome(desk: Desk, ids: readonly string[]): Promise<ReadonlyMap<string, UsedAtHome>> {
  const today = midnightOf(desk.waters.accounts.newestDay)
  const from = today - DAY_HOURS
  const to = today + NIGHT.to
  const used = new Map<string, UsedAtHome>()
  for (const [i, id] of ids.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve))
    const { at, fields } = await desk.stores.history.range(
      id,
      from * HOUR_MS - MARGIN_MS,
      to * HOUR_MS + MARGIN_MS,
      MOST_READINGS,
    )
    const hours = hoursOfRegister(at, (fields.get('volume') ?? []) as (number | null)[], from, to)
    const day = hours.slice(0, DAY_HOURS).map(({ litres }) => litres)
    const night = hours
      .slice(DAY_HOURS + NIGHT.from)
      .flatMap(({ litres, measured }) => (litres !== null && measured ? [litres] : []))
    used.set(id, {
      litresDay: day.includes(null) ? null : day.reduce<number>((sum, litres) => sum + (litres ?? 0), 0),
      nightLph: night.length === 0 ? null : Math.min(...night),
    })
  }
  return used
}
