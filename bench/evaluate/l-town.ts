import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INFLOW_LIMITS, newInflow, watchInflow } from '../../ingest/zones/inflow-watch.ts'
import { HOUR_MS } from '../../ingest/zones/tape.ts'
import {
  between,
  control,
  figure,
  printReport,
  type Requirement,
  readWorldOptions,
  type WorldReport,
} from './zone-report.ts'
import { type Alarm, bootstrap, earlyScore, f1Of, quantile, randomHits, score, type TrueLeak } from './zone-scoring.ts'

/**
 * L-Town's real inflow of half a year with its official leaks. The pump fills the tank of area C: what it takes is no loss of
 * the rest, and is all that is known of C. So there are two places, `AB` (both inlets less the pump) and `C` (the pump).
 */
const FLOWS = 'battledim/flows-2019h1.csv'
const LEAKS = 'battledim/leaks-2019h1.json'
const DAY_H = 24
/** Time that an alarm is credited for after the start: seven days of an abrupt leak, thirty of one that grows. */
const CREDIT_H = { abrupt: 7 * DAY_H, incipient: 30 * DAY_H }
/** Pipes behind the tank, by the network's own description. */
const AREA_C: readonly string[] = ['p257', 'p277', 'p280', 'p31']
const PLACES = ['AB', 'C']
const HALF_YEARS = 2

interface HourOfInflow {
  readonly hour: number
  readonly ab: number
  readonly pump: number
}

const hourOf = (time: string): number => Date.parse(`${time.replace(' ', 'T')}:00Z`) / HOUR_MS

function readInflow(data: string): HourOfInflow[] {
  const rows = readFileSync(join(data, FLOWS), 'utf8').trim().split('\n').slice(1)
  const hours = Map.groupBy(
    rows.map((row) => row.split(',')),
    ([time]) => Math.floor(hourOf(time!)),
  )
  return [...hours].map(([hour, parts]) => {
    const mean = (of: (row: string[]) => number): number => parts.reduce((sum, row) => sum + of(row), 0) / parts.length
    return {
      hour,
      ab: mean(([, a, b, pump]) => Number(a) + Number(b) - Number(pump)),
      pump: mean((row) => Number(row[3])),
    }
  })
}

interface OfficialLeak extends TrueLeak {
  readonly id: string
  /** Hours since 1970: it runs with `m3h` from here on, and has grown evenly until then; the end of the record where that lies beyond. */
  readonly peak: number
}

interface LeakRow {
  readonly id: string
  readonly start: string
  readonly end: string | null
  readonly type: 'abrupt' | 'incipient'
  readonly peakTime: string | null
  readonly peak_m3h: number
}

/** Leaks that began before the record have no beginning in it, and are none of a change detector's. */
function readLeaks(data: string, from: number, to: number): OfficialLeak[] {
  const rows: LeakRow[] = JSON.parse(readFileSync(join(data, LEAKS), 'utf8'))
  return rows
    .map(({ id, start, end, type, peakTime, peak_m3h }) => ({
      id,
      place: AREA_C.includes(id) ? 'C' : 'AB',
      start: hourOf(start),
      end: end === null ? to : hourOf(end),
      kind: type,
      peak: peakTime !== null ? hourOf(peakTime) : type === 'abrupt' ? hourOf(start) : to,
      m3h: peak_m3h,
    }))
    .filter(({ start }) => start >= from)
}

interface Told extends Alarm {
  readonly kind: string
  readonly m3h: number
}

/** By the judge that runs live; an alarm is decided when its hour is over. */
function watchBoth(hours: readonly HourOfInflow[]): Told[] {
  const watched = [
    { place: 'AB', state: newInflow(INFLOW_LIMITS.windows.length), flow: ({ ab }: HourOfInflow) => ab },
    { place: 'C', state: newInflow(INFLOW_LIMITS.windows.length), flow: ({ pump }: HourOfInflow) => pump },
  ]
  return hours.flatMap((of) =>
    watched.flatMap(({ place, state, flow }): Told[] => {
      const found = watchInflow(state, of.hour, flow(of), INFLOW_LIMITS)
      if (found?.type !== 'rise' && found?.type !== 'growth') return []
      return [{ place, at: of.hour + 1, kind: found.type, m3h: found.newM3h }]
    }),
  )
}

/** The control: a night minimum that is 20 % above the lowest of the ten nights before. */
function plainThreshold(hours: readonly HourOfInflow[]): Alarm[] {
  const alarms: Alarm[] = []
  const days = [...Map.groupBy(hours, ({ hour }) => Math.floor(hour / DAY_H))]
  for (const place of PLACES) {
    const kept: number[] = []
    let above = false
    for (const [day, parts] of days) {
      const least =
        place === 'AB'
          ? Math.min(...parts.map(({ ab }) => ab))
          : parts.reduce((sum, { pump }) => sum + pump, 0) / parts.length
      const now = kept.length >= 10 && least > 1.2 * Math.min(...kept)
      if (now && !above) alarms.push({ place, at: (day + 1) * DAY_H })
      above = now
      if (!now) kept.push(least)
      if (kept.length > 10) kept.shift()
    }
  }
  return alarms
}

