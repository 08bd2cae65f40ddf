import { midnightOf } from '../../contract/city-time.ts'
import { type Membership, NIGHT, type ZoneNight } from '../../contract/zones.ts'
import { decodeTelemetry } from '../../ingest/codecs/telemetry.ts'
import { AccountBook } from '../../ingest/water/account-book.ts'
import type { Accounts } from '../../ingest/water/accounts.ts'
import { accountOf, judgeZone, type ZoneAccount, type ZoneMemory } from '../../ingest/water/judge.ts'
import { firstHourOf } from '../../ingest/water/verdict.ts'
import { median } from '../../ingest/zones/cusum.ts'
import { GROWN_BY } from '../../ingest/zones/night-loss.ts'
import { HOUR_MS } from '../../ingest/zones/tape.ts'
import { openNetwork } from '../../simulators/worlds/network-engine.ts'
import { hourOfDay, type WorldLeak } from '../../simulators/worlds/network-leaks.ts'
import type { WorldUpload } from '../../simulators/worlds/network-uploads.ts'
import { type NetworkWorld, type NetworkWorldOptions, networkWorld } from '../../simulators/worlds/network-world.ts'
import { type Alarm, score, type TrueLeak } from './zone-scoring.ts'

/** One world: everything that its meters upload, decoded, accounted and judged in the order it arrives. */

const DAY_H = 24
const MONTH_DAYS = 30.4
/** A leak counts from the hour in which it has grown to this (the goal of `water.md`). */
const COUNTS = { share: 0.03, m3h: 0.3 }
/** What has arrived is judged at noon, by the judge of the live path; what it passes over it passes over three days later. */
const JUDGED_AT_H = 12
export const PATIENCE_DAYS = 3
const LEARN_DAYS = 7
/** The control: night inflow so much above the lowest of so many nights, without households. */
const PLAIN = { share: 0.2, nights: 10 }
/** A night of a pressure sensor is compared with the median of so many before it; it shows whole kPa. */
const PRESSURE_NIGHTS = 14
const KPA_PER_METRE = 9.80665

export interface CountedLeak extends TrueLeak {
  /** Hours from the start to the alarm; undefined: missed. */
  readonly delay: number | undefined
  /** m³: all that ran, and what ran before the alarm. */
  readonly all: number
  readonly before: number
  /** It can be found in time before the world ends or it is repaired. */
  readonly isWhole: boolean
  /** Where it was found: the well that was named on the next night, and the well it lies behind; undefined: neither. */
  readonly named: string | undefined
  readonly well: string | undefined
  /** Of all places: how many have wells. */
  readonly wells: number
  /** 1: of all pressure sensors the one of this zone has fallen most in the night of the alarm. */
  readonly pressureRank: number | undefined
}

export interface ZoneResult {
  readonly zone: string
  readonly leaks: readonly CountedLeak[]
  readonly alarms: readonly Alarm[]
  readonly falseAlarms: number
  readonly plain: { readonly hits: number; readonly falseAlarms: number }
  readonly months: number
  readonly span: readonly [number, number]
  readonly notJudged: number
  readonly nights: number
  readonly latencies: readonly number[]
}

const topologyOf = ({ meters }: NetworkWorld): Membership[] =>
  meters.flatMap(({ id, kind, from, to, well }): Membership[] => {
    const at = (zone: string | undefined, part: Membership['part']): Membership[] =>
      zone === undefined ? [] : [{ meter: id, zone, part, from: 0, to: null }]
    if (kind === 'household') return [...at(from, 'household'), ...at(well, 'household')]
    if (kind === 'well') return at(well, 'in')
    return [...at(to, 'in'), ...at(from, 'out')]
  })

function account(accounts: Accounts, { deviceId, payload, arrivesAt }: WorldUpload): void {
  for (const { readings } of decodeTelemetry(Buffer.from(payload), deviceId, arrivesAt).blocks)
    for (const { quantity, values } of readings.fields)
      if (quantity === 'volume' || quantity === 'reverseVolume')
        accounts.add({ deviceId, register: quantity, at: readings.at, values })
}

