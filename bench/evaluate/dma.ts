import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INFLOW_LIMITS, newInflow, watchInflow } from '../../ingest/zones/inflow-watch.ts'
import { HOUR_MS } from '../../ingest/zones/tape.ts'
import { mix, type Random, seeded } from '../../simulators/random.ts'
import {
  between,
  control,
  figure,
  printReport,
  progress,
  type Requirement,
  readWorldOptions,
  type WorldReport,
} from './zone-report.ts'
import { type Alarm, bootstrap, earlyScore, f1Of, quantile, randomHits, score, type TrueLeak } from './zone-scoring.ts'

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

function readSeries(data: string): Series[] {
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

type Statistic = (zones: readonly ZoneResult[]) => number

interface FoundLeak {
  readonly leak: AddedLeak
  readonly delay: number | undefined
}
const leaksOfAll = (zones: readonly ZoneResult[]): FoundLeak[] =>
  zones.flatMap(({ leaks, delays }) => leaks.map((leak, i) => ({ leak, delay: delays[i] })))

const shareOf =
  (holds: (one: FoundLeak) => boolean, among: (one: FoundLeak) => boolean = () => true): Statistic =>
  (zones) => {
    const some = leaksOfAll(zones).filter(among)
    return some.length === 0 ? Number.NaN : (100 * some.filter(holds).length) / some.length
  }
const isFound = ({ delay }: FoundLeak): boolean => delay !== undefined
const isInTime = ({ delay }: FoundLeak): boolean => delay !== undefined && delay <= NIGHTS_H
const daysAt =
  (share: number, kind: TrueLeak['kind']): Statistic =>
  (zones) =>
    quantile(
      leaksOfAll(zones)
        .filter(({ leak }) => leak.kind === kind)
        .map(({ delay }) => (delay === undefined ? undefined : delay / DAY_H)),
      share,
    )
const total = (zones: readonly ZoneResult[], of: (zone: ZoneResult) => number): number =>
  zones.reduce((sum, zone) => sum + of(zone), 0)
const falseAMonth: Statistic = (zones) =>
  total(zones, ({ falseAlarms }) => falseAlarms) / total(zones, ({ months }) => months)
const avoided: Statistic = (zones) => {
  const some = leaksOfAll(zones)
  const [all, before] = [false, true].map((until) => some.reduce((sum, one) => sum + volume(one, until), 0))
  return 100 * (1 - before! / all!)
}
const f1: Statistic = (zones) => {
  const some = leaksOfAll(zones)
  const hits = some.filter(isFound).length
  return f1Of(
    hits,
    some.length - hits,
    total(zones, ({ falseAlarms }) => falseAlarms),
  )
}
const early: Statistic = (zones) => {
  const some = leaksOfAll(zones)
  return (100 * some.reduce((sum, { leak, delay }) => sum + earlyScore(delay, CREDIT(leak)), 0)) / some.length
}

export function judgeDma(data: string, seed: number, runs: number): WorldReport {
  const series = readSeries(data)
  const tell = progress('dma', runs)
  const zones: ZoneResult[] = []
  for (let run = 0; run < runs; run++) {
    zones.push(...series.map((one, i) => judgeZone(one, mix(seed, run, i))))
    tell()
  }
  const row = (what: string, is: Statistic, digits = 1, mustBe = '', holds?: (v: number) => boolean): Requirement => ({
    what,
    is: figure(is(zones), digits),
    interval: between(bootstrap(zones, is, seed), digits),
    mustBe,
    holds: holds?.(is(zones)),
  })
  const leaks = leaksOfAll(zones).length
  const raised = total(zones, ({ alarms }) => alarms.length)
  let random = 0
  for (const [i, { leaks, alarms, span }] of zones.entries())
    random += randomHits(leaks, alarms.length, [leaks[0]?.place ?? ''], span, CREDIT, mix(seed, i))
  const months = total(zones, (zone) => zone.months)
  const plainHits = total(zones, (zone) => zone.plainHits)
  const plainFalse = total(zones, (zone) => zone.plainFalse)
  const rows: Requirement[] = [
    row('leaks found within 3 nights, %', shareOf(isInTime), 1, '≥ 95', (is) => is >= 95),
    row('false alarms per zone-month', falseAMonth, 2, '≤ 0.2', (is) => is <= 0.2),
    row('leaks found at all, %', shareOf(isFound)),
    ...SHARES.map((share) =>
      row(
        `… of ${share * 100} % of inflow`,
        shareOf(isFound, ({ leak }) => leak.share === share),
      ),
    ),
    row('abrupt: median delay, days', daysAt(0.5, 'abrupt')),
    row('abrupt: 90th percentile, days', daysAt(0.9, 'abrupt')),
    row('incipient (grown in 10 days): median delay, days', daysAt(0.5, 'incipient')),
    row('share of the leaked m³ that ran after the alarm, %', avoided),
    row('F1 of alarms, %', f1),
    row('early detection score, %', early),
    control(
      'control, random: found %, F1',
      `${figure((100 * random) / leaks)}, ${figure(f1Of(random, leaks - random, raised - random))}`,
    ),
    control(
      'control, night minimum 20 %: found %, F1, false per zone-month',
      `${figure((100 * plainHits) / leaks)}, ${figure(f1Of(plainHits, leaks - plainHits, plainFalse))}, ${figure(plainFalse / months, 2)}`,
    ),
  ]
  const notes = [
    `${leaks} leaks of 28 days in ${figure(months, 0)} zone-months of real inflow; a real leak that nobody wrote down counts as a false alarm. Intervals: districts drawn again, each with the leaks of one run.`,
  ]
  const falseByZone = series.map(({ name }, i): [string, number] => {
    const own = zones.filter((_, k) => k % series.length === i)
    return [name, falseAMonth(own)]
  })
  return { world: 'dma', seed, rows, notes, detail: { falseAMonth: Object.fromEntries(falseByZone) } }
}

/** What ran in all, or before it was told. */
function volume({ leak, delay }: FoundLeak, before: boolean): number {
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