export function judgeLTown(data: string, seed: number): WorldReport {
  const hours = readInflow(data)
  const span: readonly [number, number] = [hours[0]!.hour, hours.at(-1)!.hour + 1]
  const leaks = readLeaks(data, ...span)
  const credit = ({ kind }: TrueLeak): number => CREDIT_H[kind]
  const told = watchBoth(hours)
  const result = score(leaks, told, credit)
  const random = randomHits(leaks, told.length, PLACES, span, credit, seed)
  const plainAlarms = plainThreshold(hours)
  const plain = score(leaks, plainAlarms, credit)
  const delaysOf = (kind: TrueLeak['kind']): (number | undefined)[] =>
    result.delays.filter((_, i) => leaks[i]!.kind === kind)
  const abrupt = delaysOf('abrupt')
  const incipient = delaysOf('incipient').map((delay) => (delay === undefined ? undefined : delay / DAY_H))
  const median = (values: readonly (number | undefined)[]): number => quantile(values, 0.5)
  const falseAYear = result.falseAlarms * HALF_YEARS
  const each = leaks.map((leak, i) => ({ leak, delay: result.delays[i] }))
  type Each = (typeof each)[number]
  const avoided = (some: readonly Each[]): number => {
    const all = some.reduce((sum, { leak }) => sum + ran(leak, leak.end), 0)
    const before = some.reduce(
      (sum, { leak, delay }) => sum + ran(leak, Math.min(leak.end, leak.start + (delay ?? Number.POSITIVE_INFINITY))),
      0,
    )
    return 100 * (1 - before / all)
  }
  const early = (some: readonly Each[]): number =>
    (100 * some.reduce((sum, { leak, delay }) => sum + earlyScore(delay, leak.end - leak.start), 0)) / some.length
  const resampled = (what: string, is: (some: readonly Each[]) => number): Requirement => ({
    ...control(what, figure(is(each))),
    interval: between(bootstrap(each, is, seed)),
  })
  const f1 = (hits: number, raised: number): string => figure(f1Of(hits, result.of - hits, raised - hits))
  const rows: Requirement[] = [
    row('abrupt leaks: median delay, h', median(abrupt), bootstrap(abrupt, median, seed), '≤ 6', (is) => is <= 6),
    row(
      'incipient leaks: median delay, days',
      median(incipient),
      bootstrap(incipient, median, seed),
      '≤ 10',
      (is) => is <= 10,
    ),
    row('false alarms a year', falseAYear, undefined, '≤ 6', (is) => is <= 6),
    row('hits above random', result.hits - random, undefined, '≥ 4', (is) => is >= 4),
    control('leaks found in their area', `${result.hits} of ${result.of}`),
    resampled('share of the leaked m³ that ran after the alarm, %', avoided),
    resampled('early detection score, %', early),
    control('F1 of alarms, %', f1(result.hits, result.hits + result.falseAlarms)),
    control(`control, random: hits of ${told.length} alarms, F1`, `${figure(random)}, ${f1(random, told.length)}`),
    control(
      'control, night minimum 20 %: hits, alarms, F1, false a year',
      `${plain.hits}, ${plainAlarms.length}, ${f1(plain.hits, plain.hits + plain.falseAlarms)}, ${plain.falseAlarms * HALF_YEARS}`,
    ),
  ]
  const words = leaks.map(
    ({ id, place, kind, m3h }, i) =>
      `${id} (${place}, ${kind}, ${m3h} m³/h) ${result.delays[i] === undefined ? 'missed' : `${figure(result.delays[i])} h`}`,
  )
  const notes = [
    `Leak by leak: ${words.join('; ')}.`,
    'Only inflow is measured here, so a leak can be placed in area AB or behind the tank (C), not on a pipe. There is one half year: intervals draw its leaks again.',
  ]
  return { world: 'l-town', seed, rows, notes, detail: { told, leaks: words } }
}

function row(
  what: string,
  is: number,
  interval: readonly [number, number] | undefined,
  mustBe: string,
  holds: (is: number) => boolean,
): Requirement {
  return { what, is: figure(is), interval: interval === undefined ? '' : between(interval), mustBe, holds: holds(is) }
}

/** m³ that ran from its start to this hour. */
function ran({ start, peak, m3h }: OfficialLeak, until: number): number {
  const [grows, hours] = [Math.max(0, peak - start), until - start]
  const growing = Math.min(hours, grows)
  return m3h * ((grows === 0 ? 0 : growing ** 2 / (2 * grows)) + hours - growing)
}

export async function run(args: readonly string[]): Promise<number> {
  const options = readWorldOptions('l-town', args, { size: 1, sizeIs: 'has no meaning here', needs: [FLOWS, LEAKS] })
  if (typeof options === 'number') return options
  return printReport(judgeLTown(options.data, options.seed), options.json)
}
