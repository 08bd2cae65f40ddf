import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INFLOW_LIMITS, newInflow, watchInflow } from '../../ingest/zones/inflow-watch.ts'
import { HOUR_MS } from '../../ingest/zones/tape.ts'
import { mix, type Random, seeded } from '../../simulators/random.ts'
import { between, figure, printReport, type Requirement, readWorldOptions, type WorldReport } from './zone-report.ts'
import { type Alarm, bootstrap, quantile, randomHits, score, type TrueLeak } from './zone-scoring.ts'

/** Seven real district inflows of two years, with their gaps and their holidays, and leaks added to them arithmetically. */
const FILE = 'dma/inflow-hourly.csv'
const M3H_OF_LPS = 3.6
const DAY_H = 24
const MONTH_H = 30.4 * DAY_H
/** Leaks as shares of mean inflow; of each DMA one after the other, with quiet months between them. */
const SHARES = [0.03, 0.05, 0.1, 0.2]
const FIRST_LEAK_H = 8 * 7 * DAY_H
const EVERY_H = 70 * DAY_H
const JITTER_H = 20 * DAY_H
const LASTS_H = 28 * DAY_H
const GROWS_H = 10 * DAY_H
const NIGHTS_H = 3 * DAY_H

interface Series {
  readonly name: string
  readonly firstHour: number
  /** m³/h; null: missing. */
  readonly m3h: (number | null)[]
}

export function readSeries(data: string): Series[] {
  const [head, ...rows] = readFileSync(join(data, FILE), 'utf8').trim().split('\n')
  const cells = rows.map((row) => row.split(','))
  const hours = cells.map(([time]) => Math.round(Date.parse(`${time!.replace(' ', 'T')}:00Z`) / HOUR_MS))
  const [first, last] = [hours[0]!, hours.at(-1)!]
  return head!
    .split(',')
    .slice(1)
    .map((name, column) => {
      const m3h: (number | null)[] = Array.from({ length: last - first + 1 }, () => null)
      for (const [i, hour] of hours.entries()) {
        const cell = cells[i]![column + 1]?.trim()
        if (cell !== undefined && cell !== '') m3h[hour - first] = Number(cell) * M3H_OF_LPS
      }
      return { name: name.replace('_lps', ''), firstHour: first, m3h }
    })
}

interface AddedLeak extends TrueLeak {
  readonly share: number
}

/** What is added of a leak at this hour, m³/h. */
function leakAt({ start, end, kind, m3h }: TrueLeak, hour: number): number {
  if (hour < start || hour >= end) return 0
  return kind === 'abrupt' ? m3h : m3h * Math.min(1, (hour - start) / GROWS_H)
}

function leaksOf(random: Random, { name, m3h, firstHour }: Series): AddedLeak[] {
  const known = m3h.filter((value) => value !== null)
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const leaks: AddedLeak[] = []
  const begins = m3h.findIndex((value) => value !== null)
  for (let at = begins + FIRST_LEAK_H; at + LASTS_H < m3h.length; at += EVERY_H) {
    const start = firstHour + at + Math.floor(random() * JITTER_H)
    const share = SHARES[Math.floor(random() * SHARES.length)]!
    const kind = random() < 0.5 ? 'abrupt' : 'incipient'
    leaks.push({ place: name, start, end: start + LASTS_H, kind, m3h: share * mean, share })
  }
  return leaks
}

interface ZoneResult {
  readonly leaks: readonly AddedLeak[]
  readonly delays: readonly (number | undefined)[]
  readonly alarms: readonly Alarm[]
  readonly falseAlarms: number
  readonly plainHits: number
  readonly plainFalse: number
  readonly months: number
  readonly span: readonly [number, number]
}

const CREDIT = ({ start, end }: TrueLeak): number => end - start

function judgeZone(series: Series, seed: number): ZoneResult {
  const leaks = leaksOf(seeded(seed), series)
  const state = newInflow(INFLOW_LIMITS.windows.length)
  const alarms: Alarm[] = []
  let knownHours = 0
  const nights: { readonly hour: number; readonly least: number }[] = []
  let day: number[] = []
  for (const [i, value] of series.m3h.entries()) {
    const hour = series.firstHour + i
    const m3h = value === null ? null : value + leaks.reduce((sum, leak) => sum + leakAt(leak, hour), 0)
    if (m3h !== null) {
      knownHours++
      day.push(m3h)
    }
    const found = watchInflow(state, hour, m3h, INFLOW_LIMITS)
    if (found?.type === 'rise' || found?.type === 'growth') alarms.push({ place: series.name, at: hour + 1 })
    if (hour % DAY_H === DAY_H - 1) {
      if (day.length > DAY_H / 2) nights.push({ hour: hour + 1, least: Math.min(...day) })
      day = []
    }
  }
  const result = score(leaks, alarms, CREDIT)
  const plain = score(leaks, plainThreshold(series.name, nights), CREDIT)
  return {
    leaks,
    delays: result.delays,
    alarms,
    falseAlarms: result.falseAlarms,
    plainHits: plain.hits,
    plainFalse: plain.falseAlarms,
    months: knownHours / MONTH_H,
    span: [series.firstHour, series.firstHour + series.m3h.length],
  }
}

