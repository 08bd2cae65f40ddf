import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Membership } from '../../contract/zones.ts'
import { decodeTelemetry } from '../../ingest/codecs/telemetry.ts'
import { addReading, balanceOf, closeBefore, emptyLedger, type Ledger, placeAll } from '../../ingest/zones/ledger.ts'
import { judgeNight, newNightLoss } from '../../ingest/zones/night-loss.ts'
import { HOUR_MS } from '../../ingest/zones/tape.ts'
import { mix } from '../../simulators/random.ts'
import { openNetwork } from '../../simulators/worlds/network-engine.ts'
import { hourOfDay, type WorldLeak } from '../../simulators/worlds/network-leaks.ts'
import type { WorldUpload } from '../../simulators/worlds/network-uploads.ts'
import { type NetworkWorld, networkWorld } from '../../simulators/worlds/network-world.ts'
import { between, figure, printReport, type Requirement, readWorldOptions, type WorldReport } from './zone-report.ts'
import { type Alarm, bootstrap, quantile, randomHits, score, type TrueLeak } from './zone-scoring.ts'

/** Villages cut out of two networks: everything that meters upload, decoded, accounted and judged in the order it arrives. */
const FILES = ['networks/L-TOWN.inp', 'networks/RuralNetwork.inp']
const DAY_H = 24
const MONTH_DAYS = 30.4
const DAYS = 56
const METERS = 1500
const VILLAGES = 8
/** A leak counts from the hour in which it has grown to this (the goal of `water.md`). */
const COUNTS_SHARE = 0.03
const COUNTS_M3H = 0.3
/** Night: 01:00 to 05:00. */
const NIGHT = [1, 5] as const
/** Judged at noon; what has not reported three days later is passed over. */
const JUDGED_AT_H = 12
const PATIENCE_DAYS = 3
const LEARN_DAYS = 7
/** Three whole nights; a leak that begins in the middle of one has its rest of it too. */
const IN_TIME_H = 3 * DAY_H + (NIGHT[1] - NIGHT[0])
const PLAIN_SHARE = 0.2

interface VillageResult {
  readonly leaks: readonly TrueLeak[]
  readonly volumes: readonly { readonly all: number; readonly before: number }[]
  readonly delays: readonly (number | undefined)[]
  readonly alarms: readonly Alarm[]
  readonly falseAlarms: number
  readonly plainHits: number
  readonly plainFalse: number
  readonly months: number
  readonly span: readonly [number, number]
  readonly notJudged: number
  readonly nights: number
  readonly latencies: readonly number[]
}

