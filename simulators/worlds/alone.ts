import { mix, normal, poisson, type Random, seeded, weighted } from '../random.ts'
import { END_USE_FACTS } from './household.ts'
import { WORLD_START } from './household-fleet.ts'
import { DAY_MS, HOUR_MS, pour } from './household-use.ts'

/**
 * Homes of one old person each, as their water meter sees them: what they draw, their visits and absences, whether the
 * absence was told, and what happens to some of them. Sizes of uses are those measured in `household.ts`; the ways of old
 * people, absences and troubles are estimates, named as such. `truth` never reaches a detector.
 */

export interface AloneOptions {
  readonly seed: number
  readonly days: number
}

/** ms since the world's beginning. */
interface Span {
  readonly from: number
  readonly to: number
}

export interface Absence extends Span {
  /** When somebody told it; undefined: nobody did. */
  readonly toldAt: number | undefined
  /** What was said: until then; null: until water runs again. */
  readonly until: number | null
  /** Asked after, when they were to be back: they say that it takes longer. */
  readonly answersOverdue: boolean
}

/** `ill`: draws nothing, or sips. `fall`: lies beside a running tap. */
interface Trouble extends Span {
  readonly kind: 'ill' | 'fall'
  /** l of a fall; l a day of who is ill. */
  readonly litres: number
}

export interface AloneHome {
  readonly id: string
  readonly model: string
  readonly resolutionL: number
  readonly uploads: readonly { readonly arrivedAt: number; readonly payload: string }[]
  readonly absences: readonly Absence[]
  readonly trouble: Trouble | undefined
}

const HOURS = 24
const QUARTER_H = 0.25
const LITRES_PER_M3 = 1000
const MINUTES = 60

/** Twice a year to a daughter for some days; seven of a hundred tell nobody. Estimates. */
const STAYS_A_YEAR = 2
const UNTOLD = 0.07
const OPEN_END = 0.4
const STAYS_LONGER = 0.1
const ANSWERS_OVERDUE = 0.8
/** Homes with a cistern or tap that runs on, l/h. Estimates. */
const RUNS_ON = 0.08
const RUNS_ON_LPH = [0.5, 6] as const
/** Share of homes with one trouble in a world: chosen so that there are enough of them to be judged. */
const WITH_TROUBLE = 0.5
const KINDS = ['ill', 'fall'] as const
const KIND_WEIGHTS = [65, 35] as const
/** Who is ill in bed may still sip. */
const SIPS = 0.3
/** Meters of ten litres and of one (as in the household world: a quarter). */
const COARSE = 0.25
const QUARTERLY = 0.3
/** International Continence Society: up to seven times by day. Once in so many hours, and a spread of half of it. */
const TOILET_HOURS = [2.2, 3.6] as const
const EXPONENTIALS = 4
/** Visits of the family in a month, of a day or two, with three times the water. Estimate. */
const VISITS_A_MONTH = 2
const VISITORS_TIMES = 2
const SPREADS_KEPT = 2.2

const between = (random: Random, [least, most]: readonly [number, number]): number => least + (most - least) * random()

export function aloneHome(index: number, { seed, days }: AloneOptions): AloneHome {
  const random = seeded(mix(seed, index, 32))
  const resolutionL = random() < COARSE ? 10 : 1
  const stepH = random() < QUARTERLY ? QUARTER_H : 1
  const absences = drawAbsences(random, days)
  const trouble = drawTrouble(random, days, absences)
  const litres = new Float64Array((days * HOURS) / QUARTER_H)
  drawLife(random, days, litres)
  for (const { from, to } of absences) empty(litres, from, to)
  if (trouble !== undefined) befall(random, trouble, litres)
  if (random() < RUNS_ON) pour(litres, QUARTER_H, 0, days * HOURS, between(random, RUNS_ON_LPH))
  return {
    id: `alone-${index}`,
    model: resolutionL === 1 ? 'NB-IoT DN15' : 'NB-IoT DN15 dry 10 l',
    resolutionL,
    uploads: deliver(random, litres, days, stepH, resolutionL),
    absences,
    trouble,
  }
}

function drawAbsences(random: Random, days: number): readonly Absence[] {
  const absences: Absence[] = []
  let day = (-Math.log(1 - random()) * 365) / STAYS_A_YEAR
  while (day < days - 1) {
    const from = (Math.floor(day) + 0.3 + 0.35 * random()) * DAY_MS
    // Median four days.
    const to = from + Math.exp(Math.log(4) + 0.7 * normal(random)) * DAY_MS
    const longer = random() < STAYS_LONGER
    const open = random() < OPEN_END
    absences.push({
      from,
      to: to + (longer ? (1 + 2 * random()) * DAY_MS : 0),
      // Before they go, or some hours after.
      toldAt: random() < UNTOLD ? undefined : from + (16 * random() - 12) * HOUR_MS,
      until: open ? null : to + 12 * HOUR_MS * random(),
      answersOverdue: random() < ANSWERS_OVERDUE,
    })
    day = to / DAY_MS + 2 + (-Math.log(1 - random()) * 365) / STAYS_A_YEAR
  }
  return absences
}

/** Not while they are away, and not before the first week, in which nothing is known yet. */
function drawTrouble(random: Random, days: number, absences: readonly Absence[]): Trouble | undefined {
  if (random() >= WITH_TROUBLE) return undefined
  const kind = KINDS[weighted(random, KIND_WEIGHTS)]!
  const from = (7 + (days - 14) * random()) * DAY_MS
  const hours = kind === 'ill' ? 34 + 86 * random() : 3 + 15 * random()
  const to = from + hours * HOUR_MS
  if (absences.some((away) => away.from - 3 * DAY_MS < to && away.to + 3 * DAY_MS > from)) return undefined
  // A tap: 4 to 9 l/min.
  const litres = kind === 'fall' ? hours * MINUTES * (4 + 5 * random()) : random() < SIPS ? 1 + 6 * random() : 0
  return { kind, from, to, litres }
}

