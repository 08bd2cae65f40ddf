import { type Cusum, median, newCusum, restart, step } from './cusum.ts'
import { isByTurns, wholeDay } from './inflow-by-turns.ts'
import { bandOf, type NightLossState, newNightLoss } from './night-loss.ts'

/**
 * A zone of which only the inflow is measured. Every hour is compared with the same hour of the same weekday in the weeks
 * before (on L-Town the 1-day difference of night flow scatters by 12.0 m³/h, the 7-day one by 1.7); what lasts is a leak.
 * Two eyes: a fast one on the last hours, and a slow one that takes each day apart into demand (which grows with the hour's
 * usual flow) and a constant, which is what a leak adds. Pure, in order, no look-ahead; the state is plain JSON.
 */
export interface InflowState {
  /** Hour, counted in local time, of the newest value. */
  hour: number | undefined
  /** Hour → inflow less what is known to leak, the last weeks, m³/h. */
  past: (number | null)[]
  /** What differs of the last days' hours, m³/h, with the usual flow of that hour. */
  recent: { readonly hour: number; deviation: number; readonly usual: number }[]
  /** How the last days differ from the usual: this is where the fast eye starts from. */
  trend: Difference
  /** Of each window: smoothed distance of its mean from what is usual, m³/h. */
  spreads: number[]
  /** 1 or more: a zone whose rises have often come to nothing has to show more of the next. */
  caution: number
  readonly growth: Cusum
  /** What leaks beyond the usual, m³/h; below 0 where less runs than usual. */
  leaking: number
  /** Rise or growth is open since, and was last told at; undefined: nothing is. */
  open: { since: number; told: number; newM3h: number } | undefined
  meanM3h: number | undefined
  /** A pump fills a tank by turns: only whole days tell what is used behind it. Undefined: it does not. */
  days: NightLossState | undefined
}

/** `share · usual + constant`, m³/h: people use more or less, and a leak runs at every hour alike. */
interface Difference {
  readonly share: number
  readonly constant: number
}

export interface InflowFinding {
  /** `rise`: within hours; `growth`: over days; `grown`: the growth that was told goes on; `less`: a part is gone; `over`: all of it is. */
  readonly type: 'rise' | 'growth' | 'grown' | 'less' | 'over'
  readonly at: number
  readonly since: number
  /** All that leaks beyond the usual now, and the part that is new, m³/h. */
  readonly m3h: number
  readonly newM3h: number
}

export interface InflowLimits {
  /** A rise is told from so many spreads of the window's mean. */
  readonly rise: number
  readonly windows: readonly number[]
  /** As in a cumulative sum (`cusum.ts`), and told from this share of mean inflow. */
  readonly growth: {
    readonly slack: number
    readonly decision: number
    readonly most: number
    readonly leastShare: number
  }
  /** A rise is told from this share of mean inflow. */
  readonly leastShare: number
}

/** What they cost and bring in each world, and what was tried besides: docs/adr/0033. */
export const INFLOW_LIMITS: InflowLimits = {
  rise: 5.5,
  windows: [2, 4, 8, 24],
  growth: { slack: 0.5, decision: 5, most: 4, leastShare: 0.02 },
  leastShare: 0.015,
}

const WEEK_H = 168
const DAY_H = 24
/** Of a hundred usual nights one leaves a band so many spreads wide. */
const BAND_SPREADS = 2.6
const WEEKS = 4
/** Weeks of the same hour that must be known before it is judged. */
const LEAST_WEEKS = 2
/** The day is taken apart when its night is over. */
const JUDGED_AT_HOUR = 5
/** Share of an hour in the spread of a window: three weeks. */
const SPREAD_LEARNING = 1 / (21 * DAY_H)
const SIGMA_OF_MEAN_ABSOLUTE = 1.2533
/** A first guess and a floor of the spreads, as shares of mean inflow. */
const FIRST_SPREAD = 0.03
const LEAST_SPREAD = 0.004
/**
 * m³/h. An inflow is taken to be at least so large: of a main that stands still a single litre would be a finding, and one that
 * has more metered out of it than into it has no share to be told from. The least that is told thereby is 50 l/h.
 */
