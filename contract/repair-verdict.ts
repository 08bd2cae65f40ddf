import { z } from 'zod'
import { cityDayOf, midnightOf } from './city-time.ts'
import { done, eventOf, type OrderOutcome } from './order-actions.ts'
import { isOrderClosed, type WorkOrder } from './work-orders.ts'
import { NIGHT, type ZoneNight } from './zones.ts'

/** What the water says of a repair (ADR 35): the night flow of its zone, the standstill of its meter. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** So many judged nights are looked at after a repair; so many of them must confirm it. */
const NIGHTS_LOOKED_AT = 3
export const NIGHTS_TO_CONFIRM = 2
/** A night confirms where the loss has fallen by this share of what was to be ended: what else weeps may be another leak. */
const CONFIRMED_SHARE = 0.5
/** Judged nights that the loss before a repair is the median of: one flushed main is no loss. */
const NIGHTS_BEFORE = 3
/** A meter that still flows after so much measured time was not repaired (the makers' rule needs 24 h to see a leak). */
const METER_AFTER_MS = DAY_MS
/** One that comes and goes is over when it has stayed away for five days (`recurring-flow.ts`); what is told after these came back. */
const METER_RETURNED_MS = 7 * DAY_MS
/**
 * Where no alarm was ever cleared, that none is raised says it, after so much measured time: a small leak is told after three
 * days without a standstill, and a meter's clock may be a day ahead.
 */
const METER_SILENT_MS = 4 * DAY_MS
/**
 * Meters upload once a day, a backlog may take days: for so long a night that was restated may turn a verdict round. Later
 * ones stand: by then something else may have begun to leak.
 */
export const REVISED_FOR_MS = 7 * DAY_MS

/** ms since 1970. @param day days since 1970 in the city's time */
export const nightFrom = (day: number): number => (midnightOf(day) + NIGHT.from) * HOUR_MS
const nightTo = (day: number): number => (midnightOf(day) + NIGHT.to) * HOUR_MS

const VERDICTS = ['confirmed', 'refused', 'waiting'] as const
type Verdict = (typeof VERDICTS)[number]

export const checkSchema = z.object({
  verdict: z.enum(VERDICTS),
  beforeM3h: z.number().nullable(),
  afterM3h: z.number().nullable(),
  nights: z
    .array(z.object({ day: z.number().int(), m3h: z.number(), confirms: z.boolean() }))
    .describe(
      'judged nights after the repair and what they lost (of a zone of which only the inflow is measured: what ran beyond the usual); of a meter none',
    ),
  confirming: z.number().int(),
})
export type RepairCheck = z.infer<typeof checkSchema>

/** Nights that concern an order: quiet ones before the loss, as many of it as a page shows, and all since its repair. */
const NIGHTS_OF_QUIET = 21
const MOST_NIGHTS_BEFORE = 60
const NIGHTS_SHOWN_AFTER = 14

/** Days from … to (exclusive). */
export function nightsAround(
  order: Pick<WorkOrder, 'since' | 'claim' | 'state'>,
  now: number,
): { readonly from: number; readonly to: number } {
  const around = cityDayOf(order.claim?.repairedAt ?? now)
  const until = cityDayOf(now) + 1
  return {
    from: Math.max(cityDayOf(order.since) - NIGHTS_OF_QUIET, around - MOST_NIGHTS_BEFORE),
    to: isOrderClosed(order) ? Math.min(until, around + NIGHTS_SHOWN_AFTER) : until,
  }
}

/**
 * What a night says of a loss, m³/h: the loss, or of a zone of which only the inflow is measured what ran in beyond the usual
 * (night flows of two weekdays differ by more than most leaks). null: nothing.
 */
export const weighedM3h = ({ lossM3h, nightM3h, expectedM3h }: ZoneNight): number | null => {
  if (lossM3h !== null) return lossM3h
  return nightM3h === null || expectedM3h === null ? null : nightM3h - expectedM3h
}

/** A judged night, and what it says. */
interface Weighed {
  readonly night: ZoneNight
  readonly m3h: number
}

/**
 * Whether a zone loses less since its repair. The first judged nights that began after it count, in the order of their
 * days, whenever they were judged; nights not judged do not. Where household meters were put in meanwhile, nights of which
 * only the inflow was measured are followed by nights of which all loss is: such a one may confirm, and refuses nothing, for
 * what the zone loses at all times was not in the figure before. @param nights of the zone, ascending
 */
export function checkNights(
  order: Pick<WorkOrder, 'since' | 'm3h' | 'alarmId'>,
  repairedAt: number,
  nights: readonly ZoneNight[],
): RepairCheck {
  const judged = nights.flatMap((night): Weighed[] => {
    const m3h = weighedM3h(night)
    return m3h === null || night.verdict === 'not-judged' ? [] : [{ night, m3h }]
  })
  const looked = judged.filter(({ night: { day } }) => nightFrom(day) >= repairedAt).slice(0, NIGHTS_LOOKED_AT)
  const beforeM3h =
    lossBefore(order, repairedAt, judged) ?? expectedWith(order, looked.length > 0 ? looked : judged.slice(-1))
  const enough = beforeM3h === null ? null : beforeM3h - CONFIRMED_SHARE * order.m3h
  const after = looked.map(({ night, m3h }) => ({ day: night.day, m3h, confirms: enough !== null && m3h <= enough }))
  const confirming = after.filter(({ confirms }) => confirms)
  const isLike = judged.every(({ night: { lossM3h } }) => (lossM3h === null) === (judged[0]?.night.lossM3h === null))
  const said = confirming.length >= NIGHTS_TO_CONFIRM ? confirming : after
  const verdict =
    confirming.length >= NIGHTS_TO_CONFIRM
      ? 'confirmed'
      : enough !== null && isLike && after.length >= NIGHTS_LOOKED_AT
        ? 'refused'
        : 'waiting'
  return {
    verdict,
    beforeM3h,
    afterM3h: said.length === 0 ? null : mean(said.map(({ m3h }) => m3h)),
    nights: after,
    confirming: confirming.length,
  }
}

