import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NIGHT } from '../../contract/zones.ts'
import { mix } from '../../simulators/random.ts'
import { type CountedLeak, lasts, PATIENCE_DAYS, playNetwork, type ZoneResult } from './network-replay.ts'
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
import { bootstrap, earlyScore, f1Of, quantile, randomHits } from './zone-scoring.ts'

/** Villages on two real networks, their households, wells and inlets metered; the same with every loop left open beside it. */
const FILES = ['networks/L-TOWN.inp', 'networks/RuralNetwork.inp']
const DAY_H = 24
const DAYS = 56
const METERS = 1500
const VILLAGES = 8
const WELLS = 3
const LEAKS_PER_MONTH = 0.8
/** Three whole nights; a leak that begins in the middle of one has its rest of it too. */
const IN_TIME_H = PATIENCE_DAYS * DAY_H + (NIGHT.to - NIGHT.from)
const GOALS = { inTime: 95, falseAMonth: 0.2 }

/** The zones of one world: what a bootstrap draws again. */
type World = readonly ZoneResult[]
type Statistic<T> = (some: readonly T[]) => number

const leaksOf = (worlds: readonly World[]): CountedLeak[] =>
  worlds.flatMap((zones) => zones.flatMap(({ leaks }) => leaks.filter(({ isWhole }) => isWhole)))

const percent = (part: number, of: number): number => (of === 0 ? Number.NaN : (100 * part) / of)
const shareOf =
  (holds: (leak: CountedLeak) => boolean, among: (leak: CountedLeak) => boolean = () => true): Statistic<World> =>
  (worlds) => {
    const leaks = leaksOf(worlds).filter(among)
    return percent(leaks.filter(holds).length, leaks.length)
  }
const isInTime = ({ delay }: CountedLeak): boolean => delay !== undefined && delay <= IN_TIME_H
const isFound = ({ delay }: CountedLeak): boolean => delay !== undefined
const delayAt =
  (share: number): Statistic<World> =>
  (worlds) =>
    quantile(
      leaksOf(worlds).map(({ delay }) => (delay === undefined ? undefined : delay / DAY_H)),
      share,
    )
const sum = (worlds: readonly World[], of: (zone: ZoneResult) => number): number =>
  worlds.flat().reduce((all, zone) => all + of(zone), 0)
const falseAMonth: Statistic<World> = (worlds) =>
  sum(worlds, ({ falseAlarms }) => falseAlarms) / sum(worlds, ({ months }) => months)
const avoided: Statistic<World> = (worlds) => {
  const leaks = leaksOf(worlds)
  return (
    100 -
    percent(
      leaks.reduce((all, { before }) => all + before, 0),
      leaks.reduce((all, one) => all + one.all, 0),
    )
  )
}
const f1: Statistic<World> = (worlds) => {
  const leaks = leaksOf(worlds)
  const hits = leaks.filter(isFound).length
  return f1Of(
    hits,
    leaks.length - hits,
    sum(worlds, ({ falseAlarms }) => falseAlarms),
  )
}
const early: Statistic<World> = (worlds) => {
  const scores = leaksOf(worlds).map((leak) => earlyScore(leak.delay, lasts(leak)))
  return percent(
    scores.reduce((all, one) => all + one, 0),
    scores.length,
  )
}
const hasWells = (leak: CountedLeak): boolean => isFound(leak) && leak.wells > 0
const isPlaced = ({ named, well }: CountedLeak): boolean => named === well
const ranks =
  (most: number) =>
  ({ pressureRank = Number.POSITIVE_INFINITY }: CountedLeak): boolean =>
    pressureRank <= most

async function playWorlds(data: string, seed: number, size: number, looped: boolean): Promise<World[]> {
  const worlds: World[] = []
  const tell = progress(looped ? 'network, loops open' : 'network', size * FILES.length)
  for (let run = 0; run < size; run++)
    for (const [i, file] of FILES.entries()) {
      worlds.push(
        await playNetwork(readFileSync(join(data, file), 'utf8'), {
          seed: mix(seed, run, i),
          days: DAYS,
          meters: METERS,
          villages: VILLAGES,
          wells: looped ? 0 : WELLS,
          looped,
          leaksPerMonth: LEAKS_PER_MONTH,
        }),
      )
      tell()
    }
  return worlds
}