const topologyOf = ({ meters }: NetworkWorld): Membership[] =>
  meters.flatMap(({ id, kind, from, to }): Membership[] => {
    const at = (meter: string, zone: string | undefined, part: Membership['part']): Membership[] =>
      zone === undefined ? [] : [{ meter, zone, part, from: 0, to: null }]
    if (kind === 'household') return at(id, from, 'household')
    return [...at(id, to, 'in'), ...at(id, from, 'out')]
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
  readonly state: ReturnType<typeof newNightLoss>
  /** The next night to be judged. */
  day: number
  notJudged: number
  nights: number
  readonly alarms: Alarm[]
  readonly plain: Alarm[]
  readonly losses: number[]
  /** From the end of a night to its judgement, h. */
  readonly latencies: number[]
  plainAbove: boolean
}

function judgeDue(ledger: Ledger, judge: Judge, today: number): void {
  while (judge.day <= today) {
    const midnight = hourOfDay(judge.day)
    const night = balanceOf(ledger, judge.zone, midnight + NIGHT[0], midnight + NIGHT[1])
    if (!night.valid && today - judge.day < PATIENCE_DAYS) return
    judge.day++
    judge.nights++
    if (!night.valid) {
      judge.notJudged++
      continue
    }
    const before = balanceOf(ledger, judge.zone, midnight + NIGHT[1] - DAY_H, midnight + NIGHT[1])
    const hours = NIGHT[1] - NIGHT[0]
    const found = judgeNight(judge.state, {
      day: judge.day - 1,
      lossM3h: (night.lossL - night.unknownL) / hours / 1000,
      inflowM3h: before.inflowL / DAY_H / 1000,
    })
    // Delays are counted in nights of data; how long the data took to come is told apart.
    const at = hourOfDay(judge.day - 1) + NIGHT[1]
    judge.latencies.push(hourOfDay(today) + JUDGED_AT_H - at)
    if (found !== undefined && found.type !== 'over')
      judge.alarms.push({ place: judge.zone, at, update: found.type === 'more' })
    plainly(judge, night.inflowL / hours / 1000, at)
  }
}

/** The control: night inflow 20 % above the lowest of ten nights, without households. */
function plainly(judge: Judge, inflow: number, at: number): void {
  const { losses } = judge
  const above = losses.length >= 10 && inflow > (1 + PLAIN_SHARE) * Math.min(...losses)
  if (above && !judge.plainAbove) judge.plain.push({ place: judge.zone, at })
  judge.plainAbove = above
  if (!above) losses.push(inflow)
  if (losses.length > 10) losses.shift()
}

export async function playNetwork(
  inp: string,
  seed: number,
  days: number,
  meters: number,
  villages: number,
): Promise<VillageResult[]> {
  const network = await openNetwork(inp)
  const world = networkWorld(network, { seed, meters, villages, days, leaksPerMonth: 0.8 })
  const ledger = emptyLedger()
  placeAll(ledger, topologyOf(world))
  let first = Number.NaN
  let waiting: WorldUpload[] = []
  let judges: Judge[] = []
  const inflows = world.villages.map(() => ({ sum: 0, days: 0 }))
  for (const { day, uploads, inflowM3h } of world.days()) {
    if (Number.isNaN(first)) {
      first = day
      judges = world.villages.map((zone) => ({
        zone,
        state: newNightLoss(),
        day: first + 1,
        notJudged: 0,
        nights: 0,
        alarms: [],
        plain: [],
        losses: [],
        latencies: [],
        plainAbove: false,
      }))
    }
    for (const [i, m3h] of inflowM3h.entries()) {
      // Before leaks: what three per cent are taken of.
      if (day - first < LEARN_DAYS) inflows[i] = { sum: inflows[i]!.sum + m3h, days: inflows[i]!.days + 1 }
    }
    waiting.push(...uploads)
    const noon = (hourOfDay(day) + JUDGED_AT_H) * HOUR_MS
    const arrived = waiting.filter(({ arrivesAt }) => arrivesAt <= noon).sort((a, b) => a.arrivesAt - b.arrivesAt)
    waiting = waiting.filter(({ arrivesAt }) => arrivesAt > noon)
    for (const upload of arrived) account(ledger, upload)
    for (const judge of judges) judgeDue(ledger, judge, day)
    if ((day - first) % LEARN_DAYS === 0) closeBefore(ledger, noon - 10 * DAY_H * HOUR_MS)
  }
  const span: readonly [number, number] = [hourOfDay(first + LEARN_DAYS), hourOfDay(first + days)]
  return judges.map((judge, i) => {
    const all = world.truth.filter(({ village }) => village === judge.zone)
    const leaks = all
      .map((leak) => countedLeak(leak, inflows[i]!.sum / inflows[i]!.days))
      .filter((leak) => leak.end > leak.start)
    const result = score(leaks, judge.alarms, CREDIT)
    const small = all.length - leaks.length
    const plain = score(leaks, judge.plain, CREDIT)
    return {
      leaks,
      volumes: leaks.map((leak, k) =>
        volumes(
          all.find(({ end }) => end === leak.end)!,
          result.delays[k] === undefined ? undefined : leak.start + result.delays[k],
        ),
      ),
      delays: result.delays,
      alarms: judge.alarms,
      // A leak too small to count is no false alarm when it is found.
      falseAlarms: Math.max(0, result.falseAlarms - small),
      plainHits: plain.hits,
      plainFalse: plain.falseAlarms,
      months: (span[1] - span[0]) / DAY_H / MONTH_DAYS,
      span,
      notJudged: judge.notJudged,
      nights: judge.nights,
      latencies: judge.latencies,
    }
  })
}

const CREDIT = ({ start, end }: TrueLeak): number => end - start

/** A leak from the hour in which it is large enough to count; `end` = `start` where it never was. */
function countedLeak(leak: WorldLeak, inflowM3h: number): TrueLeak {
  const counts = Math.min(COUNTS_M3H, COUNTS_SHARE * inflowM3h)
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

export async function judgeNetwork(data: string, seed: number, size: number): Promise<WorldReport> {
  const results: VillageResult[] = []
  for (let run = 0; run < size; run++)
    for (const [i, file] of FILES.entries())
      results.push(
        ...(await playNetwork(readFileSync(join(data, file), 'utf8'), mix(seed, run, i), DAYS, METERS, VILLAGES)),
      )
  const each = results
    .flatMap(({ leaks, delays, volumes, span }) =>
      leaks.map((leak, i) => ({
        leak,
        delay: delays[i],
        ...volumes[i]!,
        seen: span[1] - leak.start > (PATIENCE_DAYS + 1) * DAY_H && leak.end - leak.start > PATIENCE_DAYS * DAY_H,
      })),
    )
    .filter(({ seen }) => seen)
  type Each = (typeof each)[number]
  const inTime = (some: readonly Each[]): number =>
    (100 * some.filter(({ delay }) => delay !== undefined && delay <= IN_TIME_H).length) / Math.max(1, some.length)
  const found = (some: readonly Each[]): number =>
    (100 * some.filter(({ delay }) => delay !== undefined).length) / Math.max(1, some.length)
  const daysAt =
    (share: number) =>
    (some: readonly Each[]): number =>
      quantile(
        some.map(({ delay }) => (delay === undefined ? undefined : delay / DAY_H)),
        share,
      )
  const falseOf = (some: readonly VillageResult[]): number =>
    some.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0) / some.reduce((sum, { months }) => sum + months, 0)
  const avoided = (some: readonly Each[]): number =>
    100 * (1 - some.reduce((sum, { before }) => sum + before, 0) / some.reduce((sum, { all }) => sum + all, 0))
  const row = (
    what: string,
    is: (some: readonly Each[]) => number,
    some: readonly Each[],
    mustBe = '',
    holds?: (value: number) => boolean,
  ): Requirement => ({
    what,
    is: figure(is(some)),
    interval: some.length === 0 ? '' : between(bootstrap(some, is, seed)),
    mustBe,
    holds: holds?.(is(some)),
  })
  const months = results.reduce((sum, one) => sum + one.months, 0)
  const random = results.reduce(
    (sum, { leaks, alarms, span }, i) =>
      sum + (leaks.length === 0 ? 0 : randomHits(leaks, alarms.length, [leaks[0]!.place], span, CREDIT, mix(seed, i))),
    0,
  )
  const all = results.reduce((sum, { leaks }) => sum + leaks.length, 0)
  const rows: Requirement[] = [
    row('leaks ≥ 3 % of inflow or ≥ 0.3 m³/h found within 3 nights, %', inTime, each, '≥ 95', (is) => is >= 95),
    {
      what: 'false alarms per zone-month',
      is: figure(falseOf(results), 2),
      interval: between(bootstrap(results, falseOf, seed), 2),
      mustBe: '≤ 0.2',
      holds: falseOf(results) <= 0.2,
    },
    row('found at all, %', found, each),
    row(
      '… below 0.3 m³/h at most',
      found,
      each.filter(({ leak }) => leak.m3h < 0.3),
    ),
    row(
      '… 0.3–1 m³/h',
      found,
      each.filter(({ leak }) => leak.m3h >= 0.3 && leak.m3h < 1),
    ),
    row(
      '… from 1 m³/h',
      found,
      each.filter(({ leak }) => leak.m3h >= 1),
    ),
    row('median delay from that size, days', daysAt(0.5), each),
    row('90th percentile, days', daysAt(0.9), each),
    {
      what: 'data latency apart: from the end of a night to its judgement, h',
      is: figure(
        quantile(
          results.flatMap(({ latencies }) => latencies),
          0.5,
        ),
      ),
      interval: '',
      mustBe: '',
      holds: undefined,
    },
    row('share of the leaked m³ that ran after the alarm, %', avoided, each),
    {
      what: 'nights without judgement, %',
      is: figure(
        (100 * results.reduce((sum, one) => sum + one.notJudged, 0)) /
          results.reduce((sum, one) => sum + one.nights, 0),
      ),
      interval: '',
      mustBe: '',
      holds: undefined,
    },
    {
      what: 'control, random: found, %',
      is: figure((100 * random) / Math.max(1, all)),
      interval: '',
      mustBe: '',
      holds: undefined,
    },
    {
      what: 'control, night inflow 20 %: found %, false per zone-month',
      is: `${figure((100 * results.reduce((sum, one) => sum + one.plainHits, 0)) / Math.max(1, all))}, ${figure(results.reduce((sum, one) => sum + one.plainFalse, 0) / months, 2)}`,
      interval: '',
      mustBe: '',
      holds: undefined,
    },
  ]
  const notes = [
    `${each.length} leaks in ${figure(months, 0)} zone-months: ${VILLAGES} villages and ${METERS} household meters in each of two networks, ${DAYS} days, ${size} times. A finding names its village; an alarm in the wrong one is false. Data latency: uploads arrive 1 to 7 h after midnight, judged at noon. Delays count from the hour in which a leak is large enough to the end of the night that shows it.`,
  ]
  const misses = each
    .filter(({ delay }) => delay === undefined || delay > 84)
    .map(({ leak, delay }) => ({ ...leak, delay }))
  return {
    world: 'network',
    seed,
    rows,
    notes,
    detail: { misses, falseByVillage: results.map((one) => one.falseAlarms) },
  }
}

export async function run(args: readonly string[]): Promise<number> {
  const options = readWorldOptions('network', args, { size: 1, sizeIs: 'times both networks are played', needs: FILES })
  if (typeof options === 'number') return options
  return printReport(await judgeNetwork(options.data, options.seed, options.size), options.json)
}