const LEAST_SCALE = 10 / 3
const GROWTH_LEARNING = 0.07
/** What has been told may go on to grow for so long before it is told as another one, unless it grows by this much more. */
const SAME_GROWTH_H = 14 * DAY_H
const ANOTHER_FROM = 2
/** A rise that ends by itself so soon was no leak: nobody finds, digs and mends in four days. */
const CAME_TO_NOTHING_H = 4 * DAY_H
/** Then the next has to be so much larger, up to a limit; a day without one takes this share of it back (a year: a third). */
const CAUTION = { more: 1.6, most: 4, forgotten: 0.001 }
/** Less water than usual is slowly taken for usual, a day. */
const LESS_IS_FORGOTTEN = 1 / 28
/** Hours of a window that must be known. */
const LEAST_READINGS = 2
const KNOWN_SHARE = 0.75
/** Hours of a day that must be known to take it apart. */
const LEAST_HOURS = 20
/** The trend is that of the last days. */
const TREND_H = 4 * DAY_H

export const newInflow = (windows: number): InflowState => ({
  hour: undefined,
  past: [],
  recent: [],
  trend: { share: 0, constant: 0 },
  spreads: Array.from({ length: windows }, () => 0),
  caution: 1,
  growth: newCusum(),
  leaking: 0,
  open: undefined,
  meanM3h: undefined,
  days: undefined,
})

/** Takes the mean inflow of one hour, m³/h; null: not measured. Hours come in order, each once. */
export function watchInflow(
  state: InflowState,
  hour: number,
  m3h: number | null,
  limits: InflowLimits,
): InflowFinding | undefined {
  for (let gap = Math.max((state.hour ?? hour) + 1, hour - WEEKS * WEEK_H); gap < hour; gap++) remember(state, null)
  state.hour = hour
  if (m3h === null) {
    remember(state, null)
    return undefined
  }
  const mean = state.meanM3h === undefined ? m3h : state.meanM3h + (m3h - state.meanM3h) / WEEK_H
  state.meanM3h = mean
  const scale = Math.max(LEAST_SCALE, Math.abs(mean))
  if (state.days !== undefined) {
    remember(state, m3h)
    return hour % DAY_H === JUDGED_AT_HOUR ? wholeDay(state, state.days, hour) : undefined
  }
  const usual = usualAt(state)
  if (usual !== undefined && state.spreads.every((spread) => spread === 0))
    state.spreads = firstSpreads(state.past, limits.windows).map((spread) => Math.max(spread, FIRST_SPREAD * scale))
  remember(state, m3h - state.leaking)
  if (hour % DAY_H === JUDGED_AT_HOUR && state.open === undefined && isByTurns(state.past)) {
    Object.assign(state, { days: newNightLoss(), recent: [], leaking: 0 })
    return undefined
  }
  if (usual === undefined) return undefined
  state.recent.push({ hour, deviation: m3h - state.leaking - usual, usual })
  while (state.recent[0]!.hour <= hour - TREND_H) state.recent.shift()
  const now = { hour, mean: scale }
  return fast(state, now, limits) ?? (hour % DAY_H === JUDGED_AT_HOUR ? slow(state, now, limits) : undefined)
}

/** What is usual of the hour that comes next, m³/h (behind a tank: of a day); undefined while it is learnt. */
export function expectedInflow(state: InflowState): number | undefined {
  if (state.days !== undefined) return bandOf(state.days)?.expectedM3h
  const usual = usualAt(state)
  if (usual === undefined) return undefined
  const { share, constant } = state.trend
  // What is told as open is no part of the usual; what came to stay is.
  return usual * (1 + share) + constant + (state.open === undefined ? state.leaking : 0)
}

