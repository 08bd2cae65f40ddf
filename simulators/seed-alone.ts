import { CITY_RULE, STAGES } from '../contract/alone.ts'
import type { Resident } from '../contract/residents.ts'
import type { AloneWatches, WatchToPut } from '../store/state/alone-port.ts'
import type { City, CityDevice } from './worlds/city.ts'
import { household } from './worlds/household.ts'

const DAY_MS = 86_400_000
/** What meters have collected before they first connect is judged too. ms */
const JUDGED_BACK_MS = 30 * DAY_MS
/** No household has so many. */
const MORE_THAN_PERSONS = 100
/** Gone to a daughter since yesterday, for a week. */
const AWAY = 2
const AWAY_DAYS = 7
const BY = 'demo'
/** Names of nobody; numbers of an exchange that gives out none. */
const FAMILY = ['王建国', '李敏', '张磊', '刘芳', '陈静', '杨帆'] as const
const NEIGHBOURS = ['网格员 孙姐', '邻居 周叔', '村干部 吴主任'] as const

/** What of the demo decides who is watched by which meter. */
export interface WatchedCity extends Pick<City, 'places' | 'meters'> {
  /** Meters that have collected weeks before they first connect: there is something to see. */
  readonly collected: ReadonlySet<string>
  /** Meters to which something else happens. */
  readonly struck: ReadonlySet<string>
}

/**
 * The old people of the demo's dwellings, each watched by a household meter of their village: behind it one person lives,
 * where there is such a one, and it has collected weeks.
 */
export function demoWatches(
  { places, meters, collected, struck }: WatchedCity,
  people: readonly Resident[],
): readonly WatchToPut[] {
  const taken = new Set<string>()
  const parents = new Map(places.map(({ id, parentId }) => [id, parentId]))
  const lies = (placeId: string | null, within: string): boolean => {
    for (let at: string | null | undefined = placeId; at != null; at = parents.get(at)) if (at === within) return true
    return false
  }
  const rank = ({ id, seed }: CityDevice): number =>
    household(seed).persons - (collected.has(id) ? MORE_THAN_PERSONS : 0) + (struck.has(id) ? MORE_THAN_PERSONS : 0)
  const best = meters
    .map((meter) => ({ meter, rank: rank(meter) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ meter }) => meter)
  return places
    .filter(({ kind }) => kind === 'dwelling')
    .flatMap(({ id: placeId, parentId }, i): WatchToPut[] => {
      const near = best.filter(({ id }) => !taken.has(id))
      const meter = near.find((one) => parentId !== null && lies(one.placeId, parentId)) ?? near[0]
      if (meter === undefined) return []
      taken.add(meter.id)
      const resident = people.find((one) => one.placeId === placeId)
      const family = { stage: 'family', kind: 'family', name: FAMILY[i % FAMILY.length]! } as const
      const nearby = { stage: 'nearby', name: NEIGHBOURS[i % NEIGHBOURS.length]! } as const
      const contacts = [
        { ...family, phone: resident?.relativePhone ?? '', minutes: STAGES.family.minutes },
        { ...nearby, phone: `0635-0009${String(i).padStart(3, '0')}`, minutes: STAGES.nearby.minutes },
      ]
      return [{ deviceId: meter.id, placeId, residentId: resident?.id ?? null, rule: CITY_RULE, contacts }]
    })
}

/** Whom nothing was heard of since yesterday: the first whose meter has collected weeks, and who is not away. */
export const stillOf = (watches: readonly WatchToPut[], { collected }: Pick<WatchedCity, 'collected'>): WatchToPut =>
  watches.find(({ deviceId }, i) => i !== AWAY && collected.has(deviceId))!

/** Enters them, one of them away. Everything once: what a person changed stays. */
export async function seedAlone(alone: AloneWatches, watches: readonly WatchToPut[], now: number): Promise<void> {
  if ((await alone.all()).length > 0) return
  await alone.put(watches, BY, now - JUDGED_BACK_MS)
  const gone = watches[AWAY]
  if (gone === undefined) return
  const away = { from: now - DAY_MS, until: now + (AWAY_DAYS - 1) * DAY_MS, by: BY, note: '去女儿家' }
  await alone.note(
    gone.deviceId,
    { at: away.from, type: 'away', by: BY, from: away.from, until: away.until, note: away.note },
    { away },
  )
}
