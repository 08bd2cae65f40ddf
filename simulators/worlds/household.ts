import { fraction, mix, normal, poisson, type Random, seeded, weighted } from '../random.ts'

/**
 * One household's water, drawn from the statistics of 821 labelled end uses of a real household (CIWS visualisation
 * challenge 2020; US gallons turned into litres). The register is a function of time alone: whoever asks twice, or
 * after a restart, gets the same number, and it never runs backwards.
 */

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** Liaocheng keeps UTC+8 the whole year. */
export const LOCAL_OFFSET_MS = 8 * HOUR_MS

export const END_USES = ['faucet', 'toilet', 'shower', 'washer'] as const
export type EndUse = (typeof END_USES)[number]

interface EndUseFacts {
  /** Times a day and person. The measured household's size is not known; these give the 100–120 l a person and day of CJJ 92. */
  readonly perPersonAndDay: number
  /** Litres: median of the events and the standard deviation of their logarithm. */
  readonly medianLitres: number
  readonly logSpread: number
  /** Litres a minute while it runs: median, and the standard deviation of its logarithm. */
  readonly medianFlow: number
  readonly flowLogSpread: number
  /** Share of the events in each local hour, in percent. */
  readonly hours: readonly number[]
}

/** Medians, spreads and hours as measured; hours smoothed over neighbours, because 22 washes do not fill 24 hours. */
export const END_USE_FACTS: Readonly<Record<EndUse, EndUseFacts>> = {
  faucet: {
    perPersonAndDay: 9,
    medianLitres: 1.26,
    logSpread: 0.81,
    medianFlow: 3.45,
    flowLogSpread: 0.28,
    hours: [0, 0, 0, 0.3, 0, 0, 0.5, 4, 7, 10, 6.5, 6.5, 6.8, 6.6, 6.3, 5.6, 6, 8, 6.5, 3.8, 5.2, 5.6, 2.4, 1.4],
  },
  toilet: {
    perPersonAndDay: 5,
    medianLitres: 8.51,
    logSpread: 0.5,
    medianFlow: 9.54,
    flowLogSpread: 0.3,
    hours: [1, 0, 0, 0.4, 0.2, 0, 0.8, 2.6, 4.4, 6.4, 7, 6.4, 6.8, 7.4, 9.2, 6.6, 5.8, 4.8, 4, 6.2, 5, 6.4, 5, 2.8],
  },
  shower: {
    perPersonAndDay: 0.5,
    medianLitres: 58,
    logSpread: 0.49,
    medianFlow: 6.49,
    flowLogSpread: 0.19,
    hours: [0, 0, 0, 0, 0, 0, 0, 5, 9, 11, 9, 9, 5, 3, 4, 7, 9, 9, 5, 4, 3, 5, 3, 0],
  },
  washer: {
    perPersonAndDay: 0.3,
    medianLitres: 50.4,
    logSpread: 0.06,
    medianFlow: 10.9,
    flowLogSpread: 0.09,
    hours: [0, 0, 0, 0, 0, 0, 0, 0, 5, 13, 13, 13, 14, 6, 3, 5, 9, 10, 5, 3, 4, 4, 0, 0],
  },
}

/** Events beyond this many spreads from the median are drawn in to it: a tap left open is a scenario, not a daily use. */
const SPREADS_KEPT = 2.2
/** Share of households by persons (1, 2, 3, 4, 5): village households are small and old. */
export const HOUSEHOLD_SIZES = [18, 34, 24, 16, 8] as const
/** How far a day's water may lie from the household's mean, as a share of it. */
const DAY_SPREAD = 0.25
/** Registers when the demo's calendar begins, m³: meters have been in the ground for one to eight years. */
const REGISTER_MIN = 40
const REGISTER_SPREAD = 500
/** Day 0 of the registers, local time: 2026-01-01. */
const CALENDAR_START = Math.floor(Date.UTC(2026, 0, 1) / DAY_MS)
const LITRES_PER_M3 = 1000
const MINUTES_PER_HOUR = 60
const MINUTE_MS = 60_000

export interface WaterUse {
  readonly use: EndUse
  /** ms after local midnight. */
  readonly start: number
  readonly durationMs: number
  /** l/min */
  readonly flow: number
}

export interface Household {
  readonly persons: number
  /** Mean litres a day. */
  readonly dailyLitres: number
  /** The forward register at this time, m³, unrounded. */
  volumeAt(at: number): number
  /** Instantaneous flow at this time, m³/h. */
  flowAt(at: number): number
}