interface Judge {
  readonly zone: string
  memory: ZoneMemory | undefined
  /** Size of the loss that was last told, m³/h. */
  told: number
  /** By night, as it stands when all has landed. */
  readonly verdicts: Map<number, ZoneNight['verdict']>
  readonly alarms: Alarm[]
  /** Loss that is open after each night, by day, m³/h. */
  readonly open: Map<number, number>
  readonly plain: Alarm[]
  readonly lowest: number[]
  plainAbove: boolean
  /** From the end of a night to its judgement, h. */
  readonly latencies: number[]
}

const newJudge = (zone: string): Judge => ({
  zone,
  memory: undefined,
  told: 0,
  verdicts: new Map(),
  alarms: [],
  open: new Map(),
  plain: [],
  lowest: [],
  plainAbove: false,
  latencies: [],
})

/** @param now the hour of judgement */
function judge(judge: Judge, account: ZoneAccount, changedFrom: number, now: number): void {
  const judged = judgeZone(judge.memory, account, changedFrom)
  if (judged === undefined) return
  judge.memory = judged.memory
  for (const { day, state } of judged.memory.before) judge.open.set(day - 1, state.open?.m3h ?? 0)
  for (const { day, verdict } of judged.nights) {
    const isNew = !judge.verdicts.has(day)
    judge.verdicts.set(day, verdict)
    if (!isNew || verdict === 'not-judged') continue
    const [from, to] = [midnightOf(day) + NIGHT.from, midnightOf(day) + NIGHT.to]
    judge.latencies.push(now - to)
    plainly(judge, account.balance(from, to).inflowL, to)
  }
  // Delays are counted in nights of data; how long the data took to come is told apart.
  for (const { type, day, m3h } of judged.findings) {
    // That a loss was put right by a tenth calls nobody.
    const isGrown = type === 'more' && m3h >= GROWN_BY * judge.told
    if (type !== 'loss' && !isGrown) {
      judge.told = Math.min(judge.told, m3h)
      continue
    }
    judge.alarms.push({ place: judge.zone, at: midnightOf(day) + NIGHT.to, update: isGrown })
    judge.told = m3h
  }
}

function plainly(judge: Judge, inflow: number, at: number): void {
  const { lowest } = judge
  const above = lowest.length >= PLAIN.nights && inflow > (1 + PLAIN.share) * Math.min(...lowest)
  if (above && !judge.plainAbove) judge.plain.push({ place: judge.zone, at })
  judge.plainAbove = above
  if (!above) lowest.push(inflow)
  if (lowest.length > PLAIN.nights) lowest.shift()
}

