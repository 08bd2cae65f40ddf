import { normal, poisson, type Random, seeded, weighted } from '../random.ts'
import { END_USE_FACTS, END_USES, HOUSEHOLD_SIZES } from './household.ts'

/**
 * What a household draws, slot by slot: litres in each hour or quarter-hour, in one typed array and nothing per use, so
 * that twenty thousand meters' quarter takes a minute. End uses are drawn from the statistics of a real household
 * (`derive-end-uses.ts` prints them); who lives there, their habits and their absences are estimates, named as such.
 */

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
const MINUTES = 60
const DAYS_IN_WEEK = 7

export interface Habits {
  readonly persons: number
  /** Hours by which this home's day lies after the measured one. Estimate: early risers to late; one in forty works at night. */
  readonly shift: number
  /** Times the measured number of uses. Estimate: ±25 %. */
  readonly eagerness: number
  /** Getting up at night: uses a person and night between 0 and 5. Measured: 0.4; the old get up twice. */
  readonly nightToilet: number
  /** Times the ordinary on Saturday and Sunday. Estimate. */
  readonly weekend: number
  /** A float valve that closes slowly: a tank on the roof trickles on after it was drawn from. l/h, 0: no such tank. */
  readonly trickle: number
  /** A cistern or filter that tops itself up: litres, and every so many hours; 0 litres: none. */
  readonly topUpLitres: number
  readonly topUpHours: number
  readonly irrigation: Irrigation | undefined
  /** Days without anybody, [from, to). */
  readonly away: readonly (readonly [number, number])[]
  /** Days with guests: three times the ordinary. */
  readonly guests: readonly (readonly [number, number])[]
}

/** By a timer, before dawn. Measured: 03:44 for 60 min at 142–268 l/h daily, 05:00 for 141 min at 4.8 m³/h every other day. */
interface Irrigation {
  readonly fromDay: number
  /** Local hour of day. */
  readonly at: number
  readonly hours: number
  /** l/h */
  readonly rate: number
  readonly everyDays: number
}

/** What the real household's two programmes were (measured); the larger one is scaled to what the meter can pass. */
const DRIP = { at: 3.73, hours: 1, rate: 265, everyDays: 1 }
const LAWN = { at: 5, hours: 141 / MINUTES, everyDays: 2 }
const LAWN_RATE_OF_Q3 = [0.6, 1.2] as const

/** Shares of homes. Estimates. */
const NIGHT_WORKER = 0.025
const OLD = 0.45
const TANK = 0.08
/** Of a home's water that comes from its tank, and how long the tank takes to be full again in a day at the most. */
const TANK_SHARE = 1 / 3
const TANK_FILLS_HOURS = 9
/** l. What a solar heater or a roof tank of one family holds. */
const TANK_LITRES = 150
/** CJJ 92: 100–120 l a person and day. */
const LITRES_PER_PERSON = 110
const TOPS_UP = 0.04
const IRRIGATES = 0.04
const WEEKEND_HOME = 0.06
const WORKS_IN_THE_CITY = 0.06
const HOLIDAY = 0.35
const GUESTS = 0.2

export function drawHabits(random: Random, days: number, q3: number): Habits {
  const persons = 1 + weighted(random, HOUSEHOLD_SIZES)
  const between = (least: number, most: number): number => least + (most - least) * random()
  const shift = random() < NIGHT_WORKER ? between(7, 11) : 0.8 * normal(random)
  const eagerness = Math.exp(0.25 * normal(random))
  const nightToilet = random() < OLD ? between(0.5, 2) : between(0, 0.5)
  const weekend = between(0.8, 1.5)
  // A tank that is not full again within nine hours would never be: its valve lets in at least so much.
  const fills = (persons * eagerness * LITRES_PER_PERSON * TANK_SHARE) / TANK_FILLS_HOURS
  const trickle = random() < TANK ? fills * between(1, 3) : 0
  const topsUp = random() < TOPS_UP
  return {
    persons,
    shift,
    eagerness,
    nightToilet,
    weekend,
    trickle,
    topUpLitres: topsUp ? between(3, 9) : 0,
    topUpHours: topsUp ? between(2, 6) : 0,
    irrigation: random() < IRRIGATES ? drawIrrigation(random, days, q3) : undefined,
    away: drawAway(random, days),
    guests: random() < GUESTS ? [stay(random, days, 2, 6)] : [],
  }
}