/** What they draw when nothing happens. */
function drawLife(random: Random, days: number, litres: Float64Array): void {
  const up = 5.5 + 1.5 * random()
  const bed = 20 + 2 * random()
  const everyHours = between(random, TOILET_HOURS)
  const nights = 0.3 + 1.4 * random()
  const taps = END_USE_FACTS.faucet.perPersonAndDay * Math.exp(0.25 * normal(random))
  const bathDays = new Set([0, 1, 2, 3, 4, 5, 6].filter(() => random() < 0.35))
  const bathHour = up + 1 + (bed - up - 2) * random()
  for (let day = 0; day < days; day++) {
    const times = random() < VISITS_A_MONTH / 30 ? 1 + VISITORS_TIMES * random() : 1
    const rise = up + 0.4 * normal(random)
    const sleep = bed + 0.4 * normal(random)
    const draw = (use: keyof typeof END_USE_FACTS, hour: number): void =>
      drawOne(random, litres, day * HOURS + hour, use)
    for (let hour = rise; hour < sleep; hour += wait(random, everyHours / times)) draw('toilet', hour)
    for (let i = poisson(random, nights); i > 0; i--) draw('toilet', sleep + (HOURS - sleep + rise) * random())
    for (let i = poisson(random, taps * times); i > 0; i--) draw('faucet', rise + (sleep - rise) * random())
    if (bathDays.has(day % 7) && random() < 0.93) draw('shower', bathHour + 0.5 * normal(random))
    if (random() < 0.2) draw('washer', rise + 1 + 4 * random())
  }
}

/** Regular, not random: four exponentials make a spread of half the mean. */
function wait(random: Random, hours: number): number {
  let sum = 0
  for (let i = 0; i < EXPONENTIALS; i++) sum -= Math.log(1 - random())
  return (sum / EXPONENTIALS) * hours
}

function drawOne(random: Random, litres: Float64Array, at: number, use: keyof typeof END_USE_FACTS): void {
  const facts = END_USE_FACTS[use]
  const bounded = (): number => Math.max(-SPREADS_KEPT, Math.min(SPREADS_KEPT, normal(random)))
  const volume = facts.medianLitres * Math.exp(facts.logSpread * bounded())
  const rate = facts.medianFlow * Math.exp(facts.flowLogSpread * bounded()) * MINUTES
  pour(litres, QUARTER_H, at, at + volume / rate, rate)
}

function empty(litres: Float64Array, from: number, to: number): void {
  const slot = (at: number): number => Math.ceil(at / (QUARTER_H * HOUR_MS))
  litres.fill(0, Math.min(litres.length, slot(from)), Math.min(litres.length, slot(to)))
}

function befall(random: Random, { kind, from, to, litres: amount }: Trouble, litres: Float64Array): void {
  empty(litres, from, to)
  if (kind === 'fall') {
    const hours = (to - from) / HOUR_MS
    pour(litres, QUARTER_H, from / HOUR_MS, to / HOUR_MS, amount / hours)
    return
  }
  for (let day = from; day < to; day += DAY_MS)
    if (amount > 0) {
      const hour = Math.min(day + DAY_MS * random(), to - HOUR_MS) / HOUR_MS
      pour(litres, QUARTER_H, hour, hour + 0.05, amount / 0.05)
    }
}

/** As in the household world: readings lost, uploads lost, twice, late; clocks wrong. Estimates. */
const MISSING = [0.02, 0.1] as const
const LOST = 0.01
const TWICE = 0.03
const LATE = 0.02
const LATE_DAYS = 3
const SKEWED = 0.1
const SKEW_MS = 25 * 60_000

function deliver(
  random: Random,
  litres: Float64Array,
  days: number,
  stepH: number,
  resolutionL: number,
): AloneHome['uploads'] {
  const missing = between(random, MISSING)
  const skew = random() < SKEWED ? Math.round((2 * random() - 1) * SKEW_MS) : 0
  const minute = 60_000 * Math.floor(5 + 290 * random())
  const slots = HOURS / stepH
  const perStep = stepH / QUARTER_H
  const uploads: { readonly arrivedAt: number; readonly payload: string }[] = []
  let register = 40_000 + 500_000 * random()
  for (let day = 0; day < days; day++) {
    const volume: (number | null)[] = []
    for (let slot = 0; slot < slots; slot++) {
      for (let i = 0; i < perStep; i++) register += litres[(day * slots + slot) * perStep + i]!
      const shown = Math.floor(register / resolutionL + 1e-9) * resolutionL
      volume.push(random() < missing ? null : shown / LITRES_PER_M3)
    }
    const [lost, late, again] = [random() < LOST, random() < LATE, random() < TWICE]
    const delay = late ? DAY_MS * (1 + Math.floor(random() * LATE_DAYS)) : 0
    const arrivedAt = WORLD_START + (day + 1) * DAY_MS + minute + delay + Math.floor(random() * 60_000)
    if (lost) continue
    const step = stepH * HOUR_MS
    const payload = JSON.stringify({ ts: WORLD_START + day * DAY_MS + step + skew, step, values: { volume } })
    uploads.push({ arrivedAt, payload })
    if (again) uploads.push({ arrivedAt: arrivedAt + 30_000 + Math.floor(random() * DAY_MS), payload })
  }
  return uploads.sort((a, b) => a.arrivedAt - b.arrivedAt)
}
