import { CITY_OFFSET_MS, cityDayOf, midnightOf } from '../../contract/city-time.ts'
import { BULK_SHARE } from '../../contract/zone-balance.ts'
import { NIGHT, type ZoneNight } from '../../contract/zones.ts'
import type { Finding } from '../detectors/detector.ts'
import { restate } from '../restate.ts'
import {
  expectedInflow,
  INFLOW_LIMITS,
  type InflowState,
  newInflow,
  nightWidth,
  watchInflow,
} from '../zones/inflow-watch.ts'
import { HOUR_MS } from '../zones/tape.ts'
import type { ZoneAccount } from './judge.ts'
import { inflowFinding } from './zone-loss.ts'

const DAY_H = 24
const LITRES_PER_M3 = 1000
const CITY_OFFSET_H = CITY_OFFSET_MS / HOUR_MS
/** Days that may be judged anew: what a tape corrects. */
const KEPT_DAYS = 12
/** Hours of a night that must be known: all but one. */
const LEAST_NIGHT_HOURS = NIGHT.to - NIGHT.from - 1
/** Days without a reading that are looked at one by one; behind more of them nothing is remembered anyway. */
const LONGEST_GAP_DAYS = 31

/** What is remembered of a zone of which only the inflow is measured. Plain JSON. */
export interface InflowMemory {
  /** The first hour that was measured, counted from 1970 UTC, like all here. */
  readonly began: number
  /** The first hour that may still be judged anew: a midnight of the city, and what was known before it. */
  readonly next: number
  readonly state: InflowState
  /** What has been said: of what was open then, and all since. */
  readonly said: readonly Finding[]
}

export interface InflowJudgement {
  readonly memory: InflowMemory
  /** From the first that was looked at again, ascending. */
  readonly nights: readonly Omit<ZoneNight, 'judgedAt'>[]
  /** What has to be said so that who heard what was said before knows what is so now. */
  readonly findings: readonly Finding[]
}

/** From here on hours are looked at: the day before counts for the mean inflow. */
export const firstHourOfInflow = ({ next }: InflowMemory): number => next - DAY_H

/**
 * Judges every hour of a zone's inflow that may have changed, in order: what was found does not depend on when the readings
 * came. An hour that is not measured (yet) is passed over and not waited for: a burst main need not wait for a lost upload
 * of the day before. Pure. Undefined: there is nothing to judge.
 */
export function judgeInflow(remembered: InflowMemory | undefined, account: ZoneAccount): InflowJudgement | undefined {
  const { newestBulkHour: newest } = account
  const memory = beginning(remembered, account)
  if (memory === undefined || newest === undefined) return undefined
  const keptFrom = midnightOf(cityDayOf(newest * HOUR_MS) - KEPT_DAYS)
  const state = structuredClone(memory.state)
  const now = memory.said.filter(({ at }) => at <= memory.next * HOUR_MS)
  let kept: InflowMemory = { ...memory, said: [...now] }
  const nights: Omit<ZoneNight, 'judgedAt'>[] = []
  for (let midnight = memory.next; midnight <= newest; midnight += DAY_H) {
    // A copy takes as long as a day's judging: of a year at once only those are made that may be kept (a fire waits meanwhile).
    if (midnight <= keptFrom && (midnight + DAY_H > keptFrom || !isHourMeasured(account, midnight + DAY_H - 1)))
      kept = { began: memory.began, next: midnight, state: structuredClone(state), said: openOf(state, now) }
    const first = now.length
    const night = judgeDay(state, midnight, newest, account, now)
    kept = { ...kept, said: [...kept.said, ...now.slice(first)] }
    if (night !== undefined) nights.push(night)
    if (state.past.at(-1) !== null) continue
    const resumes = midnightOf(cityDayOf((account.nextBulkHour(midnight + DAY_H) ?? newest) * HOUR_MS))
    if (resumes - midnight <= LONGEST_GAP_DAYS * DAY_H) continue
    midnight = resumes - DAY_H
    // A clock of 2010 leaves nothing behind, whether its hours were heard of first or never.
    if (state.open === undefined) Object.assign(state, newInflow(INFLOW_LIMITS.windows.length))
  }
  const findings = restate(memory.said, now, (newest + 1) * HOUR_MS)
  return { memory: kept, nights, findings: remembered === undefined ? findings.filter(isOfLate(keptFrom)) : findings }
}

/** A zone that is looked at for the first time may have years behind it: what came and went in them calls nobody now. */
const isOfLate =
  (fromHour: number) =>
  ({ missed, at }: Finding): boolean =>
    missed !== true || at >= fromHour * HOUR_MS

/** Whether days of the beginning can no longer be judged anew. */
export const isForgotten = (memory: InflowMemory | undefined): boolean =>
  memory !== undefined && memory.next > midnightOf(cityDayOf(memory.began * HOUR_MS))

