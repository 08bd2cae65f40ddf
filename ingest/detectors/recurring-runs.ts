import { CITY_OFFSET_MS, cityDayOf } from '../../contract/city-time.ts'
import { LATE_MS } from './detector.ts'

/**
 * The straight flows of a home's last days, and which of them are one flow that comes back. Each is kept as `RUN_ITEMS` whole
 * numbers: when it began and how long it lasted (minutes, the former since the meter's first reading), its rate and how far that may
 * be off (tenths of l/h), its evidence (tenths of a bit; negative: it did not begin out of a standstill), and how long before it the
 * last standstill was (minutes).
 */
export const RUN_ITEMS = 6
const [FROM, LASTED, RATE, OFF, BITS, REST] = [0, 1, 2, 3, 4, 5]

const MINUTE_MS = 60_000
const HOUR_MIN = 60
const DAY_MIN = 24 * HOUR_MIN
const DAY_MS = DAY_MIN * MINUTE_MS
const TENTHS = 10
/** What is older says nothing of now; what is older than a late upload may be is learnt (`recurring-habit.ts`). */
const WINDOW_MIN = 5 * DAY_MIN
export const WINDOW_MS = WINDOW_MIN * MINUTE_MS
const KEPT_MIN = LATE_MS / MINUTE_MS
/** More than a home and its leak make in eight days; the weakest goes. */
const KEPT_RUNS = 20
/** bits. Less is drawn by chance many times a day. */
const LEAST_BITS = 3
/** bits. From midnight to half past five people sleep: of a family's straight flows of two hours one in fifteen lies there (ADR 38). */
const NIGHT_BITS = 3
const NIGHT_ENDS_MIN = 5.5 * HOUR_MIN
/** l/h. A flow of more is a tap, a hose, a lawn. */
const MOST = 400
/** min. What runs for longer does not come and go. */
const LONGEST_MIN = 16 * HOUR_MIN
/** Two runs are the same flow when their rates are so near: it goes with the root of the pressure. */
const NEAR = 0.06
/**
 * What did not begin out of a standstill may be the tail of somebody's use, as of a tank on the roof that fills again. Shares of its
 * evidence, of a home that is not known yet and of one that is.
 */
const TAIL_SHARE = 0.5
const TAIL_SHARE_KNOWN = 0.7
/** Standstills out of which it came, and dates, at least: one that never stops is a leak that runs on. Where the home is not known yet it must have begun out of one. */
const LEAST_STANDSTILLS = 2
const LEAST_DATES = 2
/**
 * A timer (drip irrigation, a softener) comes at the same time of the day: what began within so many minutes of one another
 * counts no more than everything else together.
 */
const SAME_TIME_MIN = 90

/** A straight flow, before it is weighed. Times in ms since 1970. */
export interface StraightFlow {
  readonly from: number
  readonly to: number
  /** l/h, and how far it may be off. */
  readonly rate: number
  readonly off: number
  readonly bits: number
  /** It began out of a standstill, with nothing else running. */
  readonly clean: boolean
  readonly restedAt: number
}

/** What is seen of a flow that returns: other water hides part of it. */
export interface SeenRuns {
  /** Times it was seen, a standstill or a day between any two, and on how many dates. */
  readonly runs: number
  readonly dates: number
  /** ms since 1970 */
  readonly since: number
  /** The longest that was seen at a stretch, ms. */
  readonly longestMs: number
  readonly atNight: boolean
  /** l/h */
  readonly rate: number
  readonly litresADay: number
}

interface Weighed extends SeenRuns {
  /** bits */
  readonly evidence: number
  readonly cleanRuns: number
  readonly standstills: number
}

const isNight = (minuteOfDay: number): boolean => minuteOfDay < NIGHT_ENDS_MIN
const minuteOfDay = (at: number): number => ((at + CITY_OFFSET_MS) % DAY_MS) / MINUTE_MS
/** l/h */
export const rateOf = (runs: readonly number[], i: number): number => runs[i + RATE]! / TENTHS
export const bitsOf = (runs: readonly number[], i: number): number => Math.abs(runs[i + BITS]!) / TENTHS

/** Adds it where it says something. Returns whether it does. @param began the meter's first reading, ms */
export function addRun(runs: number[], began: number, flow: StraightFlow): boolean {
  const { from, to, rate, off, bits, clean, restedAt } = flow
  const minutes = Math.round((to - from) / MINUTE_MS)
  if (bits === 0 || minutes > LONGEST_MIN || rate > MOST) return false
  const weight = bits + (isNight(minuteOfDay((from + to) / 2)) ? NIGHT_BITS : 0)
  if (weight < LEAST_BITS) return false
  const tenths = Math.round(weight * TENTHS)
  runs.push(
    Math.round((from - began) / MINUTE_MS),
    minutes,
    Math.round(rate * TENTHS),
    Math.ceil(off * TENTHS),
    clean ? tenths : -tenths,
    Math.round((from - restedAt) / MINUTE_MS),
  )
  if (runs.length <= KEPT_RUNS * RUN_ITEMS) return true
  let weakest = 0
  for (let i = RUN_ITEMS; i < runs.length; i += RUN_ITEMS) if (bitsOf(runs, i) < bitsOf(runs, weakest)) weakest = i
  runs.splice(weakest, RUN_ITEMS)
  return true
}

