import { type Membership, NIGHT } from '../../contract/zones.ts'
import { decodeTelemetry } from '../../ingest/codecs/telemetry.ts'
import { median } from '../../ingest/zones/cusum.ts'
import { addReading, balanceOf, closeBefore, emptyLedger, type Ledger, placeAll } from '../../ingest/zones/ledger.ts'
import { judgeNight, type NightLossState, newNightLoss, nightOf } from '../../ingest/zones/night-loss.ts'
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
/** Judged at noon; what has not reported three days later is passed over. */
const JUDGED_AT_H = 12
export const PATIENCE_DAYS = 3
const LEARN_DAYS = 7
/** The control: night inflow so much above the lowest of so many nights, without households. */
const PLAIN = { share: 0.2, nights: 10 }
/** Late readings are corrected for so many days. */
const KEPT_DAYS = 10
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

function account(ledger: Ledger, { deviceId, payload, arrivesAt }: WorldUpload): void {
  for (const { readings } of decodeTelemetry(Buffer.from(payload), deviceId, arrivesAt).blocks)
    for (const { quantity, values } of readings.fields) {
      if (quantity !== 'volume' && quantity !== 'reverseVolume') continue
      for (const [i, value] of values.entries())
        if (typeof value === 'number') addReading(ledger, deviceId, readings.at[i]!, Math.round(value * 1000), quantity)
    }
}

interface Judge {
  readonly zone: string
  readonly state: NightLossState
  /** The next night to be judged. */
  day: number
  notJudged: number
  nights: number
  readonly alarms: Alarm[]
  /** Loss that is open after each night, by day, m³/h. */
  readonly open: Map<number, number>
  readonly plain: Alarm[]
  readonly lowest: number[]
  plainAbove: boolean
  /** From the end of a night to its judgement, h. */
  readonly latencies: number[]
}

const newJudge = (zone: string, day: number): Judge => ({
  zone,
  state: newNightLoss(),
  day,
  notJudged: 0,
  nights: 0,
  alarms: [],
  open: new Map(),
  plain: [],
  lowest: [],
  plainAbove: false,
  latencies: [],
})

function judgeDue(ledger: Ledger, judge: Judge, today: number): void {
  while (judge.day <= today) {
    const { day } = judge
    const midnight = hourOfDay(day)
    const { balance, night } = nightOf(day, midnight, (from, to) => balanceOf(ledger, judge.zone, from, to))
    if (!balance.valid && today - day < PATIENCE_DAYS) return
    judge.day++
    judge.nights++
    if (!balance.valid) {
      judge.notJudged++
      continue
    }
    const found = judgeNight(judge.state, night)
    judge.open.set(day, judge.state.open?.m3h ?? 0)
    // Delays are counted in nights of data; how long the data took to come is told apart.
    const at = midnight + NIGHT.to
    judge.latencies.push(hourOfDay(today) + JUDGED_AT_H - at)
    if (found !== undefined && found.type !== 'over')
      judge.alarms.push({ place: judge.zone, at, update: found.type === 'more' })
    plainly(judge, balance.inflowL, at)
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
  const ledger = emptyLedger()
  placeAll(ledger, topologyOf(world))
  let first = Number.NaN
  let waiting: WorldUpload[] = []
  let judges: Judge[] = []
  const inflows = world.villages.map(() => 0)
  const pressures: number[][] = world.villages.map(() => [])
  for (const { day, uploads, inflowM3h, pressureM } of world.days()) {
    if (Number.isNaN(first)) {
      first = day
      judges = [...world.villages, ...world.wells.map(({ id }) => id)].map((zone) => newJudge(zone, first + 1))
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
    for (const upload of arrived) account(ledger, upload)
    for (const judge of judges) judgeDue(ledger, judge, day)
    if ((day - first) % LEARN_DAYS === 0) closeBefore(ledger, noon - KEPT_DAYS * DAY_H * HOUR_MS)
  }
  const span: readonly [number, number] = [hourOfDay(first + LEARN_DAYS), hourOfDay(first + options.days)]
  const nodeOf = new Map(network.nodes.map(({ id, index }) => [id, index]))
  return world.villages.map((village, zone): ZoneResult => {
    const judge = judges[zone]!
    const all = world.truth.filter((leak) => leak.village === village)
    const counted = all
      .map((leak) => ({ leak, is: countedFrom(leak, inflows[zone]!) }))
      .filter(({ is }) => is.end > is.start)
    const leaks = counted.map(({ is }) => is)
    const { delays, falseAlarms } = score(leaks, judge.alarms, lasts)
    const plain = score(leaks, judge.plain, lasts)
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
      alarms: judge.alarms,
      // A leak too small to count is no false alarm when it is found.
      falseAlarms: Math.max(0, falseAlarms - (all.length - leaks.length)),
      plain,
      months: (span[1] - span[0]) / DAY_H / MONTH_DAYS,
      span,
      notJudged: judge.notJudged,
      nights: judge.nights,
      latencies: judge.latencies,
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
