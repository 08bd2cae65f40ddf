import { type Balance, NIGHT } from '../../contract/zones.ts'
import { type Cusum, median, newCusum, restart, scatterOf, step } from './cusum.ts'

/**
 * A village whose households are all metered: what it loses at night is measured, not assumed, and has no weekday. A lasting
 * rise of it is a leak, a lasting fall a repair. One night after the other, no look-ahead; the state is plain JSON.
 */
export interface Night {
  /** Days since 1970, local. */
  readonly day: number
  /** Mean loss between 01:00 and 05:00, m³/h: inflow less households, those not yet heard of estimated. */
  readonly lossM3h: number
  /** The same of each of its hours. Where they are known their median is judged: a hydrant opened for an hour is no leak. */
  readonly hoursM3h?: readonly number[]
  /** Mean inflow of the zone over the day before, m³/h: by this a loss is large or small. */
  readonly inflowM3h: number
}

export interface NightLossState {
  /** Losses of the last quiet nights, m³/h. */
  quiet: number[]
  readonly rise: Cusum
  readonly fall: Cusum
  open: OpenLoss | undefined
  inflowM3h: number
}

interface OpenLoss {
  /** Days since 1970: the night it began to be seen, and the night it was decided. */
  readonly since: number
  readonly decided: number
  /** How much more is lost than on quiet nights. */
  m3h: number
}

export type NightFinding =
  | { readonly type: 'loss'; readonly since: number; readonly m3h: number; readonly share: number }
  /** The open loss has become clearly larger: another leak, or the same one grown. */
  | { readonly type: 'more'; readonly since: number; readonly m3h: number; readonly share: number }
  | { readonly type: 'over'; readonly since: number; readonly m3h: number }

/** A week of nights before the first judgement; four weeks are what is normal. */
const FIRST_NIGHTS = 6
const QUIET_NIGHTS = 28
/** A loss is told from this share of inflow, or this much: half of what must be found (3 %, 0.3 m³/h). */
const TOLD_SHARE = 0.015
const TOLD_M3H = 0.15
/** In the smallest zones the registers' own litre is more than that share: four hours of a few meters. */
const LEAST_TOLD_M3H = 0.015
/** Scatter of bulk meters and clocks that a week of nights may not have shown, as a share of inflow. */
const LEAST_SPREAD_SHARE = 0.004
/**
 * With 4 spreads at most a night and a decision at 5, one night alone decides nothing: somebody may have flushed a main. Of
 * 18 settings tried on eight worlds, the one that found the most within three nights (docs/adr/0033).
 */
const LIMITS = { slack: 0.5, decision: 5, most: 4, learning: 0.1 }
/** Of a hundred quiet nights one leaves a band so many spreads wide. */
const BAND_SPREADS = 2.6
/** Of a fall the same, sooner: a repair is expected. */
const FALL_SHARE = 0.5
/** A loss that has become so many times larger is told again. */
export const GROWN_BY = 1.5

export const newNightLoss = (): NightLossState => ({
  quiet: [],
  rise: newCusum(),
  fall: newCusum(),
  open: undefined,
  inflowM3h: 0,
})

export interface NightBand {
  readonly expectedM3h: number
  readonly lowM3h: number
  readonly highM3h: number
}

/** What quiet nights of this zone lose, and the band they stay in; undefined while that is learnt. An open loss is not in it. */
export function bandOf(state: NightLossState): NightBand | undefined {
  if (state.quiet.length < FIRST_NIGHTS) return undefined
  const expectedM3h = median(state.quiet)
  const leastSpread = LEAST_SPREAD_SHARE * state.inflowM3h
  const width = BAND_SPREADS * Math.max(leastSpread, state.rise.spread ?? leastSpread)
  return { expectedM3h, lowM3h: expectedM3h - width, highM3h: expectedM3h + width }
}

const DAY_H = 24
const LITRES_PER_M3 = 1000