/**
 * The newest nights before the repair in which it was lost already. Opened by hand, nobody knows since when it runs: the
 * newest there are. What an alarm dates, and what was mended before the next night, is in none of them.
 */
function lossBefore(
  { since, alarmId }: Pick<WorkOrder, 'since' | 'alarmId'>,
  repairedAt: number,
  judged: readonly Weighed[],
): number | null {
  const before = judged.filter(({ night: { day } }) => nightTo(day) <= repairedAt)
  const losing = before.filter(({ night: { day } }) => nightTo(day) > since)
  const named = losing.filter(({ night }) => night.verdict === 'loss')
  const nights = [named, losing, alarmId === null ? before : []].find(({ length }) => length > 0)
  return nights === undefined ? null : median(nights.slice(-NIGHTS_BEFORE).map(({ m3h }) => m3h))
}

/** No night before the repair tells of the loss: what quiet nights lose, and the order's own figure. */
function expectedWith({ m3h }: Pick<WorkOrder, 'm3h'>, looked: readonly Weighed[]): number | null {
  const known = looked.find(({ night }) => night.expectedM3h !== null)?.night
  if (known === undefined || known.expectedM3h === null) return null
  return known.lossM3h === null ? m3h : known.expectedM3h + m3h
}

/** What is known of a meter's leak. Times are those of the measurement, ms since 1970. */
export interface MeterEvidence {
  /** A leak or burst that holds, and when it was last measured. */
  readonly activeAt: number | null
  /** All that holds is a leak that comes and goes: it is told while it stays away, too. */
  readonly comesAndGoes: boolean
  /** When the order's alarm was cleared: the meter stood still. */
  readonly clearedAt: number | null
  /** Newest reading. */
  readonly measuredUntil: number | null
}

/** Whether a meter stood still since its repair. */
export function checkMeter(order: Pick<WorkOrder, 'm3h'>, repairedAt: number, evidence: MeterEvidence): RepairCheck {
  const { activeAt, comesAndGoes, clearedAt, measuredUntil } = evidence
  const aDayLater = repairedAt + METER_AFTER_MS
  const silentUntil = clearedAt === null ? repairedAt + METER_SILENT_MS : aDayLater
  const verdict: Verdict =
    activeAt !== null
      ? activeAt >= (comesAndGoes ? repairedAt + METER_RETURNED_MS : aDayLater)
        ? 'refused'
        : 'waiting'
      : (clearedAt !== null && clearedAt >= repairedAt) || (measuredUntil !== null && measuredUntil > silentUntil)
        ? 'confirmed'
        : 'waiting'
  const afterM3h = verdict === 'waiting' ? null : verdict === 'confirmed' ? 0 : order.m3h
  return { verdict, beforeM3h: order.m3h, afterM3h, nights: [], confirming: 0 }
}

/** Whether what the water says may still change this order. */
function awaitsTheWater(order: WorkOrder, now: number): boolean {
  if (order.claim === null || order.state === 'cancelled') return false
  if (order.state === 'claimed') return true
  // A meter that stood still did: what flows later is another leak.
  if (order.state === 'confirmed' && order.subject === 'meter') return false
  return order.verdictAt !== null && now - order.verdictAt <= REVISED_FOR_MS
}

/**
 * What the water's verdict makes of an order; undefined: nothing. Only a contrary verdict turns an earlier one round: a
 * night that is not judged any more takes nothing back.
 */
export function settleOrder(before: WorkOrder, check: RepairCheck, at: number): OrderOutcome | undefined {
  if (!awaitsTheWater(before, at) || check.verdict === 'waiting') return undefined
  const said = before.state === 'claimed' ? null : before.state === 'confirmed' ? 'confirmed' : 'refused'
  if (said === check.verdict) return undefined
  const { beforeM3h, afterM3h } = check
  const figures = { beforeM3h, afterM3h, verdictAt: at }
  const isConfirmed = check.verdict === 'confirmed'
  const order: WorkOrder = isConfirmed
    ? { ...before, ...figures, state: 'confirmed', closedAt: at, refusals: before.refusals - (said === null ? 0 : 1) }
    : { ...before, ...figures, state: 'assigned', closedAt: null, refusals: before.refusals + 1 }
  const told = eventOf(isConfirmed ? 'confirmed' : 'refused', at, '', { beforeM3h, afterM3h })
  return done(order, ...(said === null ? [] : [eventOf('revised', at, '')]), told)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2
}