/**
 * Asked at the first hour of a night: how far its mean may be from the usual before it is worth a look, m³/h: what nights lay
 * apart from those of the week before. A night outside is no finding yet.
 * @param hours that a night has
 */
export function nightWidth(state: InflowState, hours: number): number {
  if (state.days !== undefined) {
    const band = bandOf(state.days)
    return band === undefined ? 0 : band.highM3h - band.expectedM3h
  }
  const { past } = state
  const apart: number[] = []
  for (let from = past.length - DAY_H; from >= WEEK_H; from -= DAY_H) {
    const [night, before] = [past.slice(from, from + hours), past.slice(from - WEEK_H, from - WEEK_H + hours)]
    if (night.includes(null) || before.includes(null)) continue
    apart.push(Math.abs(night.reduce<number>((sum, m3h, i) => sum + (m3h ?? 0) - (before[i] ?? 0), 0) / hours))
  }
  const mean = apart.reduce((sum, one) => sum + one, 0) / Math.max(1, apart.length)
  return BAND_SPREADS * Math.max(LEAST_SPREAD * (state.meanM3h ?? 0), (SIGMA_OF_MEAN_ABSOLUTE * mean) / Math.SQRT2)
}

function remember(state: InflowState, m3h: number | null): void {
  state.past.push(m3h)
  if (state.past.length > WEEKS * WEEK_H) state.past.shift()
}

/** What is usual of the hour that comes next. */
function usualAt({ past }: InflowState): number | undefined {
  const same: number[] = []
  for (let back = WEEK_H; back <= past.length; back += WEEK_H) {
    const value = past[past.length - back]
    if (value !== null && value !== undefined) same.push(value)
  }
  return same.length < LEAST_WEEKS ? undefined : median(same)
}

/** How far the means of windows lay apart from one week to the next, before anything was judged. */
function firstSpreads(past: InflowState['past'], windows: readonly number[]): number[] {
  const changes = past.slice(-WEEK_H).map((now, i) => {
    const before = past[past.length - 2 * WEEK_H + i]
    return now === null || before === null || before === undefined ? null : now - before
  })
  return windows.map((window) => {
    const means: number[] = []
    for (let from = 0; from + window <= changes.length; from += window) {
      const known = changes.slice(from, from + window).filter((change) => change !== null)
      if (known.length >= window * KNOWN_SHARE) means.push(Math.abs(known.reduce((a, b) => a + b, 0) / known.length))
    }
    return means.length === 0 ? 0 : (SIGMA_OF_MEAN_ABSOLUTE * means.reduce((a, b) => a + b, 0)) / means.length
  })
}

interface Now {
  readonly hour: number
  /** Mean inflow, m³/h, whichever way it runs; at least `LEAST_SCALE`. */
  readonly mean: number
}

function fast(state: InflowState, now: Now, limits: InflowLimits): InflowFinding | undefined {
  const least = limits.leastShare * now.mean
  let found: { readonly since: number; readonly m3h: number } | undefined
  for (const [i, window] of limits.windows.entries()) {
    const part = state.recent.filter(({ hour }) => hour > now.hour - window)
    if (part.length < Math.max(LEAST_READINGS, window * KNOWN_SHARE)) continue
    const { share, constant } = state.trend
    const beyond = part.map(({ hour, deviation, usual }) => ({ hour, m3h: deviation - share * usual - constant }))
    const mean = meanOf(beyond)
    const floor = LEAST_SPREAD * now.mean
    const spread = Math.max(floor, state.spreads[i] || FIRST_SPREAD * now.mean)
    if (found === undefined && Math.abs(mean) > limits.rise * state.caution * spread && Math.abs(mean) > least) {
      // The window began before the change did: the hours that are near to nothing are not part of it.
      const begun = beyond.findIndex(({ m3h }) => m3h / mean > 0.5)
      found = { since: beyond[begun]!.hour, m3h: meanOf(beyond.slice(begun)) }
    }
    const seen = Math.min(Math.abs(mean) * SIGMA_OF_MEAN_ABSOLUTE, 3 * spread)
    state.spreads[i] = spread + SPREAD_LEARNING * (seen - spread)
  }
  if (found === undefined) return undefined
  return shift(state, now, found.m3h, found.since, least, 'rise')
}

