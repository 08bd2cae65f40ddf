import { cpuUsage } from 'node:process'
import { Worker } from 'node:worker_threads'
import { mix, type Random, seeded } from '../../simulators/random.ts'
import type { FleetOptions } from '../../simulators/worlds/household-fleet.ts'
import { percentile } from '../percentile.ts'
import { JUDGED_TYPES, type JudgedType, judgeRandom, type PartScore, type RuleScore } from './household-score.ts'
import { poissonInterval } from './poisson-interval.ts'

/** What the whole fleet says: by class of trouble and type of alarm, with intervals, and whether the goals hold. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WITHIN_MS = 7 * DAY_MS
const PER = 1000
const RESAMPLED = 400

export interface HouseholdOptions extends FleetOptions {
  readonly meters: number
  readonly threads: number
}

type Interval = readonly [number, number]

export interface ClassRow {
  readonly class: string
  readonly troubles: number
  /** Beside them: those that nobody could see in the readings that arrived (a burst of which no upload holds an hour, reverse flow that no reading shows). */
  readonly notAsked: number
  readonly recall: number
  readonly recallInterval: Interval
  /** Found with so much data after it began: 24 h after the hour in which it began (and half an hour of wrong clocks), 7 days. */
  readonly within24h: number
  readonly within7d: number
  /** Of bursts: with the first upload that held an hour of it. */
  readonly atOnce: number
  readonly medianDecisionH: number | null
  readonly p90DecisionH: number | null
  readonly medianLatencyH: number | null
  readonly p90LatencyH: number | null
  /** Of leaks: share of the litres that a repair three days after the alarm would have kept. */
  readonly avoided: number | null
}

interface TypeRow {
  readonly type: JudgedType
  readonly right: number
  readonly wrong: number
  readonly wrongPer1000: number
  readonly interval: Interval
  readonly f1: number
}

export interface RuleVerdict {
  readonly classes: readonly ClassRow[]
  readonly types: readonly TypeRow[]
}

interface Requirement {
  readonly what: string
  /** NaN: there was none in this world, so that nothing was asked and nothing falls short. */
  readonly value: number
  readonly limit: string
  readonly ok: boolean
}

export interface HouseholdVerdict {
  readonly options: HouseholdOptions
  readonly rules: Readonly<Record<'hydrant' | 'makers' | 'random', RuleVerdict>>
  readonly mustHold: readonly Requirement[]
  readonly ok: boolean
  readonly readings: number
  readonly stateBytes: number
  readonly wallS: number
  readonly cpuS: number
  readonly worldS: number
  readonly judgeS: number
  readonly readingsPerS: number
}

export async function judgeHousehold(options: HouseholdOptions): Promise<HouseholdVerdict> {
  const start = performance.now()
  const cpu = cpuUsage()
  const parts = await Promise.all(Array.from({ length: options.threads }, (_, i) => part(options, i)))
  const meters = parts.flatMap((one) => one.meters)
  const sum = (of: (one: PartScore) => number): number => parts.reduce((total, one) => total + of(one), 0)
  const random = judgeRandom(meters, options)
  const rules = {
    hydrant: verdictOf(
      meters.map(({ hydrant }) => hydrant),
      options,
    ),
    makers: verdictOf(
      meters.map(({ makers }) => makers),
      options,
    ),
    random: verdictOf(random, options),
  }
  const mustHold = requirements(rules.hydrant)
  const { user, system } = cpuUsage(cpu)
  const readings = sum((one) => one.readings)
  const judgeS = sum((one) => one.judgeMs) / PER
  return {
    options,
    rules,
    mustHold,
    ok: mustHold.every(({ ok }) => ok),
    readings,
    stateBytes: Math.round(sum((one) => one.stateBytes) / parts.length),
    wallS: round((performance.now() - start) / PER, 1),
    cpuS: round((user + system) / 1e6, 1),
    worldS: round(sum((one) => one.worldMs) / PER, 1),
    judgeS: round(judgeS, 1),
    readingsPerS: Math.round(readings / judgeS),
  }
}

function part(options: HouseholdOptions, i: number): Promise<PartScore> {
  const { meters, threads } = options
  const bound = (n: number): number => Math.floor((meters * n) / threads)
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('household-part.ts', import.meta.url), {
      workerData: { options, from: bound(i), to: bound(i + 1) },
    })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

const round = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals

/** How the classes begin that an alarm is to find. */
const CLASSES_OF: Readonly<Record<JudgedType, string>> = {
  leak: 'leak',
  intermittentLeak: 'intermittent leak',
  burst: 'burst',
  reverse: 'reverse',
  tamper: 'tamper',
  stuck: 'stuck',
}