/** What is open, as it was said last. */
export const openInflow = ({ said }: InflowMemory): Finding | undefined =>
  said.at(-1)?.active === true ? said.at(-1) : undefined

/** Of what was said: what is open now was said last. */
const openOf = (state: InflowState, said: readonly Finding[]): readonly Finding[] =>
  state.open === undefined ? [] : said.slice(-1)

const isHourMeasured = ({ balance }: ZoneAccount, hour: number): boolean =>
  balance(hour, hour + 1).bulkReported >= BULK_SHARE

/** One day, hour after hour. @returns its night, where it is over */
function judgeDay(
  state: InflowState,
  midnight: number,
  newest: number,
  account: ZoneAccount,
  said: Finding[],
): Omit<ZoneNight, 'judgedAt'> | undefined {
  const night: NightHour[] = []
  let width = 0
  let row: Omit<ZoneNight, 'judgedAt'> | undefined
  for (let hour = midnight; hour < midnight + DAY_H && hour <= newest; hour++) {
    const local = hour + CITY_OFFSET_H
    const { inflowL } = account.balance(hour, hour + 1)
    const m3h = isHourMeasured(account, hour) ? inflowL / LITRES_PER_M3 : null
    const ofDay = hour - midnight
    if (ofDay === NIGHT.from) width = nightWidth(state, NIGHT.to - NIGHT.from)
    if (ofDay >= NIGHT.from && ofDay < NIGHT.to) night.push({ m3h, expected: expectedInflow(state) })
    const openSince = state.open?.since
    const found = watchInflow(state, local, m3h, INFLOW_LIMITS)
    if (found !== undefined) {
      const since = (openSince ?? found.since) - CITY_OFFSET_H
      const { inflowL: dayL } = account.balance(hour + 1 - DAY_H, hour + 1)
      // Where more is metered out of a zone than into it, what runs in besides is no smaller for that.
      const share = dayL === 0 ? 1 : Math.min(1, Math.abs((found.m3h * DAY_H * LITRES_PER_M3) / dayL))
      said.push(inflowFinding({ type: found.type, at: hour + 1, since, m3h: found.m3h, share }))
    }
    if (ofDay === NIGHT.to - 1) row = nightRow(midnight, { hours: night, width }, state, account)
  }
  return row
}

interface NightHour {
  readonly m3h: number | null
  readonly expected: ReturnType<typeof expectedInflow>
}

function nightRow(
  midnight: number,
  { hours, width }: { readonly hours: readonly NightHour[]; readonly width: number },
  state: InflowState,
  { balance }: ZoneAccount,
): Omit<ZoneNight, 'judgedAt'> {
  const to = midnight + NIGHT.to
  const { reported, bulkReported } = balance(midnight + NIGHT.from, to)
  const measured = hours.flatMap(({ m3h }) => (m3h === null ? [] : [m3h]))
  const isMeasured = measured.length >= LEAST_NIGHT_HOURS
  const dayM3h = balance(to - DAY_H, to).inflowL / DAY_H / LITRES_PER_M3
  // Of the hours that are measured only, or a missing one would look like less.
  const usual = hours.flatMap(({ m3h, expected }) => (m3h === null || expected === undefined ? [] : [expected]))
  const expectedM3h = usual.length < LEAST_NIGHT_HOURS ? null : meanOf(usual)
  return {
    day: cityDayOf(midnight * HOUR_MS),
    lossM3h: null,
    // Behind a tank the hour in which its pump runs says nothing.
    nightM3h: !isMeasured ? null : state.days === undefined ? meanOf(measured) : dayM3h,
    inflowM3h: dayM3h,
    expectedM3h,
    // Water does not run out of it: a band below 0 would say nothing.
    lowM3h: expectedM3h === null ? null : Math.max(Math.min(0, expectedM3h), expectedM3h - width),
    highM3h: expectedM3h === null ? null : expectedM3h + width,
    reported,
    bulkReported,
    verdict: !isMeasured
      ? 'not-judged'
      : expectedM3h === null
        ? 'learning'
        : state.open === undefined
          ? 'quiet'
          : 'loss',
  }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** A zone begins with its first measured hour; anew where earlier data came before any day was forgotten. */
function beginning(memory: InflowMemory | undefined, { firstBulkHour }: ZoneAccount): InflowMemory | undefined {
  if (firstBulkHour === undefined) return memory
  const next = midnightOf(cityDayOf(firstBulkHour * HOUR_MS))
  if (memory !== undefined) {
    if (isForgotten(memory) || firstBulkHour >= memory.began) return memory
  }
  return { began: firstBulkHour, next, state: newInflow(INFLOW_LIMITS.windows.length), said: memory?.said ?? [] }
}
