import type { Place } from '../../contract/api.ts'
import type { Draw } from '../devices/device.ts'
import { fraction, mix } from '../random.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { CityDevice } from './city.ts'
import { HOUR_MS, LITRES_BY_HOUR, LOCAL_OFFSET_MS } from './household.ts'

/**
 * A village whose old household meters have not been changed yet: only what runs into it is measured, by the hour. What its
 * people draw is a mean by hour and weekday with some scatter, a function of time alone.
 */
export interface UnmeteredVillage {
  readonly place: Place
  readonly bulkMeter: CityDevice
  /** What runs in but for `burst`: the register, m³, and the flow, m³/h. */
  volumeAt(at: number): number
  flowAt(at: number): number
  /** A main that has burst some hours ago. */
  readonly burst: Draw
}

const COUNTY = '371503'
const NAME = '西孟庄'
const AT = { lon: 116.214, lat: 36.601 }
const SEED = 75_000
const PERSONS = 900
/** Joints and old service pipes, l/h. */
const WEEPING = 420
/** On Saturday and Sunday more is at home and washes. Estimate. */
const WEEKEND = 1.12
/** So far the register may be ahead of the mean at a full hour, as a share of the hour's litres. */
const SCATTER = 0.025
const BURST = { litresPerHour: 750, hoursAgo: 9 }

const DAY_H = 24
const WEEK_DAYS = 7
const LITRES_PER_M3 = 1000
/** 1 January 1970 was a Thursday. */
const isWeekend = (day: number): boolean => [2, 3].includes(((day % WEEK_DAYS) + WEEK_DAYS) % WEEK_DAYS)

/** m³ of each hour of a week that begins on a Thursday, and of all hours before it. */
const WEEK: readonly number[] = Array.from({ length: WEEK_DAYS * DAY_H }, (_, hour) => {
  const more = isWeekend(Math.floor(hour / DAY_H)) ? WEEKEND : 1
  return (WEEPING + more * PERSONS * (LITRES_BY_HOUR[hour % DAY_H] ?? 0)) / LITRES_PER_M3
})
const BEFORE: readonly number[] = [0, ...WEEK].map((_, hour) => WEEK.slice(0, hour).reduce((sum, m3) => sum + m3, 0))

/** @param firstStart of the demo: the burst stays where it was when it is started again */
export function unmeteredVillage(seed: number, firstStart: number): UnmeteredVillage {
  const id = `village-${COUNTY}-6`
  const meterId = id.replace('village-', 'bm-')
  const meterSeed = mix(seed, SEED)
  /** The register at a full local hour. */
  const registerAt = (hour: number): number => {
    const week = Math.floor(hour / WEEK.length)
    const ofWeek = hour - week * WEEK.length
    return week * BEFORE.at(-1)! + BEFORE[ofWeek]! + SCATTER * fraction(meterSeed, hour) * WEEK[ofWeek]!
  }
  const hourOf = (at: number): number => Math.floor((at + LOCAL_OFFSET_MS) / HOUR_MS)
  const flowAt = (at: number): number => registerAt(hourOf(at) + 1) - registerAt(hourOf(at))
  const from = Math.floor(firstStart / HOUR_MS - BURST.hoursAgo) * HOUR_MS
  /** The first hour of 2026, when the meter was put in. */
  const installed = hourOf(Date.UTC(2026, 0, 1) - LOCAL_OFFSET_MS)
  return {
    place: { id, parentId: `county-${COUNTY}`, kind: 'village', name: NAME, ...AT, contact: null },
    bulkMeter: {
      ...{ id: meterId, kind: 'bulk-meter', name: `${NAME} 进村总表`, model: 'DN80 电磁 Q3=63', placeId: id, ...AT },
      ...{ rhythmS: 900, seed: meterSeed },
    },
    volumeAt: (at) =>
      registerAt(hourOf(at)) - registerAt(installed) + (flowAt(at) * ((at + LOCAL_OFFSET_MS) % HOUR_MS)) / HOUR_MS,
    flowAt,
    burst: { deviceId: meterId, litresPerHour: BURST.litresPerHour, from, to: Number.POSITIVE_INFINITY },
  }
}

export const unmeteredScene = ({ bulkMeter: { id }, burst }: UnmeteredVillage): Scenario => ({
  name: 'unmetered',
  influences: [],
  draws: [],
  truth: [
    {
      ...{ scenario: 'unmetered', deviceId: id, alarm: 'zoneLoss', from: burst.from, to: null },
      what: `${burst.litresPerHour} l/h out of a main of a village of which only the inflow is measured`,
    },
  ],
})
