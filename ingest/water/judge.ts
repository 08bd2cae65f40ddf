import { CITY_OFFSET_MS, midnightOf } from '../../contract/city-time.ts'
import { balanceOfHours } from '../../contract/zone-balance.ts'
import { type Balance, NIGHT, type ZoneNight } from '../../contract/zones.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'
import {
  bandOf,
  judgeNight,
  type NightFinding,
  type NightLossState,
  newNightLoss,
  nightOf,
} from '../zones/night-loss.ts'
import { HOUR_MS } from '../zones/tape.ts'

const DAY_H = 24
const LITRES_PER_M3 = 1000
const CITY_OFFSET_H = CITY_OFFSET_MS / HOUR_MS
/** A night that is not valid when the bulk meter's data are so far ahead of it is passed over: by data, not by any clock. */
const PATIENCE_H = 3 * DAY_H
/** Days that no bulk meter measured are passed over at once: one with a clock of 2010 had 6,000 nights judged, while a fire waits. */
const LONGEST_GAP_DAYS = 31
/** Nights that may be judged anew: what a tape corrects, and the day before each. */
const KEPT_NIGHTS = 12
/** What is told of a loss is told again where it differs from this digit on, m³/h. */
const TOLD_DIGIT = 100

/** What is remembered of a zone. Plain JSON. */
export interface ZoneMemory {
  /** The first night. */
  readonly began: number
  /** What was known before each of the last nights; the last of them is the next to be judged. */
  readonly before: readonly { readonly day: number; readonly state: NightLossState }[]
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

/** `gone`: late readings have shown that the loss never was. */
export interface ZoneFinding {
  readonly type: NightFinding['type'] | 'gone'
  /** The night that decided it. */
  readonly day: number
  readonly since: number
  /** Where it was told with another beginning before. */
  readonly toldSince?: number
  readonly m3h: number
  /** Of the zone's mean inflow in the 24 h that end with the night, 0…1. */
  readonly share: number
  readonly reported: number
  /** Household meters. */
  readonly meters: number
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
  const memory = beginning(remembered, account)
  if (memory === undefined) return undefined
  /** Up to here it has been judged before. */
  const told = (remembered ?? memory).before.at(-1)!.day
  const newest = account.newestBulkHour ?? Number.NEGATIVE_INFINITY
  const from = Math.max(memory.before[0]!.day, Math.min(memory.before.at(-1)!.day, firstNightOf(changedFrom)))
  const before = memory.before.filter(({ day }) => day <= from)
  let { state } = before.at(-1)!
  let stateThen: NightLossState | undefined
  const nights: Omit<ZoneNight, 'judgedAt'>[] = []
  const found: ZoneFinding[] = []
  for (let day = from; ; day++) {
    if (day === told) stateThen = state
    const midnight = midnightOf(day)
    const hasBoth = account.hasBoth(midnight + NIGHT.from, midnight + NIGHT.to)
    const { balance, night } = nightOf(day, midnight, account.balance)
    const isValid = hasBoth && balance.valid
    if (!isValid && newest < midnight + NIGHT.to + PATIENCE_H) {
      for (let unsaid = day; unsaid < told; unsaid++)
        nights.push(nightRow(nightOf(unsaid, midnightOf(unsaid), account.balance), state, 'not-judged'))
      break
    }
    const after = structuredClone(state)
    const finding = isValid ? judgeNight(after, night) : undefined
    if (finding !== undefined) found.push(findingOf(finding.type, finding, { balance, night }))
    nights.push(nightRow({ balance, night }, state, isValid ? verdictOf(after) : 'not-judged'))
    state = after
    const next = isValid ? undefined : account.nextBulkHour(midnight + NIGHT.from - DAY_H)
    const resumes = next === undefined ? day : firstNightOf(next) - PATIENCE_H / DAY_H - 1
    if (resumes - day > LONGEST_GAP_DAYS) day = resumes
    before.push({ day: day + 1, state })
  }
  const restated = remembered && restatedFinding(remembered, stateThen ?? state, found, account)
  const fresh = found.filter(({ day }) => remembered === undefined || day >= told)
  const findings = wasTold(restated, fresh, remembered)
    ? fresh.slice(1)
    : [...(restated === undefined ? [] : [restated]), ...fresh]
  // A loss may shrink, or grow a little, without a night of its own that says so.
  const said = findings.at(-1) ?? (remembered === undefined ? undefined : remembered.before.at(-1)!.state.open)
  const last = nights.at(-1)
  if (state.open !== undefined && last !== undefined && said !== undefined && !isSameSize(state.open.m3h, said.m3h))
    findings.push(findingOf('more', state.open, nightOf(last.day, midnightOf(last.day), account.balance)))
  return { memory: { began: memory.began, before: before.slice(-KEPT_NIGHTS) }, nights, findings }
}

/** Its end is now another night's than was told, and the loss was over before and is over: nobody is called for it again. */
const wasTold = (
  restated: ZoneFinding | undefined,
  fresh: readonly ZoneFinding[],
  remembered: ZoneMemory | undefined,
): boolean =>
  restated?.type === 'loss' &&
  fresh[0]?.type === 'over' &&
  remembered?.before.some(({ state }) => state.open?.since === restated.since) === true

/** A zone begins with the first night whose day is known; anew where earlier data came before any night was forgotten. */
function beginning(memory: ZoneMemory | undefined, { firstBulkHour }: ZoneAccount): ZoneMemory | undefined {
  if (firstBulkHour === undefined) return memory
  const began = firstNightOf(firstBulkHour - 1) + 1
  if (memory !== undefined && (began >= memory.began || memory.before[0]!.day > memory.began)) return memory
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

const isSameSize = (a: number, b: number): boolean => Math.round(a * TOLD_DIGIT) === Math.round(b * TOLD_DIGIT)

const findingOf = (
  type: ZoneFinding['type'],
  { since, m3h }: { readonly since: number; readonly m3h: number },
  { balance: { reported, meters }, night: { day, inflowM3h } }: ReturnType<typeof nightOf>,
): ZoneFinding => {
  // Of the day's own inflow: the loss is part of it, and of a slow mean it could be more than all.
  const share = inflowM3h <= 0 ? 0 : Math.min(1, m3h / inflowM3h)
  return { type, day, since, m3h, share, reported, meters: Math.round(meters) }
}

/** What judging nights anew has changed of the loss that is open. @param state before the next night, as it is judged now */
function restatedFinding(
  remembered: ZoneMemory,
  state: NightLossState,
  found: readonly ZoneFinding[],
  { balance }: ZoneAccount,
): ZoneFinding | undefined {
  const { day: next, state: stated } = remembered.before.at(-1)!
  const [was, is] = [stated.open, state.open]
  const told = is ?? was
  if (told === undefined) return undefined
  if (was !== undefined && is !== undefined && was.since === is.since && isSameSize(was.m3h, is.m3h)) return undefined
  const ended = found.some((one) => one.type === 'over' && one.day < next)
  const type = is === undefined ? (ended ? 'over' : 'gone') : was === undefined ? 'loss' : 'more'
  const day = next - 1
  const finding = findingOf(type, told, nightOf(day, midnightOf(day), balance))
  return was === undefined || is === undefined ? finding : { ...finding, toldSince: was.since }
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
