import { mix, type Random, seeded } from '../../simulators/random.ts'
import { type AloneHome, aloneHome } from '../../simulators/worlds/alone.ts'
import { WORLD_START } from '../../simulators/worlds/household-fleet.ts'
import { percentile } from '../percentile.ts'
import { type Call, plainRule, replayHome } from './care-replay.ts'
import { poissonInterval } from './poisson-interval.ts'

/** What the watch over people who live alone is worth: found, how soon, and how often somebody is sent for nothing. */

export interface CareOptions {
  readonly seed: number
  readonly homes: number
  readonly days: number
  /** As many worlds, of seeds one after the other: the interval over them. */
  readonly worlds: number
}

interface RuleRow {
  readonly rule: string
  readonly ill: number
  readonly illFound: number
  /** Ill, but less than a day of their registers had come in time: nobody could tell. */
  readonly notAsked: number
  readonly illInterval: readonly [number, number]
  readonly falls: number
  readonly fallsFound: number
  readonly medianDataH: number | null
  readonly p90DataH: number | null
  readonly medianArrivalH: number | null
  /** False no-use alarms of the city's severity, per 100 homes and month. */
  readonly false: number
  readonly falseInterval: readonly [number, number]
  /** The same, by world: least and most. */
  readonly falseOverSeeds: readonly [number, number]
  readonly falseUntold: number
  readonly falseLonger: number
  readonly falseHome: number
  readonly falseOver: number
  /** Softer findings per 100 homes and month. */
  readonly soft: number
}