/**
 * One night out of a zone's balances, live and in the evaluation the same.
 * @param midnight the hour, counted from 1970 UTC, in which the local day begins
 * @param balance of the hours from the first to the last, which is not counted
 * @returns the balance of the night, whose validity says whether it may be judged
 */
export function nightOf(
  day: number,
  midnight: number,
  balance: (fromHour: number, toHour: number) => Balance,
): { readonly balance: Balance; readonly night: Night } {
  const [from, to] = [midnight + NIGHT.from, midnight + NIGHT.to]
  const lossOf = (first: number, last: number): number => {
    const { lossL, unknownL } = balance(first, last)
    return (lossL - unknownL) / (last - first) / LITRES_PER_M3
  }
  return {
    balance: balance(from, to),
    night: {
      day,
      lossM3h: lossOf(from, to),
      hoursM3h: Array.from({ length: to - from }, (_, i) => lossOf(from + i, from + i + 1)),
      inflowM3h: balance(to - DAY_H, to).inflowL / DAY_H / LITRES_PER_M3,
    },
  }
}

/** Nights in a row, the last included, that have at least half of a rise: what scattered upwards before it is no part of it. */
function nightsSince(values: readonly number[], m3h: number): number {
  let count = 1
  while (count < values.length && values[values.length - 1 - count]! >= m3h / 2) count++
  return count
}

/** Judges one night; nights come in order, each once, and only where the zone's balance is valid. */
export function judgeNight(state: NightLossState, night: Night): NightFinding | undefined {
  const { day, inflowM3h, hoursM3h } = night
  const lossM3h = hoursM3h === undefined ? night.lossM3h : median(hoursM3h)
  state.inflowM3h = state.inflowM3h === 0 ? inflowM3h : state.inflowM3h + (inflowM3h - state.inflowM3h) / 7
  if (state.quiet.length < FIRST_NIGHTS) {
    state.quiet.push(lossM3h)
    state.rise.spread = state.fall.spread = scatterOf(state.quiet)
    return undefined
  }
  const leastSpread = LEAST_SPREAD_SHARE * state.inflowM3h
  const limits = { ...LIMITS, leastSpread }
  const deviation = lossM3h - median(state.quiet) - (state.open?.m3h ?? 0)
  const told = Math.max(LEAST_TOLD_M3H, Math.min(TOLD_SHARE * state.inflowM3h, TOLD_M3H))

  const since = step(state.rise, day, deviation, limits)
  if (since !== undefined) {
    const m3h = median(state.rise.values.slice(-2))
    const began = Math.max(since, day - nightsSince(state.rise.values, m3h) + 1)
    const grown = state.open === undefined || state.open.m3h + m3h >= GROWN_BY * state.open.m3h
    restart(state.rise)
    restart(state.fall)
    if (m3h < told) return learn(state, lossM3h)
    const whole = (state.open?.m3h ?? 0) + m3h
    const type = state.open === undefined ? 'loss' : 'more'
    state.open = { since: state.open?.since ?? began, decided: day, m3h: whole }
    return grown ? { type, since: began, m3h: whole, share: whole / state.inflowM3h } : undefined
  }
  const fell = step(state.fall, day, -deviation, limits)
  if (fell !== undefined) {
    restart(state.fall)
    restart(state.rise)
    if (state.open === undefined) return learn(state, lossM3h)
    const left = state.open.m3h + deviation
    const { since: began, m3h } = state.open
    if (left > Math.max(told, FALL_SHARE * m3h)) {
      state.open.m3h = left
      return undefined
    }
    state.open = undefined
    return { type: 'over', since: began, m3h }
  }
  if (state.open === undefined && state.rise.sum < LIMITS.decision / 2) learn(state, lossM3h)
  return undefined
}

function learn(state: NightLossState, lossM3h: number): undefined {
  state.quiet.push(lossM3h)
  if (state.quiet.length > QUIET_NIGHTS) state.quiet.shift()
  return undefined
}
