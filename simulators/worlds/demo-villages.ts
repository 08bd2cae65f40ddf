import type { Place } from '../../contract/api.ts'
import type { Draw } from '../devices/device.ts'
import { fraction, mix } from '../random.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { City, CityDevice } from './city.ts'
import { DAY_MS, HOUR_MS } from './household.ts'

/**
 * Two whole counties of the demo city have a bulk meter at the inlet of each village: what it counts is what its households
 * draw, what weeps from joints, and what is lost. A plain sum of functions of time: no hydraulics, and nothing to wait for.
 */
export interface DemoVillage {
  readonly place: Place
  readonly households: readonly CityDevice[]
  readonly bulkMeter: CityDevice
  /** l/h, all the time. */
  readonly weeping: number
}

/** A loss of a village between its bulk meter and its households. */
export interface VillageLoss {
  readonly villageId: string
  /** ms since 1970 */
  readonly from: number
  /** Infinity: nobody has repaired it. */
  readonly to: number
  readonly litresPerHour: number
}

/** Counties in which every village is accounted, so that the county is, too. */
const COUNTY_CODES = ['371502', '371521']
/** Joints of a household's connection, l/h: a young plastic network, and an older one. */
const WEEPING = { least: 0.4, most: 1.8 }
const BULK_RHYTHM_S = 900
/** Far from any number that a household's seed is drawn from. */
const BULK_SEED = 70_000

/** The loss that opened some nights ago, and the one that was repaired last week. */
const OPEN = { villageId: 'village-371502-2', litresPerHour: 1200, daysAgo: 4.3 }
const REPAIRED = { villageId: 'village-371521-2', litresPerHour: 700, daysAgo: 18.4, repairedDaysAgo: 6.4 }
/** Behind household meters: position of the meter in its county, l/h, since when. Another one is the leak of the opening scenes. */
const SMALL_LEAKS = [
  { meterId: 'wm-371502-0017', litresPerHour: 9, daysAgo: 16 },
  // In the village that loses most, so that who looks there finds both sorts of loss.
  { meterId: 'wm-371502-0072', litresPerHour: 46, daysAgo: 6 },
  { meterId: 'wm-371521-0031', litresPerHour: 14, daysAgo: 9 },
  { meterId: 'wm-371521-0204', litresPerHour: 21, daysAgo: 5 },
]

export function demoVillages({ places, meters }: City, seed: number): readonly DemoVillage[] {
  const wells = new Map(places.filter(({ kind }) => kind === 'well').map(({ id, parentId }) => [id, parentId]))
  const byVillage = Map.groupBy(meters, ({ placeId }) => wells.get(placeId))
  return places
    .filter(({ id, kind }) => kind === 'village' && COUNTY_CODES.some((code) => id.startsWith(`village-${code}-`)))
    .map((place, v): DemoVillage => {
      const households = byVillage.get(place.id) ?? []
      const share = fraction(seed, BULK_SEED, v)
      return {
        place,
        households,
        weeping: households.length * (WEEPING.least + (WEEPING.most - WEEPING.least) * share),
        bulkMeter: {
          ...{ id: place.id.replace('village-', 'bm-'), kind: 'bulk-meter', name: `${place.name} 进村总表` },
          ...{ model: 'DN80 电磁 Q3=63', placeId: place.id, lon: place.lon!, lat: place.lat! },
          ...{ rhythmS: BULK_RHYTHM_S, seed: mix(seed, BULK_SEED, v) },
        },
      }
    })
}

/** @param firstStart of the demo: what has happened stays where it was when it is started again */
export const villageLosses = (firstStart: number): readonly VillageLoss[] => [
  {
    ...{ villageId: OPEN.villageId, litresPerHour: OPEN.litresPerHour },
    ...{ from: hoursBefore(firstStart, OPEN.daysAgo), to: Number.POSITIVE_INFINITY },
  },
  {
    ...{ villageId: REPAIRED.villageId, litresPerHour: REPAIRED.litresPerHour },
    from: hoursBefore(firstStart, REPAIRED.daysAgo),
    to: hoursBefore(firstStart, REPAIRED.repairedDaysAgo),
  },
]

/** The losses of villages, and the small leaks in some of their households. */
export function villageScenes(villages: readonly DemoVillage[], firstStart: number): Scenario {
  const losses = villageLosses(firstStart)
  const draws = SMALL_LEAKS.map(
    ({ meterId, litresPerHour, daysAgo }): Draw => ({
      ...{ deviceId: meterId, litresPerHour },
      ...{ from: hoursBefore(firstStart, daysAgo), to: Number.POSITIVE_INFINITY },
    }),
  )
  return {
    name: 'villages',
    influences: [],
    draws,
    truth: [
      ...losses.map(({ villageId, from, to, litresPerHour }) => ({
        ...{ scenario: 'villages', alarm: 'zoneLoss' as const, from, to: Number.isFinite(to) ? to : null },
        deviceId: villages.find(({ place }) => place.id === villageId)!.bulkMeter.id,
        what: `${litresPerHour} l/h between the village's inlet and its households`,
      })),
      ...draws.map(({ deviceId, from, litresPerHour }) => ({
        ...{ scenario: 'villages', deviceId, alarm: 'leak' as const, from, to: null },
        what: `${litresPerHour} l/h without a pause`,
      })),
    ],
  }
}

const hoursBefore = (at: number, days: number): number => Math.floor((at - days * DAY_MS) / HOUR_MS) * HOUR_MS