interface KnownDay {
  readonly day: number
  readonly midnightLitres: number
  readonly nextMidnightLitres: number
  readonly uses: readonly WaterUse[]
}

/** The uses of one day as they are drawn, in no order. */
export function drawDay(random: Random, persons: number): WaterUse[] {
  const uses: WaterUse[] = []
  for (const use of END_USES) {
    const facts = END_USE_FACTS[use]
    const count = poisson(random, facts.perPersonAndDay * persons)
    for (let i = 0; i < count; i++) {
      const litres = facts.medianLitres * Math.exp(facts.logSpread * bounded(normal(random)))
      const flow = facts.medianFlow * Math.exp(facts.flowLogSpread * bounded(normal(random)))
      const durationMs = (litres / flow) * MINUTE_MS
      const hour = weighted(random, facts.hours)
      const start = Math.min((hour + random()) * HOUR_MS, DAY_MS - durationMs)
      uses.push({ use, start, durationMs, flow })
    }
  }
  return uses
}

const bounded = (spreads: number): number => Math.max(-SPREADS_KEPT, Math.min(SPREADS_KEPT, spreads))

/** Mean litres of one event: the mean of a log-normal distribution. */
const meanLitres = (facts: EndUseFacts): number => facts.medianLitres * Math.exp(facts.logSpread ** 2 / 2)

/** Mean litres that one person draws in each local hour. */
export const LITRES_BY_HOUR: readonly number[] = Array.from({ length: DAY_MS / HOUR_MS }, (_, hour) =>
  END_USES.reduce((sum, use) => {
    const { hours, perPersonAndDay } = END_USE_FACTS[use]
    const share = (hours[hour] ?? 0) / hours.reduce((all, percent) => all + percent, 0)
    return sum + share * perPersonAndDay * meanLitres(END_USE_FACTS[use])
  }, 0),
)

export function household(seed: number): Household {
  const persons = 1 + weighted(seeded(mix(seed, 1)), HOUSEHOLD_SIZES)
  const dailyLitres =
    persons *
    END_USES.reduce((sum, use) => sum + meanLitres(END_USE_FACTS[use]) * END_USE_FACTS[use].perPersonAndDay, 0)
  const installed = REGISTER_MIN + REGISTER_SPREAD * fraction(seed, 2)

  // The register at midnight follows from the day's number alone; the day's uses are stretched to meet the next midnight.
  const litresAtMidnight = (day: number): number =>
    dailyLitres * (day - CALENDAR_START + DAY_SPREAD * fraction(seed, 3, day))
  let known: KnownDay | undefined

  const dayAt = (local: number): KnownDay => {
    const day = Math.floor(local / DAY_MS)
    if (known?.day === day) return known
    const midnightLitres = litresAtMidnight(day)
    const nextMidnightLitres = litresAtMidnight(day + 1)
    let drawn = drawDay(seeded(mix(seed, 4, day)), persons)
    if (drawn.length === 0)
      drawn = [{ use: 'faucet', start: 12 * HOUR_MS, durationMs: MINUTE_MS, flow: END_USE_FACTS.faucet.medianFlow }]
    const litres = drawn.reduce((sum, use) => sum + (use.flow * use.durationMs) / MINUTE_MS, 0)
    const stretch = (nextMidnightLitres - midnightLitres) / litres
    const uses = drawn.map((use) => {
      const durationMs = use.durationMs * stretch
      return { ...use, durationMs, start: Math.max(0, Math.min(use.start, DAY_MS - durationMs)) }
    })
    known = { day, midnightLitres, nextMidnightLitres, uses }
    return known
  }

  return {
    persons,
    dailyLitres,
    volumeAt: (at) => {
      const local = at + LOCAL_OFFSET_MS
      const { day, midnightLitres, nextMidnightLitres, uses } = dayAt(local)
      const time = local - day * DAY_MS
      let litres = midnightLitres
      for (const use of uses) {
        const ran = Math.min(Math.max(time - use.start, 0), use.durationMs)
        litres += (use.flow * ran) / MINUTE_MS
      }
      // A sum in floating point may end a hair above the next midnight; a register may not.
      return installed + Math.min(litres, nextMidnightLitres) / LITRES_PER_M3
    },
    flowAt: (at) => {
      const local = at + LOCAL_OFFSET_MS
      const { day, uses } = dayAt(local)
      const time = local - day * DAY_MS
      let flow = 0
      for (const use of uses) if (time >= use.start && time < use.start + use.durationMs) flow += use.flow
      return (flow * MINUTES_PER_HOUR) / LITRES_PER_M3
    },
  }
}