const meanOf = (hours: readonly { readonly m3h: number }[]): number =>
  hours.reduce((sum, { m3h }) => sum + m3h, 0) / hours.length

/** Once a day: what the day had more than usual, taken apart into demand and a constant. */
function slow(state: InflowState, now: Now, { growth }: InflowLimits): InflowFinding | undefined {
  state.caution -= (state.caution - 1) * CAUTION.forgotten
  if (state.leaking < 0) state.leaking -= state.leaking * LESS_IS_FORGOTTEN
  const day = state.recent.filter(({ hour }) => hour > now.hour - DAY_H)
  if (day.length < LEAST_HOURS) return undefined
  state.trend = differenceOf(state.recent)
  const { constant } = differenceOf(day)
  const leastSpread = LEAST_SPREAD * now.mean
  const since = step(state.growth, now.hour, constant, {
    ...growth,
    decision: growth.decision * state.caution,
    learning: GROWTH_LEARNING,
    leastSpread,
  })
  if (since === undefined) return undefined
  const values = state.growth.values.slice(-2)
  const m3h = values.reduce((sum, value) => sum + value, 0) / values.length
  restart(state.growth)
  return shift(state, now, m3h, since, growth.leastShare * now.mean, 'growth')
}

/** Least squares of `deviation = share · usual + constant`, over the hours of whole days. */
function differenceOf(hours: InflowState['recent']): Difference {
  const n = hours.length
  const meanUsual = hours.reduce((sum, { usual }) => sum + usual, 0) / n
  const meanDeviation = hours.reduce((sum, { deviation }) => sum + deviation, 0) / n
  let [both, square] = [0, 0]
  for (const { usual, deviation } of hours) {
    both += (usual - meanUsual) * (deviation - meanDeviation)
    square += (usual - meanUsual) ** 2
  }
  const share = square === 0 ? 0 : both / square
  return { share, constant: meanDeviation - share * meanUsual }
}

/** From now on so much more (or less) is leaking; what was remembered since then is put right. */
function shift(
  state: InflowState,
  now: Now,
  m3h: number,
  since: number,
  least: number,
  type: 'rise' | 'growth',
): InflowFinding | undefined {
  const before = state.leaking
  state.leaking += m3h
  for (const one of state.recent) if (one.hour >= since) one.deviation -= m3h
  for (let hour = Math.max(since, now.hour - WEEKS * WEEK_H + 1); hour <= now.hour; hour++) {
    const index = state.past.length - 1 - (now.hour - hour)
    const value = state.past[index]
    if (value !== null && value !== undefined) state.past[index] = value - m3h
  }
  if (type === 'growth') state.trend = { ...state.trend, constant: state.trend.constant - m3h }
  const found = { at: now.hour, since, m3h: state.leaking, newM3h: m3h }
  if (m3h < 0) {
    if (state.open === undefined) return undefined
    if (state.leaking > Math.max(least, before / 2)) return { type: 'less', ...found }
    if (now.hour - state.open.told < CAME_TO_NOTHING_H)
      state.caution = Math.min(CAUTION.most, state.caution * CAUTION.more)
    state.open = undefined
    return { type: 'over', ...found }
  }
  // What comes back after less than usual is no leak.
  if (state.leaking < least) return undefined
  const { open } = state
  const goesOn =
    type === 'growth' && open !== undefined && now.hour - open.told < SAME_GROWTH_H && m3h < ANOTHER_FROM * open.newM3h
  state.open = { since: open?.since ?? since, told: now.hour, newM3h: goesOn ? Math.max(open.newM3h, m3h) : m3h }
  return { type: goesOn ? 'grown' : type, ...found }
}