/** Takes out those that no upload can change any more, oldest first. */
export function settledRuns(runs: number[], began: number, at: number): readonly number[] {
  const until = (at - began) / MINUTE_MS - KEPT_MIN
  let count = 0
  while (count < runs.length && runs[count + FROM]! + runs[count + LASTED]! < until) count += RUN_ITEMS
  return runs.splice(0, count)
}

/** Whether a rate that may be `off` may be this flow's; false where one is NaN. l/h */
export const isSameFlow = (rate: number, off: number, flow: number): boolean =>
  Math.abs(rate - flow) <= Math.max(NEAR * flow, off)

/**
 * The flow that has come back with most evidence, and how much that is (bits), less what `usual` says of its rate.
 *
 * @param isKnown this home has been watched for weeks
 */
export function flowThatReturns(
  runs: readonly number[],
  began: number,
  at: number,
  isKnown: boolean,
  usual: (rate: number) => number,
): (SeenRuns & { readonly evidence: number }) | undefined {
  const from = windowFrom(began, at)
  let best: Weighed | undefined
  for (let i = 0; i < runs.length; i += RUN_ITEMS) {
    if (runs[i + FROM]! < from) continue
    const flow = runsAt(runs, rateOf(runs, i), began, from, isKnown)
    if (flow.standstills < LEAST_STANDSTILLS || flow.dates < LEAST_DATES || (!isKnown && flow.cleanRuns === 0)) continue
    const evidence = flow.evidence - usual(flow.rate)
    if (best === undefined || evidence > best.evidence) best = { ...flow, evidence }
  }
  return best
}

/** What has been seen of a flow of this rate within the last days; `runs: 0` where it has stayed away. */
export const seenOf = (runs: readonly number[], rate: number, began: number, at: number): SeenRuns =>
  runsAt(runs, rate, began, windowFrom(began, at), true)

const windowFrom = (began: number, at: number): number => (at - began) / MINUTE_MS - WINDOW_MIN

function runsAt(runs: readonly number[], rate: number, began: number, from: number, isKnown: boolean): Weighed {
  const times: number[] = []
  const dates = new Set<number>()
  const rests = new Set<number>()
  let [bits, cleanRuns, minutes, litres, longest] = [0, 0, 0, 0, 0]
  let [first, last, atNight] = [Number.POSITIVE_INFINITY, 0, false]
  for (let i = 0; i < runs.length; i += RUN_ITEMS) {
    const start = runs[i + FROM]!
    if (start < from || !isSameFlow(rateOf(runs, i), runs[i + OFF]! / TENTHS, rate)) continue
    const lasted = runs[i + LASTED]!
    const clean = runs[i + BITS]! > 0
    const own = bitsOf(runs, i) * (clean ? 1 : isKnown ? TAIL_SHARE_KNOWN : TAIL_SHARE)
    const startAt = began + start * MINUTE_MS
    const time = minuteOfDay(startAt)
    bits += own
    times.push(time, own)
    if (clean) cleanRuns++
    rests.add(start - runs[i + REST]!)
    // A night is one date.
    dates.add(cityDayOf(startAt + DAY_MS / 2))
    if (isNight(time) || isNight(minuteOfDay(startAt + lasted * MINUTE_MS))) atNight = true
    minutes += lasted
    litres += (rateOf(runs, i) * lasted) / HOUR_MIN
    longest = Math.max(longest, lasted)
    first = Math.min(first, start)
    last = Math.max(last, start + lasted)
  }
  const most = atTheSameTime(times)
  return {
    runs: Math.max(rests.size, dates.size),
    dates: dates.size,
    since: began + first * MINUTE_MS,
    longestMs: longest * MINUTE_MS,
    atNight,
    rate: (litres * HOUR_MIN) / minutes,
    litresADay: (litres * DAY_MIN) / Math.max(DAY_MIN, last - first),
    evidence: bits - Math.max(0, most - (bits - most)),
    cleanRuns,
    standstills: rests.size,
  }
}

/** The evidence (bits) that came at the same time of the day. @param times minute of the day, bits, minute of the day, bits … */
function atTheSameTime(times: readonly number[]): number {
  let most = 0
  for (let i = 0; i < times.length; i += 2) {
    let bits = 0
    for (let j = 0; j < times.length; j += 2) {
      const minutes = Math.abs(times[i]! - times[j]!)
      if (Math.min(minutes, DAY_MIN - minutes) <= SAME_TIME_MIN) bits += times[j + 1]!
    }
    if (bits > most) most = bits
  }
  return most
}
