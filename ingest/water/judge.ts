import { CITY_OFFSET_MS, midnightOf } from '../../contract/city-time.ts'
import { balanceOfHours } from '../../contract/zone-balance.ts'
import { type Balance, NIGHT, type ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'
import { bandOf, judgeNight, type NightLossState, newNightLoss, nightOf } from '../zones/night-loss.ts'
import { HOUR_MS } from '../zones/tape.ts'
import { KEPT_NIGHTS, type SeenNight, type ToldLoss, tellLoss, type ZoneFinding } from './loss-telling.ts'

const DAY_H = 24
const LITRES_PER_M3 = 1000
const CITY_OFFSET_H = CITY_OFFSET_MS / HOUR_MS
/** A night that is not valid when the bulk meter's data are so far ahead of it is passed over: by data, not by any clock. */
const PATIENCE_H = 3 * DAY_H
/** Days that no bulk meter measured are passed over at once: one with a clock of 2010 had 6,000 nights judged, while a fire waits. */
const LONGEST_GAP_DAYS = 31

/**
 * A history so short is judged anew from its beginning where hours are filled in that lie before what is remembered: a zone that
 * is set up gets its past in any order of its meters. 100 days take 3–8 ms (measured), which a fire may wait.
 */
const SHORT_HISTORY_DAYS = 100

/** What is remembered of a zone. Plain JSON. */
export interface ZoneMemory {
  /** The first night. */
  readonly began: number
  /** What was known before each of the last nights; the last of them is the next to be judged. */
  readonly before: readonly { readonly day: number; readonly state: NightLossState }[]
  /** The loss that people know of; null: none. Absent: what is open. */
  readonly told?: ToldLoss | null
}

/** What a zone's accounts hold. Hours are counted from 1970 UTC. */
export interface ZoneAccount {
  /** First and newest hour that a bulk meter measured. */
  readonly firstBulkHour: number | undefined
  readonly newestBulkHour: number | undefined
  /** The first such hour from this one on. */
  readonly nextBulkHour: (from: number) => number | undefined
  /** Both sorts of meters, without which nothing is to be compared. */
  readonly hasBoth: (fromHour: number, toHour: number) => boolean
  readonly balance: (fromHour: number, toHour: number) => Balance
}

export interface Judgement {
  readonly memory: ZoneMemory
  /** All nights from the first that was looked at again, ascending. */
  readonly nights: readonly Omit<ZoneNight, 'judgedAt'>[]
  readonly findings: readonly ZoneFinding[]
}

/** The first night that an hour belongs to: itself or the day before it. */
const firstNightOf = (hour: number): number => Math.floor((hour + CITY_OFFSET_H - NIGHT.to) / DAY_H) + 1

/** From here on hours may still change what is judged. */
export const firstHourOf = ({ before }: ZoneMemory): number => midnightOf(before[0]!.day) + NIGHT.to - DAY_H

/** Whether all hours of a zone are asked for. @param changedFrom the earliest that has changed; 0: not known, as at a start */
export function isJudgedAnew({ began, before }: ZoneMemory, changedFrom: number): boolean {
  const first = before[0]!.day
  const isShort = before.at(-1)!.day - began <= SHORT_HISTORY_DAYS
  return changedFrom > 0 && isShort && first > began && firstNightOf(changedFrom) < first
}

/**
 * Judges the nights of one zone that can be, in order, and anew those whose hours have changed since: what is found does
 * not depend on when the readings came. Pure. Undefined: there is nothing to judge.
 * @param changedFrom the earliest hour that has changed
 */
export function judgeZone(
  remembered: ZoneMemory | undefined,
  account: ZoneAccount,
  changedFrom: number,
): Judgement | undefined {
  const memory = beginning(remembered, account, changedFrom)
  if (memory === undefined) return undefined
  const told = toldOf(remembered)
  /** Up to here it has been judged before. */
  const next = (remembered ?? memory).before.at(-1)!.day
  const newest = account.newestBulkHour ?? Number.NEGATIVE_INFINITY
  const changed = Math.min(next, firstNightOf(changedFrom))
  // What became of a loss that is told, and that judging does not know of any more, is in the nights since it began.
  const isUnknown = told !== undefined && (remembered ?? memory).before.at(-1)!.state.open === undefined
  const from = Math.min(
    memory.before.at(-1)!.day,
    Math.max(memory.before[0]!.day, isUnknown ? Math.min(told.since, changed) : changed),
  )
  const before = memory.before.filter(({ day }) => day <= from)
  let { state } = before.at(-1)!
  let past: NightLossState | undefined
  const nights: Omit<ZoneNight, 'judgedAt'>[] = []
  const seen: SeenNight[] = []
  const found: ZoneFinding[] = []
  for (let day = from; ; day++) {
    if (day === next) past = state
    const midnight = midnightOf(day)
    const hasBoth = account.hasBoth(midnight + NIGHT.from, midnight + NIGHT.to)
    const { balance, night } = nightOf(day, midnight, account.balance)
    const isValid = hasBoth && balance.valid
    if (!isValid && newest < midnight + NIGHT.to + PATIENCE_H) {
      for (let unsaid = day; unsaid < next; unsaid++)
        nights.push(nightRow(nightOf(unsaid, midnightOf(unsaid), account.balance), state, 'not-judged'))
      break
    }
    const after = structuredClone(state)
    const finding = isValid ? judgeNight(after, night) : undefined
    if (finding !== undefined) found.push(findingOf(finding.type, finding, { balance, night }))
    const expected = bandOf(state)?.expectedM3h
    seen.push({
      day,
      isJudged: isValid,
      beyondM3h: expected === undefined ? null : night.lossM3h - expected,
      unheardM3h: unheardOf(balance),
    })
    nights.push(nightRow({ balance, night }, state, isValid ? verdictOf(after) : 'not-judged'))
    state = after
    const nextBulk = isValid ? undefined : account.nextBulkHour(midnight + NIGHT.from - DAY_H)
    const resumes = nextBulk === undefined ? day : firstNightOf(nextBulk) - PATIENCE_H / DAY_H - 1
    if (resumes - day > LONGEST_GAP_DAYS) day = resumes
    before.push({ day: day + 1, state })
  }
  const telling = tellLoss(told, {
    next,
    past: past === undefined ? null : { open: past.open },
    now: state.open,
    nights: seen,
    found,
    wasOpen: (since) => remembered?.before.some((one) => one.state.open?.since === since) === true,
    finding: (type, loss, day) => findingOf(type, loss, nightOf(day, midnightOf(day), account.balance)),
  })
  return {
    memory: { began: memory.began, before: before.slice(-KEPT_NIGHTS), told: telling.told ?? null },
    nights,
    findings: telling.findings,
  }
}

/** Of a zone that was remembered before this was kept: what was open was told. */
export function toldOf(remembered: ZoneMemory | undefined): ToldLoss | undefined {
  if (remembered === undefined || remembered.told !== undefined) return remembered?.told ?? undefined
  const { day, state } = remembered.before.at(-1)!
  return state.open && { since: state.open.since, m3h: state.open.m3h, nights: [day - 1] }
}

/** Likely use of the household meters that were not heard of, m³/h. */
const unheardOf = ({ householdL, reported }: Balance): number =>
  reported <= 0
    ? Number.POSITIVE_INFINITY
    : (Math.max(0, householdL) * Math.max(0, 1 / reported - 1)) / (NIGHT.to - NIGHT.from) / LITRES_PER_M3

/** A zone begins with the first night whose day is known; anew where earlier data came and all of its hours are at hand. */
function beginning(
  memory: ZoneMemory | undefined,
  { firstBulkHour }: ZoneAccount,
  changedFrom: number,
): ZoneMemory | undefined {
  if (firstBulkHour === undefined) return memory
  const began = firstNightOf(firstBulkHour - 1) + 1
  if (memory !== undefined && !isJudgedAnew(memory, changedFrom))
    if (began >= memory.began || memory.before[0]!.day > memory.began) return memory
  return { began, before: [{ day: began, state: newNightLoss() }] }
}

const verdictOf = (state: NightLossState): ZoneNight['verdict'] =>
  bandOf(state) === undefined ? 'learning' : state.open === undefined ? 'quiet' : 'loss'

function nightRow(
  { balance, night }: ReturnType<typeof nightOf>,
  state: NightLossState,
  verdict: ZoneNight['verdict'],
): Omit<ZoneNight, 'judgedAt'> {
  const band = bandOf(state)
  return {
    day: night.day,
    lossM3h: night.lossM3h,
    nightM3h: balance.inflowL / (NIGHT.to - NIGHT.from) / LITRES_PER_M3,
    inflowM3h: night.inflowM3h,
    expectedM3h: band?.expectedM3h ?? null,
    lowM3h: band?.lowM3h ?? null,
    highM3h: band?.highM3h ?? null,
    reported: balance.reported,
    bulkReported: balance.bulkReported,
    verdict,
  }
}

const findingOf = (
  type: ZoneFinding['type'],
  { since, m3h }: { readonly since: number; readonly m3h: number },
  { balance: { reported, meters }, night: { day, inflowM3h } }: ReturnType<typeof nightOf>,
): ZoneFinding => {
  // Of the day's own inflow: the loss is part of it, and of a slow mean it could be more than all.
  const share = inflowM3h <= 0 ? 0 : Math.min(1, m3h / inflowM3h)
  return { type, day, since, m3h, share, reported, meters: Math.round(meters) }
}

/** The accounts of one zone as they are stored: its hours, ascending, and every change of its meters' number. */
export function accountOf(hours: readonly ZoneHour[], counts: readonly MeterCountChange[]): ZoneAccount {
  const byHour = new Map(hours.map((sums) => [sums.hour, sums]))
  const bulk = hours.filter(({ bulkMeasuredMs }) => bulkMeasuredMs > 0)
  const meterHours = (from: number, to: number): { household: number; bulk: number } => {
    const sum = { household: 0, bulk: 0 }
    for (const { part, hour, change } of counts)
      if (hour < to) sum[part === 'household' ? 'household' : 'bulk'] += change * (to - Math.max(hour, from))
    return sum
  }
  return {
    firstBulkHour: bulk[0]?.hour,
    newestBulkHour: bulk.at(-1)?.hour,
    nextBulkHour: (from) => bulk.find(({ hour }) => hour >= from)?.hour,
    hasBoth: (from, to) => {
      const there = meterHours(from, to)
      return there.household > 0 && there.bulk > 0
    },
    balance: (from, to) => {
      const sums: ZoneHour[] = []
      for (let hour = from; hour < to; hour++) {
        const known = byHour.get(hour)
        if (known !== undefined) sums.push(known)
      }
      return balanceOfHours(sums, meterHours(from, to), to - from)
    },
  }
}
