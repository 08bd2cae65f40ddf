import type { Random } from '../random.ts'
import { normal, seeded, weighted } from '../random.ts'
import { DAY_MS, HOUR_MS, pour } from './household-use.ts'

/** What goes wrong behind a meter or in it, and the truth about it. Sizes are those of water.md; shares are chosen so that every kind is met often enough to be judged. */

const TROUBLES = ['leak', 'burst', 'reverse', 'tamper', 'stuck'] as const
export type Trouble = (typeof TROUBLES)[number]

/** What is true. It never reaches a detector. */
export interface Truth {
  readonly kind: Trouble
  readonly shape: 'constant' | 'intermittent' | 'growing' | 'once' | 'mute' | 'evident'
  /** ms since the world's beginning. A growing leak begins when it first loses 3 l/h. */
  readonly from: number
  /** Repaired, closed, exchanged: ms since the beginning, or the end of the world. */
  readonly to: number
  /** l/h while it runs; of a growing one the largest. */
  readonly rate: number
  /** When a growing leak passes 12.5 l/h, when a stuck register has lost 100 l; else `from`. ms since the beginning. */
  readonly largeFrom: number
  /** Of an intermittent leak. */
  readonly cycle?: Cycle
}

/** A flapper that seats now and then, a float valve that sticks: mean hours for which it runs and rests; `seed` of each one's own. */
interface Cycle {
  readonly runHours: number
  readonly restHours: number
  readonly seed: number
}

/** l/h. The leaks that water.md asks for, and the limit between its two classes. */
const LEAK_LEAST = 3
const LEAK_MOST = 200
export const LARGE_LEAK = 12.5
/** Share of meters with one trouble each. */
const WITH_TROUBLE = 0.6
/** Of kinds and of a leak's shapes. */
const KIND_WEIGHTS = [60, 14, 8, 6, 12] as const
const SHAPE_WEIGHTS = [70, 15, 15] as const
const SHAPES = ['constant', 'intermittent', 'growing'] as const
/** One leak in ten is there before the meter's first reading. */
const FROM_THE_FIRST_DAY = 0.1

const between = (random: Random, least: number, most: number): number => least + (most - least) * random()
const logBetween = (random: Random, least: number, most: number): number =>
  Math.exp(between(random, Math.log(least), Math.log(most)))

/** Whether the meter can tell that it is tampered with or stuck. */
export interface Abilities {
  readonly q3: number
  readonly flags: boolean
  readonly flow: boolean
}

/** One trouble, or none. A world shorter than ten days leaves no time to find one. */
export function drawTruth(random: Random, days: number, meter: Abilities): Truth | undefined {
  if (random() >= WITH_TROUBLE || days < 10) return undefined
  const kind = TROUBLES[weighted(random, KIND_WEIGHTS)]!
  const end = days * DAY_MS
  const from = between(random, 2 * DAY_MS, end - 8 * DAY_MS)
  switch (kind) {
    case 'leak':
      return drawLeak(random, random() < FROM_THE_FIRST_DAY ? 0 : from, end)
    case 'burst': {
      // Until somebody closes the valve. From 20 % of Q3 to what a service pipe gives.
      const to = Math.min(end, from + logBetween(random, 2.1 * HOUR_MS, 30 * HOUR_MS))
      return { kind, shape: 'once', from, to, rate: meter.q3 * logBetween(random, 0.2, 1.1), largeFrom: from }
    }
    case 'reverse': {
      const to = from + logBetween(random, 0.5 * HOUR_MS, 20 * HOUR_MS)
      return { kind, shape: 'once', from, to, rate: logBetween(random, 25, 400), largeFrom: from }
    }
    case 'tamper':
      // Who has no flag for it cannot say it.
      return meter.flags ? { kind, shape: 'once', from, to: end, rate: 0, largeFrom: from } : undefined
    case 'stuck': {
      const shape = meter.flags || meter.flow ? 'evident' : 'mute'
      return { kind, shape, from, to: end, rate: 0, largeFrom: from }
    }
  }
}