export async function judgeNetwork(data: string, seed: number, size: number): Promise<WorldReport> {
  const worlds = await playWorlds(data, seed, size, false)
  const looped = await playWorlds(data, seed, Math.ceil(size / 4), true)
  const row = (
    what: string,
    is: Statistic<World>,
    digits = 1,
    mustBe = '',
    holds?: (value: number) => boolean,
    of = worlds,
  ): Requirement => ({
    what,
    is: figure(is(of), digits),
    interval: between(bootstrap(of, is, seed), digits),
    mustBe,
    holds: holds?.(is(of)),
  })
  const all = sum(worlds, ({ leaks }) => leaks.length)
  const months = sum(worlds, (zone) => zone.months)
  const latency = quantile(
    worlds.flat().flatMap(({ latencies }) => latencies),
    0.5,
  )
  let random = 0
  for (const [i, { leaks, alarms, span, zone }] of worlds.flat().entries())
    if (leaks.length > 0) random += randomHits(leaks, alarms.length, [zone], span, lasts, mix(seed, i))
  const raised = sum(worlds, ({ alarms }) => alarms.length)
  const plainHits = sum(worlds, ({ plain }) => plain.hits)
  const plainFalse = sum(worlds, ({ plain }) => plain.falseAlarms)
  const rows: Requirement[] = [
    row(
      'leaks ≥ 3 % of inflow or ≥ 0.3 m³/h found within 3 nights, %',
      shareOf(isInTime),
      1,
      `≥ ${GOALS.inTime}`,
      (is) => is >= GOALS.inTime,
    ),
    row('false alarms per zone-month', falseAMonth, 2, `≤ ${GOALS.falseAMonth}`, (is) => is <= GOALS.falseAMonth),
    row('found at all, %', shareOf(isFound)),
    row(
      '… within 3 nights, below 0.3 m³/h at most',
      shareOf(isInTime, ({ m3h }) => m3h < 0.3),
    ),
    row(
      '… within 3 nights, 0.3–1 m³/h',
      shareOf(isInTime, ({ m3h }) => m3h >= 0.3 && m3h < 1),
    ),
    row(
      '… within 3 nights, from 1 m³/h',
      shareOf(isInTime, ({ m3h }) => m3h >= 1),
    ),
    row('median delay from that size, days', delayAt(0.5)),
    row('90th percentile, days', delayAt(0.9)),
    control('data latency apart: from the end of a night to its judgement, h', figure(latency)),
    row('share of the leaked m³ that ran after the alarm, %', avoided),
    row('F1 of alarms, %', f1),
    row('early detection score, %', early),
    row('right well, or rightly the street, named a night later, %', shareOf(isPlaced, hasWells)),
    row(
      '… of leaks behind a well',
      shareOf(isPlaced, (leak) => hasWells(leak) && leak.well !== undefined),
    ),
    row('by pressure alone: the right zone of nine first, %', shareOf(ranks(1), isFound)),
    row('… among the first three', shareOf(ranks(3), isFound)),
    control(
      'nights without judgement, %',
      figure(
        percent(
          sum(worlds, ({ notJudged }) => notJudged),
          sum(worlds, ({ nights }) => nights),
        ),
      ),
    ),
    control(
      'control, random: found %, F1',
      `${figure(percent(random, all))}, ${figure(f1Of(random, all - random, raised - random))}`,
    ),
    control(
      'control, night inflow 20 %: found %, F1, false per zone-month',
      `${figure(percent(plainHits, all))}, ${figure(f1Of(plainHits, all - plainHits, plainFalse))}, ${figure(plainFalse / months, 2)}`,
    ),
    row(
      'loops left open, up to 17 bulk meters a village: found within 3 nights, %',
      shareOf(isInTime),
      1,
      '',
      undefined,
      looped,
    ),
    row('… false alarms per zone-month', falseAMonth, 2, '', undefined, looped),
  ]
  const leaks = leaksOf(worlds)
  const notes = [
    `${leaks.length} leaks in ${figure(months, 0)} zone-months: ${size} times two networks, each of ${DAYS} days, ${METERS} household meters, ${VILLAGES} villages with one inlet each and the mains that feed them. A finding names its zone; an alarm in the wrong one is false. Data latency: uploads arrive 1 to 7 h after midnight, judged at noon. Delays count from the hour in which a leak is large enough to the end of the night that shows it. Intervals: worlds drawn again, each with all its leaks; loops left open: ${looped.length} worlds.`,
  ]
  const misses = leaks
    .filter((leak) => !isInTime(leak))
    .map(({ place, kind, m3h, delay }) => ({ place, kind, m3h, delay }))
  return { world: 'network', seed, rows, notes, detail: { misses } }
}

export async function run(args: readonly string[]): Promise<number> {
  const options = readWorldOptions('network', args, { size: 4, sizeIs: 'times both networks are played', needs: FILES })
  if (typeof options === 'number') return options
  return printReport(await judgeNetwork(options.data, options.seed, options.size), options.json)
}