export interface CareVerdict {
  readonly options: CareOptions
  readonly rules: readonly RuleRow[]
  readonly mustHold: readonly {
    readonly what: string
    readonly value: number
    readonly limit: string
    readonly ok: boolean
  }[]
  readonly ok: boolean
  readonly wallS: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MONTH_DAYS = 30
/** After it is over an alarm of the last upload may still come. ms */
const AFTER_MS = 2 * DAY_MS
const RESAMPLED = 400
const PER_HOMES = 100

interface Judged {
  readonly trouble: AloneHome['trouble']
  readonly found: boolean
  /** Registers of more than a day of it had come in time; else it is nobody's to find. */
  readonly held: boolean
  readonly dataH: number
  readonly arrivalH: number
  readonly untold: number
  readonly longer: number
  readonly home: number
  readonly over: number
  readonly soft: number
}

/** Which trouble a call of the city's rule is about. A fall may be found by either: afterwards nothing runs. */
function judgeCalls({ trouble, absences, uploads }: AloneHome, calls: readonly Call[]): Judged {
  const sums = { untold: 0, longer: 0, home: 0, over: 0, soft: 0 }
  let first: Call | undefined
  for (const call of calls) {
    const now = call.at - WORLD_START
    const about = trouble !== undefined && now >= trouble.from && now <= trouble.to + AFTER_MS
    if (call.severity !== 'MAJOR') {
      if (!about) sums.soft += 1
      continue
    }
    if (about) {
      if (trouble.kind === 'ill' ? call.type === 'noUse' : call.type === 'overUse') first ??= call
      continue
    }
    if (call.type === 'overUse') sums.over += 1
    else {
      const gone = absences.find((one) => now >= one.from && now <= one.to + DAY_MS)
      if (gone === undefined) sums.home += 1
      else if (gone.toldAt === undefined) sums.untold += 1
      else sums.longer += 1
    }
  }
  const began = WORLD_START + (trouble?.from ?? 0)
  return {
    trouble,
    found: first !== undefined,
    held: first !== undefined || (trouble !== undefined && isHeld(uploads, trouble)),
    dataH: first === undefined ? 0 : Math.max(0, first.decidedAt - began) / HOUR_MS,
    arrivalH: first === undefined ? 0 : (first.arrivedAt - began) / HOUR_MS,
    ...sums,
  }
}

/** A day, and the hour by which hourly readings may begin later and end earlier. ms */
const HELD_MS = DAY_MS + 2 * HOUR_MS

function isHeld(uploads: AloneHome['uploads'], { from, to }: { readonly from: number; readonly to: number }): boolean {
  const times = uploads
    .filter(({ arrivedAt }) => arrivedAt <= WORLD_START + to + AFTER_MS)
    .flatMap(({ payload }) => {
      const { ts, step, values } = JSON.parse(payload) as {
        ts: number
        step: number
        values: { volume: readonly (number | null)[] }
      }
      return values.volume.flatMap((m3, i) => (m3 === null ? [] : [ts + i * step - WORLD_START]))
    })
    .filter((at) => at >= from && at <= to)
  return times.length > 0 && Math.max(...times) - Math.min(...times) >= HELD_MS
}

export function judgeCare(options: CareOptions): CareVerdict {
  const start = performance.now()
  const rows: Record<'hydrant' | 'plain' | 'without' | 'random', Judged[][]> = {
    hydrant: [],
    without: [],
    plain: [],
    random: [],
  }
  for (let world = 0; world < options.worlds; world++) {
    const seed = options.seed + world
    const homes = Array.from({ length: options.homes }, (_, i) => aloneHome(i, { seed, days: options.days }))
    const calls = homes.map((home) => replayHome(home, true))
    const by = (of: (home: AloneHome, i: number) => readonly Call[]): Judged[] =>
      homes.map((home, i) => judgeCalls(home, of(home, i)))
    rows.hydrant.push(by((_, i) => calls[i]!))
    rows.without.push(by((home) => replayHome(home, false)))
    rows.plain.push(by((home) => plainRule(home)))
    const drawn = randomCalls(calls, options, seed)
    rows.random.push(by((_, i) => drawn[i]!))
  }
  const named = [
    ['Hydrant', rows.hydrant],
    ['the same, nobody tells or answers', rows.without],
    ['plain threshold', rows.plain],
    ['random alarms', rows.random],
  ] as const
  const rules = named.map(([rule, worlds], i) => rowOf(rule, worlds, options, seeded(mix(options.seed, i))))
  const hydrant = rules[0]!
  const recall = hydrant.ill === 0 ? Number.NaN : round((hydrant.illFound / hydrant.ill) * 100, 2)
  const mustHold = [
    {
      what: 'old person ill, no use, with a day of data: found, %',
      value: recall,
      limit: '100',
      ok: hydrant.ill === 0 || recall === 100,
    },
    {
      what: 'false no-use alarms per 100 homes and month, with the away state',
      value: hydrant.false,
      limit: '≤ 2',
      ok: hydrant.false <= 2,
    },
  ]
  return {
    options,
    rules,
    mustHold,
    ok: mustHold.every(({ ok }) => ok),
    wallS: round((performance.now() - start) / 1000, 1),
  }
}

/** As many calls of each kind as were made, at any home and any time. */
function randomCalls(calls: readonly (readonly Call[])[], { homes, days }: CareOptions, seed: number): Call[][] {
  const random = seeded(mix(seed, homes, days))
  const drawn: Call[][] = calls.map(() => [])
  for (const call of calls.flat()) {
    const at = WORLD_START + random() * days * DAY_MS
    drawn[Math.floor(random() * homes)]!.push({ ...call, at, decidedAt: at, since: at, arrivedAt: at })
  }
  return drawn
}

function rowOf(rule: string, worlds: readonly (readonly Judged[])[], options: CareOptions, random: Random): RuleRow {
  const all = worlds.flat()
  const months = (all.length * options.days) / MONTH_DAYS / PER_HOMES
  const sum = (of: (one: Judged) => number): number => all.reduce((total, one) => total + of(one), 0)
  const wrong = (one: Judged): number => one.untold + one.longer + one.home
  const per = (count: number): number => round(count / months, 2)
  const ill = all.filter(({ trouble, held }) => trouble?.kind === 'ill' && held)
  const falls = all.filter(({ trouble }) => trouble?.kind === 'fall')
  const found = ill.filter((one) => one.found)
  const [low, high] = poissonInterval(sum(wrong))
  const byWorld = worlds.map((world) => per(world.reduce((total, one) => total + wrong(one), 0) * worlds.length))
  return {
    rule,
    ill: ill.length,
    illFound: found.length,
    notAsked: all.filter(({ trouble, held }) => trouble?.kind === 'ill' && !held).length,
    illInterval: bootstrap(
      ill.map((one) => Number(one.found)),
      random,
    ),
    falls: falls.length,
    fallsFound: falls.filter((one) => one.found).length,
    medianDataH: percentile(
      found.map(({ dataH }) => dataH),
      0.5,
    ),
    p90DataH: percentile(
      found.map(({ dataH }) => dataH),
      0.9,
    ),
    medianArrivalH: percentile(
      found.map(({ arrivalH }) => arrivalH),
      0.5,
    ),
    false: per(sum(wrong)),
    falseInterval: [per(low), per(high)],
    falseOverSeeds: [Math.min(...byWorld), Math.max(...byWorld)],
    falseUntold: per(sum(({ untold }) => untold)),
    falseLonger: per(sum(({ longer }) => longer)),
    falseHome: per(sum(({ home }) => home)),
    falseOver: per(sum(({ over }) => over)),
    soft: per(sum(({ soft }) => soft)),
  }
}

const round = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals

/** 95 % interval of a mean, by drawing the same number of homes again and again. */
function bootstrap(values: readonly number[], random: Random): readonly [number, number] {
  if (values.length === 0) return [Number.NaN, Number.NaN]
  const means = Array.from({ length: RESAMPLED }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]!
    return sum / values.length
  }).sort((a, b) => a - b)
  return [round(means[Math.floor(RESAMPLED * 0.025)]!, 3), round(means[Math.ceil(RESAMPLED * 0.975) - 1]!, 3)]
}