function drawLeak(random: Random, from: number, end: number): Truth {
  const shape = SHAPES[weighted(random, SHAPE_WEIGHTS)]!
  const to = Math.min(end, from + between(random, 8, 40) * DAY_MS)
  if (shape !== 'growing') {
    const rate = logBetween(random, LEAK_LEAST, LEAK_MOST)
    const cycle = shape === 'intermittent' ? { cycle: drawCycle(random) } : {}
    return { kind: 'leak', shape, from, to, rate, largeFrom: from, ...cycle }
  }
  const rate = logBetween(random, LARGE_LEAK * 1.2, LEAK_MOST)
  const share = Math.log(LARGE_LEAK / LEAK_LEAST) / Math.log(rate / LEAK_LEAST)
  return { kind: 'leak', shape, from, to, rate, largeFrom: from + share * growthMs(from, to) }
}

/** A growing leak reaches its size after two thirds of its life. */
const growthMs = (from: number, to: number): number => ((to - from) * 2) / 3

/** h. How long it runs and rests on the mean: two draws, so that it runs for 6 to 94 % of the time. Estimates. */
const CYCLE_LEAST = 0.5
const CYCLE_MOST = 8
/** Spread of one run or rest about its mean, as a factor's logarithm. Estimate: a cistern is flushed by people. */
const CYCLE_SPREAD = 0.4
/** The same of each run's flow: it goes with the root of the pressure, which differs by some per cent between day and night. Estimate. */
const FLOW_SPREAD = 0.03

const drawCycle = (random: Random): Cycle => ({
  runHours: between(random, CYCLE_LEAST, CYCLE_MOST),
  restHours: between(random, CYCLE_LEAST, CYCLE_MOST),
  seed: Math.floor(random() * 2 ** 32),
})

/** When a leak loses how much: from, to (ms since the beginning), l/h. One that grows does so by the hour. */
function* flowsOf({ shape, from, to, rate, cycle }: Truth): Generator<readonly [number, number, number]> {
  if (cycle !== undefined) {
    const random = seeded(cycle.seed)
    const span = (hours: number): number => hours * HOUR_MS * Math.exp(CYCLE_SPREAD * normal(random))
    for (let at = from; at < to; at += span(cycle.restHours)) {
      const end = Math.min(to, at + span(cycle.runHours))
      yield [at, end, rate * Math.exp(FLOW_SPREAD * normal(random))]
      at = end
    }
    return
  }
  for (let at = from; at < to; at += HOUR_MS) {
    const grown = Math.min(1, (at - from) / growthMs(from, to))
    const now = shape === 'growing' ? LEAK_LEAST * Math.exp(grown * Math.log(rate / LEAK_LEAST)) : rate
    yield [at, Math.min(to, at + HOUR_MS), now]
  }
}

/** What of a leak's litres is lost from `at` on. */
export function litresFrom(truth: Truth, at: number): number {
  let litres = 0
  for (const [from, to, rate] of flowsOf(truth)) litres += (rate * Math.max(0, to - Math.max(from, at))) / HOUR_MS
  return litres
}

/** Adds what a leak or a burst draws; of reverse flow, `backwards` holds what runs back. */
export function addTrouble(truth: Truth, slotHours: number, litres: Float64Array, backwards: Float64Array): void {
  const [from, to] = [truth.from / HOUR_MS, truth.to / HOUR_MS]
  if (truth.kind === 'burst') pour(litres, slotHours, from, to, truth.rate)
  else if (truth.kind === 'reverse') {
    // While water runs back into the main nobody can draw any.
    for (let slot = Math.floor(from / slotHours); slot < Math.ceil(to / slotHours); slot++) litres[slot] = 0
    pour(backwards, slotHours, from, to, truth.rate)
  } else if (truth.kind === 'leak')
    for (const [start, end, rate] of flowsOf(truth)) pour(litres, slotHours, start / HOUR_MS, end / HOUR_MS, rate)
}