/** The control: a night minimum 20 % above the lowest of the ten nights before that were not. */
function plainThreshold(place: string, nights: readonly { readonly hour: number; readonly least: number }[]): Alarm[] {
  const kept: number[] = []
  const alarms: Alarm[] = []
  let above = false
  for (const { hour, least } of nights) {
    const now = kept.length >= 10 && least > 1.2 * Math.min(...kept)
    if (now && !above) alarms.push({ place, at: hour })
    above = now
    if (!now) kept.push(least)
    if (kept.length > 10) kept.shift()
  }
  return alarms
}

export function judgeDma(data: string, seed: number, runs: number): WorldReport {
  const series = readSeries(data)
  const zones = Array.from({ length: runs }, (_, run) =>
    series.map((one, i) => judgeZone(one, mix(seed, run, i))),
  ).flat()
  const each = zones.flatMap(({ leaks, delays }) => leaks.map((leak, i) => ({ leak, delay: delays[i] })))
  type Each = (typeof each)[number]
  const found = (some: readonly Each[]): number =>
    some.length === 0 ? Number.NaN : (100 * some.filter(({ delay }) => delay !== undefined).length) / some.length
  const inTime = (some: readonly Each[]): number =>
    (100 * some.filter(({ delay }) => delay !== undefined && delay <= NIGHTS_H).length) / Math.max(1, some.length)
  const daysAt = (share: number) => (some: readonly Each[]) =>
    quantile(
      some.map(({ delay }) => (delay === undefined ? undefined : delay / DAY_H)),
      share,
    )
  const falseOf = (some: readonly ZoneResult[]): number =>
    some.reduce((sum, { falseAlarms }) => sum + falseAlarms, 0) / some.reduce((sum, { months }) => sum + months, 0)
  const avoided = (some: readonly Each[]): number => {
    const [all, before] = [0, 1].map((until) => some.reduce((sum, one) => sum + volume(one, until === 1), 0))
    return 100 * (1 - before! / all!)
  }
  const row = (
    what: string,
    is: (some: readonly Each[]) => number,
    some = each,
    mustBe = '',
    holds?: (v: number) => boolean,
  ): Requirement => ({
    what,
    is: figure(is(some)),
    interval: between(bootstrap(some, is, seed)),
    mustBe,
    holds: holds?.(is(some)),
  })
  const abrupt = each.filter(({ leak }) => leak.kind === 'abrupt')
  const incipient = each.filter(({ leak }) => leak.kind === 'incipient')
  const random = zones.reduce(
    (sum, { leaks, alarms, span }, i) =>
      sum + randomHits(leaks, alarms.length, [leaks[0]?.place ?? ''], span, CREDIT, mix(seed, i)),
    0,
  )
  const monthsOf = zones.reduce((sum, { months }) => sum + months, 0)
  const rows: Requirement[] = [
    row('leaks found within 3 nights, %', inTime, each, '≥ 95', (is) => is >= 95),
    {
      what: 'false alarms per zone-month',
      is: figure(falseOf(zones), 2),
      interval: between(bootstrap(zones, falseOf, seed), 2),
      mustBe: '≤ 0.2',
      holds: falseOf(zones) <= 0.2,
    },
    row('leaks found at all, %', found),
    ...SHARES.map((share) =>
      row(
        `… of ${share * 100} % of inflow`,
        found,
        each.filter(({ leak }) => leak.share === share),
      ),
    ),
    row('abrupt: median delay, days', daysAt(0.5), abrupt),
    row('abrupt: 90th percentile, days', daysAt(0.9), abrupt),
    row('incipient (grown in 10 days): median delay, days', daysAt(0.5), incipient),
    row('share of the leaked m³ that ran after the alarm, %', avoided),
    {
      what: 'control, random: found, %',
      is: figure((100 * random) / each.length),
      interval: '',
      mustBe: '',
      holds: undefined,
    },
    {
      what: 'control, night minimum 20 %: found %, false per zone-month',
      is: `${figure((100 * zones.reduce((sum, { plainHits }) => sum + plainHits, 0)) / each.length)}, ${figure(zones.reduce((sum, { plainFalse }) => sum + plainFalse, 0) / monthsOf, 2)}`,
      interval: '',
      mustBe: '',
      holds: undefined,
    },
  ]
  const notes = [
    `${each.length} leaks of 28 days in ${figure(monthsOf, 0)} zone-months of real inflow; a real leak that nobody wrote down counts as a false alarm.`,
  ]
  return {
    world: 'dma',
    seed,
    rows,
    notes,
    detail: {
      falseByZone: Object.fromEntries(
        series.map(({ name }, i) => [
          name,
          zones.filter((_, k) => k % series.length === i).reduce((sum, zone) => sum + zone.falseAlarms, 0),
        ]),
      ),
    },
  }
}

/** What ran in all, or before it was told. */
function volume(
  { leak, delay }: { readonly leak: AddedLeak; readonly delay: number | undefined },
  before: boolean,
): number {
  const until = before && delay !== undefined ? leak.start + delay : leak.end
  let sum = 0
  for (let hour = leak.start; hour < until; hour++) sum += leakAt(leak, hour)
  return sum
}

export async function run(args: readonly string[]): Promise<number> {
  const options = readWorldOptions('dma', args, {
    size: 2,
    sizeIs: 'times the seven inflows are played with other leaks',
    needs: [FILE],
  })
  if (typeof options === 'number') return options
  return printReport(judgeDma(options.data, options.seed, options.size), options.json)
}
