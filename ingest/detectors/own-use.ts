import type { OwnUse, UseDay } from '../../contract/alone.ts'
import { litresOfDay } from '../../contract/alone.ts'
import { CITY_OFFSET_MS, cityDayOf } from '../../contract/city-time.ts'
import { meterModel } from './meter-model.ts'

/**
 * What the water of somebody who lives alone looks like: registers of the last two days hour by hour, and four weeks of
 * days. A register says how much ran between two readings, however far apart they are; what it says nothing about is the
 * time behind the last one. So nothing here is ever concluded from a gap.
 */

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
const HOURS = 24
/** ms. The longest time a rule may look back (48 h), and the hour before it. */
const POINTS_MS = 49 * HOUR_MS
/** Four of each weekday. */
const DAYS_KEPT = 28
/** l. A register that falls by more was exchanged; less is water that ran back. */
const RAN_BACK = 10
/** l. The step of a coarse dial, and of any other. */
export const COARSE_STEP = 10
const FINE_STEP = 1
/** l. What a dial moves by. */
export const stepOf = ({ fine }: Pick<UseDraft, 'fine'>): number => (fine ? FINE_STEP : COARSE_STEP)

/** The day as it is being filled. */
interface Day {
  readonly day: number
  hours: (number | null)[] | undefined
  gap: number | undefined
  still: number | undefined
  away: true | undefined
}

/** What the loop over a message's readings changes in place. `lastAt` 0: nothing seen yet. */
export interface UseDraft {
  lastAt: number
  lastLitres: number
  stillSince: number
  stillLitres: number
  points: number[]
  days: Day[]
  fine: boolean
  backAt: number | undefined
}

export function draftOf(memory: OwnUse | undefined): UseDraft {
  return {
    lastAt: memory?.last[0] ?? 0,
    lastLitres: memory?.last[1] ?? 0,
    stillSince: memory?.still[0] ?? 0,
    stillLitres: memory?.still[1] ?? 0,
    points: memory === undefined ? [] : [...memory.points],
    days: (memory?.days ?? []).map(({ day, hours, gap, still, away }) => ({
      day,
      hours: hours === undefined ? undefined : [...hours],
      gap,
      still,
      away,
    })),
    fine: memory?.fine === true,
    backAt: memory?.backAt,
  }
}

export function keepUse(draft: UseDraft): OwnUse | undefined {
  if (draft.lastAt === 0) return undefined
  return {
    last: [draft.lastAt, draft.lastLitres],
    still: [draft.stillSince, draft.stillLitres],
    points: draft.points,
    days: draft.days,
    ...(draft.fine ? { fine: true as const } : {}),
    ...(draft.backAt === undefined ? {} : { backAt: draft.backAt }),
  }
}

/** One reading of the register. @param limit l, below which nothing to speak of ran */
export function takeUse(draft: UseDraft, at: number, litres: number, model: string | null, limit: number): void {
  const gained = litres - draft.lastLitres
  const hours = (at - draft.lastAt) / HOUR_MS
  if (litres % COARSE_STEP !== 0) draft.fine = true
  // Another meter, or a register that slipped: what ran meanwhile is not known.
  const possible = meterModel(model).q4 * hours + COARSE_STEP
  if (draft.lastAt > 0 && (gained < -RAN_BACK || gained > possible)) draft.points.length = 0
  draft.lastAt = at
  draft.lastLitres = litres
  const { points } = draft
  const newest = points.length - 2
  if (newest < 0 || hourOf(at) > hourOf(points[newest]!)) {
    if (newest >= 0) addHours(draft, points[newest]!, at, Math.max(0, litres - points[newest + 1]!))
    points.push(at, litres)
  }
  // The first register after which less than `limit` has run.
  let first = points.length - 2
  while (first >= 2 && litres - points[first - 1]! < limit) first -= 2
  const ran = litres - points[first + 1]!
  draft.stillSince = ran < limit ? points[first]! : at
  draft.stillLitres = ran < limit ? Math.max(0, ran) : 0
  prune(points, at - POINTS_MS, first)
}

/** What is older than the rules look back goes, except where the standstill of now began. */
function prune(points: number[], oldest: number, stillFrom: number): void {
  let from = 0
  while (from < points.length - 2 && points[from]! < oldest) from += 2
  if (from === 0) return
  if (stillFrom === 0) points.splice(2, from - 2)
  else points.splice(0, Math.min(from, stillFrom))
}

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS)
const hourOfDay = (hour: number): number => (hour + CITY_OFFSET_MS / HOUR_MS) % HOURS
const dayOfHour = (hour: number): number => cityDayOf(hour * HOUR_MS)

function addHours(draft: UseDraft, from: number, to: number, litres: number): void {
  const [first, last] = [hourOf(from), hourOf(to)]
  const hours = last - first
  // Hours in which nothing ran are measured by the two registers around them, however far apart those are.
  if (hours === 1 || litres === 0)
    for (let hour = Math.max(first, last - DAYS_KEPT * HOURS); hour < last; hour++) {
      const day = dayIn(draft, dayOfHour(hour))
      day.hours ??= Array.from({ length: HOURS }, () => null)
      day.hours[hourOfDay(hour)] = (day.hours[hourOfDay(hour)] ?? 0) + round(litres)
    }
  else
    for (let hour = Math.max(first, last - DAYS_KEPT * HOURS); hour < last; hour++) {
      const day = dayIn(draft, dayOfHour(hour))
      day.gap = round((day.gap ?? 0) + litres / hours)
    }
}

const round = (litres: number): number => Math.round(litres * 10) / 10

function dayIn({ days }: UseDraft, day: number): Day {
  const newest = days[days.length - 1]
  if (newest?.day === day) return newest
  const known = days.find((one) => one.day === day)
  if (known !== undefined) return known
  const fresh: Day = { day, hours: undefined, gap: undefined, still: undefined, away: undefined }
  days.push(fresh)
  if (days.length > DAYS_KEPT) days.shift()
  return fresh
}

/** What the day of this reading says about how they live. @param stillMs without use until now */
export function noteDay(draft: UseDraft, at: number, stillMs: number, away: boolean): void {
  const day = dayIn(draft, cityDayOf(at))
  day.still = Math.max(day.still ?? 0, round(stillMs / HOUR_MS))
  if (away) day.away = true
}

/** Most of a day has to be measured for its litres to say something. h */
const MEASURED_HOURS = 20

/** Litres of a day that is whole and was lived at home; undefined: it says nothing about how they live. */
export function lived(day: UseDay, today: number, limit: number): number | undefined {
  if (day.day >= today || day.away === true) return undefined
  const measured = day.hours?.filter((one) => one !== null).length ?? 0
  const litres = measured >= MEASURED_HOURS || (day.gap ?? 0) > 0 ? litresOfDay(day) : null
  return litres === null || litres < limit ? undefined : litres
}

/** First register not earlier than `from`: index into `points`, or −1. */
export function firstSince({ points }: UseDraft, from: number): number {
  for (let i = 0; i < points.length; i += 2) if (points[i]! >= from) return i
  return -1
}

/** Median of what they draw on a day; undefined while fewer than a week are known. */
export function usualLitres(days: readonly UseDay[], today: number, limit: number): number | undefined {
  const known = days.map((day) => lived(day, today, limit)).filter((one) => one !== undefined)
  known.sort((a, b) => a - b)
  return known.length < WEEK ? undefined : known[known.length >> 1]
}
const WEEK = 7