function drawIrrigation(random: Random, days: number, q3: number): Irrigation {
  const fromDay = random() < 0.5 ? 0 : Math.floor(random() * days * 0.5)
  if (random() < 0.5) return { fromDay, ...DRIP }
  const [least, most] = LAWN_RATE_OF_Q3
  return { fromDay, ...LAWN, rate: q3 * (least + (most - least) * random()) }
}

const stay = (random: Random, days: number, least: number, most: number): readonly [number, number] => {
  const from = Math.floor(random() * days)
  return [from, Math.min(days, from + least + Math.floor(random() * (most - least + 1)))]
}

function drawAway(random: Random, days: number): readonly (readonly [number, number])[] {
  const kind = random()
  const away: (readonly [number, number])[] = []
  if (kind < WEEKEND_HOME) {
    // In the city from Monday to Friday.
    const first = Math.floor(random() * DAYS_IN_WEEK)
    for (let day = first - DAYS_IN_WEEK; day < days; day += DAYS_IN_WEEK) away.push([day, day + 5])
  } else if (kind < WEEKEND_HOME + WORKS_IN_THE_CITY) {
    // At home for some days every few weeks.
    let day = -Math.floor(random() * 20)
    while (day < days) {
      const gone = 8 + Math.floor(random() * 40)
      away.push([day, day + gone])
      day += gone + 2 + Math.floor(random() * 10)
    }
  } else if (random() < HOLIDAY) away.push(stay(random, days, 2, 14))
  return away
}

/** Samples of a use's litres and minutes, drawn once: a draw in the loop over a city's uses is then one index. */
const SAMPLES = 4096
const SAMPLE_SEED = 7
/** Beyond so many spreads a use is drawn in, as in `household.ts`. */
const SPREADS_KEPT = 2.2
/** Starts by the hour, in so many equal parts of a day's uses. */
const START_PARTS = 1000

interface SampledUse {
  readonly perPersonAndDay: number
  readonly litres: Float64Array
  /** l/min */
  readonly flow: Float64Array
  readonly hourOf: Uint8Array
}

/**
 * Measured beside `END_USE_FACTS`: 31 draws through a hose in 15 days, median 59.9 l, up to 278 l, 690 l/h. The measured
 * home has a lawn; a quarter of it for a village yard is an estimate.
 */
const HOSE = {
  perPersonAndDay: 0.12,
  medianLitres: 40,
  logSpread: 1.1,
  medianFlow: 11.5,
  flowLogSpread: 0.4,
  hours: [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 5, 2, 3, 1, 3, 2, 3, 4, 2, 1, 1, 0, 0],
}

const USES: readonly SampledUse[] = [...END_USES.map((use) => END_USE_FACTS[use]), HOSE].map((facts, i) => {
  const random = seeded(SAMPLE_SEED + i)
  const bounded = (): number => Math.max(-SPREADS_KEPT, Math.min(SPREADS_KEPT, normal(random)))
  const logNormal = (median: number, spread: number): Float64Array =>
    Float64Array.from({ length: SAMPLES }, () => median * Math.exp(spread * bounded()))
  return {
    perPersonAndDay: facts.perPersonAndDay,
    litres: logNormal(facts.medianLitres, facts.logSpread),
    flow: logNormal(facts.medianFlow, facts.flowLogSpread),
    hourOf: Uint8Array.from({ length: START_PARTS }, (_, part) => hourAt(facts.hours, (part + 0.5) / START_PARTS)),
  }
})
const TOILET = USES[END_USES.indexOf('toilet')]!