/** @param inp an EPANET file */
export async function playNetwork(inp: string, options: NetworkWorldOptions): Promise<ZoneResult[]> {
  const network = await openNetwork(inp)
  const world = networkWorld(network, options)
  const book = new AccountBook()
  const standings = Map.groupBy(topologyOf(world), ({ meter }) => meter)
  book.place(new Map([...standings].map(([meter, memberships]) => [meter, { memberships, exchanges: [] }])))
  let first = Number.NaN
  let waiting: WorldUpload[] = []
  let judges: Judge[] = []
  const inflows = world.villages.map(() => 0)
  const pressures: number[][] = world.villages.map(() => [])
  for (const { day, uploads, inflowM3h, pressureM } of world.days()) {
    if (Number.isNaN(first)) {
      first = day
      judges = [...world.villages, ...world.wells.map(({ id }) => id)].map(newJudge)
    }
    for (const [i, m3h] of inflowM3h.entries()) {
      // Before leaks: what three per cent are taken of.
      if (day - first < LEARN_DAYS) inflows[i]! += m3h / LEARN_DAYS
      const night = pressureM[i]!.slice(NIGHT.from, NIGHT.to)
      pressures[i]!.push(Math.round((KPA_PER_METRE * night.reduce((sum, m) => sum + m, 0)) / night.length))
    }
    waiting.push(...uploads)
    const noon = (hourOfDay(day) + JUDGED_AT_H) * HOUR_MS
    const arrived = waiting.filter(({ arrivesAt }) => arrivesAt <= noon).sort((a, b) => a.arrivesAt - b.arrivesAt)
    waiting = waiting.filter(({ arrivesAt }) => arrivesAt > noon)
    const changed = book.take((accounts) => {
      for (const upload of arrived) account(accounts, upload)
    })
    const now = hourOfDay(day) + JUDGED_AT_H
    for (const one of judges) {
      const from = changed.get(one.zone)
      if (from === undefined) continue
      const counts = book.counts(one.zone)
      const hours = book.hours(one.zone, firstHourOf(one.memory, counts, from))
      judge(one, accountOf(hours, counts), from, now)
    }
  }
  const span: readonly [number, number] = [hourOfDay(first + LEARN_DAYS), hourOfDay(first + options.days)]
  const nodeOf = new Map(network.nodes.map(({ id, index }) => [id, index]))
  return world.villages.map((village, zone): ZoneResult => {
    const own = judges[zone]!
    const verdicts = [...own.verdicts.values()]
    const all = world.truth.filter((leak) => leak.village === village)
    const counted = all
      .map((leak) => ({ leak, is: countedFrom(leak, inflows[zone]!) }))
      .filter(({ is }) => is.end > is.start)
    const leaks = counted.map(({ is }) => is)
    const { delays, falseAlarms } = score(leaks, own.alarms, lasts)
    const plain = score(leaks, own.plain, lasts)
    const wells = world.wells.filter((well) => well.village === village)
    return {
      zone: village,
      leaks: counted.map(({ leak, is }, k): CountedLeak => {
        const delay = delays[k]
        const alarm = delay === undefined ? undefined : Math.round((is.start + delay - NIGHT.to - hourOfDay(0)) / DAY_H)
        return {
          ...is,
          delay,
          ...volumes(leak, delay === undefined ? undefined : is.start + delay),
          isWhole: span[1] - is.start > (PATIENCE_DAYS + 1) * DAY_H && is.end - is.start > PATIENCE_DAYS * DAY_H,
          named:
            alarm === undefined
              ? undefined
              : namedWell(
                  judges.filter((one) => wells.some(({ id }) => id === one.zone)),
                  alarm + 1,
                ),
          well: world.wells[world.cut.wellOf.get(nodeOf.get(leak.node)!) ?? -1]?.id,
          wells: wells.length,
          pressureRank: alarm === undefined ? undefined : pressureRank(pressures, zone, alarm - first),
        }
      }),
      alarms: own.alarms,
      // A leak too small to count is no false alarm when it is found.
      falseAlarms: Math.max(0, falseAlarms - (all.length - leaks.length)),
      plain,
      months: (span[1] - span[0]) / DAY_H / MONTH_DAYS,
      span,
      notJudged: verdicts.filter((verdict) => verdict === 'not-judged').length,
      nights: verdicts.length,
      latencies: own.latencies,
    }
  })
}

export const lasts = ({ start, end }: TrueLeak): number => end - start

/** A leak from the hour in which it is large enough to count; `end` = `start` where it never was. */
function countedFrom(leak: WorldLeak, inflowM3h: number): TrueLeak {
  const counts = Math.min(COUNTS.m3h, COUNTS.share * inflowM3h)
  const index = leak.ranM3.findIndex((m3) => m3 >= counts)
  const largest = Math.max(0, ...leak.ranM3)
  const start = index < 0 ? leak.end : leak.start + index
  return { place: leak.village, start, began: leak.start, end: leak.end, kind: leak.kind, m3h: largest }
}

function volumes(leak: WorldLeak, until: number | undefined): { readonly all: number; readonly before: number } {
  const sum = (hours: readonly number[]): number => hours.reduce((all, m3) => all + m3, 0)
  const all = sum(leak.ranM3)
  return { all, before: until === undefined ? all : sum(leak.ranM3.slice(0, Math.floor(until - leak.start))) }
}

/** The well that has the largest open loss after this night; undefined: none has, so it is lost in the street. */
function namedWell(wells: readonly Judge[], day: number): string | undefined {
  let [named, most] = [undefined as string | undefined, 0]
  for (const { zone, open } of wells) {
    const m3h = open.get(day) ?? 0
    if (m3h > most) [named, most] = [zone, m3h]
  }
  return named
}

function pressureRank(pressures: readonly (readonly number[])[], zone: number, night: number): number {
  const falls = pressures.map(
    (nights) => median(nights.slice(Math.max(0, night - PRESSURE_NIGHTS), night)) - nights[night]!,
  )
  return 1 + falls.filter((fall, i) => i !== zone && fall >= falls[zone]!).length
}