function verdictOf(scores: readonly RuleScore[], options: HouseholdOptions): RuleVerdict {
  const names = [...new Set(scores.flatMap(({ outcome }) => (outcome === undefined ? [] : [outcome.class])))].sort()
  const meterDays = options.meters * options.days
  return {
    classes: names.map((name) => classRow(name, scores, seeded(mix(options.seed, names.indexOf(name))))),
    types: JUDGED_TYPES.map((type): TypeRow => {
      const right = scores.filter((one) => (one.right[type] ?? 0) > 0).length
      const wrong = scores.reduce((sum, one) => sum + (one.wrong[type] ?? 0), 0)
      const missed = scores.filter(
        ({ outcome }) => outcome?.found === false && outcome.class.startsWith(CLASSES_OF[type]),
      ).length
      const [low, high] = poissonInterval(wrong)
      const per = (count: number): number => round((count / meterDays) * PER, 4)
      const f1 = right === 0 ? 0 : round((2 * right) / (2 * right + wrong + missed), 3)
      return { type, right, wrong, wrongPer1000: per(wrong), interval: [per(low), per(high)], f1 }
    }),
  }
}

function classRow(name: string, scores: readonly RuleScore[], random: Random): ClassRow {
  const outcomes = scores.flatMap(({ outcome }) => (outcome?.class === name ? [outcome] : []))
  const found = outcomes.filter((one) => one.found)
  const share = (count: number): number => round(count / outcomes.length, 4)
  const hours = (values: readonly number[], at: number): number | null => {
    const value = percentile(values, at)
    return value === null ? null : round(value / HOUR_MS, 1)
  }
  const within = (ms: number): number => share(found.filter(({ decisionMs }) => decisionMs <= ms).length)
  const litres = outcomes.reduce((sum, one) => sum + one.litres, 0)
  const kept = outcomes.reduce((sum, one) => sum + one.avoided, 0)
  const decision = found.map(({ decisionMs }) => decisionMs)
  const latency = found.map(({ latencyMs }) => latencyMs)
  return {
    class: name,
    troubles: outcomes.length,
    notAsked: scores.filter(({ notAsked }) => notAsked === name).length,
    recall: share(found.length),
    recallInterval: bootstrap(
      outcomes.map((one) => Number(one.found)),
      random,
    ),
    within24h: within(25.5 * HOUR_MS),
    within7d: within(WITHIN_MS),
    atOnce: share(outcomes.filter((one) => one.atOnce).length),
    medianDecisionH: hours(decision, 0.5),
    p90DecisionH: hours(decision, 0.9),
    medianLatencyH: hours(latency, 0.5),
    p90LatencyH: hours(latency, 0.9),
    avoided: litres === 0 ? null : round(kept / litres, 3),
  }
}

/** 95 % interval of a mean, over seeds: every meter is drawn from one of its own (`mix(seed, index)`), so meters are drawn again and again. */
function bootstrap(values: readonly number[], random: Random): Interval {
  const means = Array.from({ length: RESAMPLED }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]!
    return sum / values.length
  }).sort((a, b) => a - b)
  return [round(means[Math.floor(RESAMPLED * 0.025)]!, 4), round(means[Math.ceil(RESAMPLED * 0.975) - 1]!, 4)]
}

/** The goals of the table in water.md. */
function requirements({ classes, types }: RuleVerdict): readonly Requirement[] {
  const of = (name: string, key: 'recall' | 'within24h' | 'within7d' | 'atOnce'): number =>
    (classes.find((row) => row.class === name)?.[key] ?? Number.NaN) * 100
  const wrong = (type: JudgedType): number => types.find((row) => row.type === type)!.wrongPer1000
  const least = (what: string, value: number, limit: number): Requirement => ({
    what,
    value: round(value, 2),
    limit: `≥ ${limit}`,
    ok: Number.isNaN(value) || value >= limit,
  })
  const most = (what: string, value: number, limit: number): Requirement => ({
    what,
    value,
    limit: `≤ ${limit}`,
    ok: value <= limit,
  })
  return [
    least('leaks ≥ 12.5 l/h found with 24 h of data, %', of('leak ≥ 12.5 l/h', 'within24h'), 99),
    least('leaks 3–12.5 l/h found within 7 days, %', of('leak 3–12.5 l/h', 'within7d'), 85),
    most('false leak alarms per 1,000 meter-days', wrong('leak'), 0.05),
    least('bursts ≥ 20 % of Q3 found with the first upload that holds an hour of it, %', of('burst', 'atOnce'), 100),
    least('reverse flow found, %', of('reverse', 'recall'), 100),
    least('tampering found, %', of('tamper', 'recall'), 100),
    least('stuck meters that show it found within 7 days, %', of('stuck', 'within7d'), 100),
    most('false stuck alarms per 1,000 meter-days', wrong('stuck'), 0.02),
  ]
}
