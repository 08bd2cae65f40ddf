import { CITY_RULE, STAGES } from '../contract/alone.ts'
import type { Resident } from '../contract/residents.ts'
import type { AloneWatches, WatchToPut } from '../store/state/alone-port.ts'
import type { City } from './worlds/city.ts'

const DAY_MS = 86_400_000
/** What meters have collected before they first connect is judged too. ms */
const JUDGED_BACK_MS = 30 * DAY_MS
/** Gone to a daughter since yesterday, for a week. */
const AWAY = 2
const AWAY_DAYS = 7
const BY = 'demo'
/** Names of nobody; numbers of an exchange that gives out none. */
const FAMILY = ['王建国', '李敏', '张磊', '刘芳', '陈静', '杨帆'] as const
const NEIGHBOURS = ['网格员 孙姐', '邻居 周叔', '村干部 吴主任'] as const

/**
 * The old people of the demo's dwellings, each watched by a household meter of their village: those that have collected
 * most first, so that there is something to see. One of them is away. Everything once: what a person changed stays.
 *
 * @param collected how much of a meter's past is there when it first connects: more is better
 */
export async function seedAlone(
  alone: AloneWatches,
  city: Pick<City, 'places' | 'meters'>,
  people: readonly Resident[],
  collected: (meterId: string) => number,
  now: number,
): Promise<void> {
  if ((await alone.all()).length > 0) return
  const taken = new Set<string>()
  const parents = new Map(city.places.map(({ id, parentId }) => [id, parentId]))
  const lies = (placeId: string | null, within: string): boolean => {
    for (let at: string | null | undefined = placeId; at != null; at = parents.get(at)) if (at === within) return true
    return false
  }
  const byPast = city.meters.toSorted((a, b) => collected(b.id) - collected(a.id))
  const watches = city.places
    .filter(({ kind }) => kind === 'dwelling')
    .flatMap(({ id: placeId, parentId }, i): WatchToPut[] => {
      const near = byPast.filter(({ id }) => !taken.has(id))
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