function hourAt(weights: readonly number[], share: number): number {
  let rest = share * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [hour, weight] of weights.entries()) {
    rest -= weight
    if (rest <= 0) return hour
  }
  return weights.length - 1
}

/** Adds `rate` (l/h) from `from` to `to` (hours since the beginning) to slots of `slotHours`. */
export function pour(litres: Float64Array, slotHours: number, from: number, to: number, rate: number): void {
  const end = Math.min(to, litres.length * slotHours)
  let at = Math.max(0, from)
  let slot = Math.floor(at / slotHours)
  while (at < end) {
    const edge = Math.min(end, (slot + 1) * slotHours)
    litres[slot]! += (edge - at) * rate
    at = edge
    slot++
  }
}

const isWithin = (stays: Habits['away'], day: number): boolean => stays.some(([from, to]) => day >= from && day < to)
const GUESTS_TIMES = 3
const NIGHT_HOURS = 5
/** Those who get up at night: of a family of five not all are old. */
const SLEEPERS = 2

/** Litres that a healthy household draws, by slots of `slotHours`, beginning at local midnight of day 0. */
export function drawUse(random: Random, habits: Habits, days: number, slotHours: number): Float64Array {
  const slots = Math.round(24 / slotHours)
  const litres = new Float64Array(days * slots)
  for (let day = 0; day < days; day++) {
    if (isWithin(habits.away, day)) continue
    const weekend = day % DAYS_IN_WEEK >= 5 ? habits.weekend : 1
    const times = habits.eagerness * weekend * (isWithin(habits.guests, day) ? GUESTS_TIMES : 1)
    for (const use of USES) {
      const count = poisson(random, use.perPersonAndDay * habits.persons * times)
      for (let i = 0; i < count; i++) {
        const hour = use.hourOf[Math.floor(random() * START_PARTS)]! + habits.shift
        drawOne(litres, slotHours, day * 24 + ((hour + random() + 48) % 24), use, random)
      }
    }
    const atNight = poisson(random, habits.nightToilet * Math.min(habits.persons, SLEEPERS))
    for (let i = 0; i < atNight; i++)
      drawOne(litres, slotHours, day * 24 + ((random() * NIGHT_HOURS + habits.shift + 48) % 24), TOILET, random)
  }
  if (habits.trickle > 0) refillTank(litres, slotHours, habits)
  if (habits.irrigation !== undefined) irrigate(random, litres, slotHours, habits.irrigation)
  if (habits.topUpLitres > 0)
    for (let hour = habits.topUpHours * random(); hour < days * 24; hour += habits.topUpHours * (0.9 + 0.2 * random()))
      if (!isWithin(habits.away, Math.floor(hour / 24)))
        pour(litres, slotHours, hour, hour + 0.05, habits.topUpLitres / 0.05)
  return litres
}

function irrigate(random: Random, litres: Float64Array, slotHours: number, irrigation: Irrigation): void {
  const { fromDay, everyDays, at, hours, rate } = irrigation
  for (let day = fromDay; day * 24 < litres.length * slotHours; day += everyDays)
    pour(litres, slotHours, day * 24 + at, day * 24 + at + hours, rate * (0.97 + 0.06 * random()))
}

function drawOne(litres: Float64Array, slotHours: number, at: number, use: SampledUse, random: Random): void {
  const volume = use.litres[Math.floor(random() * SAMPLES)]!
  const rate = use.flow[Math.floor(random() * SAMPLES)]! * MINUTES
  pour(litres, slotHours, at, at + volume / rate, rate)
}

/** The roof tank gives what is drawn and takes it in again slowly: by day water hardly ever stands still. */
function refillTank(litres: Float64Array, slotHours: number, { trickle }: Habits): void {
  let owed = 0
  for (let slot = 0; slot < litres.length; slot++) {
    const fromTank = Math.min(litres[slot]! * TANK_SHARE, TANK_LITRES - owed)
    owed += fromTank
    const taken = Math.min(owed, trickle * slotHours)
    litres[slot]! += taken - fromTank
    owed -= taken
  }
}
