/**
 * Water that runs at the same rate draws its register as a straight line: of all readings of a run there is one rate (and one
 * beginning) with which each lies within a step of the dial. People do not draw like that for hours.
 */
export interface Line {
  /** Oldest first: time (ms), litres, both since the standstill before. Empty: none. The first is where it begins; of many, every second is forgotten. */
  points: number[]
  /** Between the readings that it joins. */
  intervals: number
  /** The rates that all of them allow, l/h. */
  low: number
  high: number
  lastAt: number
  lastLitres: number
}

const HOUR_MS = 3_600_000
const PAIR = 2
/** Readings that a new one is held against: a run of three hours by quarters. */
const HELD_AGAINST = 12
/** A flow goes with the root of the pressure: within one run it may be off by so much of what has passed. Our choice. */
const UNEVEN = 0.02
/** Rates are kept to the hundredth of a litre: they are stored. */
const HUNDREDTHS = 100

export const noLine = (): Line => ({ points: [], intervals: 0, low: 0, high: 0, lastAt: 0, lastLitres: 0 })

export function beginLine(line: Line, at: number, litres: number): void {
  line.points.length = 0
  line.points.push(at, litres)
  line.intervals = 0
  line.low = Number.NEGATIVE_INFINITY
  line.high = Number.POSITIVE_INFINITY
  line.lastAt = at
  line.lastLitres = litres
}

/** Takes a reading (`step`: of the dial, l) into the line; false, and nothing changed: it lies beside it. */
export function extendLine(line: Line, at: number, litres: number, step: number): boolean {
  const { points } = line
  let { low, high } = line
  for (let i = points.length - PAIR; i >= 0; i -= PAIR) {
    const hours = (at - points[i]!) / HOUR_MS
    const passed = litres - points[i + 1]!
    const off = step + UNEVEN * passed
    const least = (passed - off) / hours
    const most = (passed + off) / hours
    if (least > low) low = least
    if (most < high) high = most
    if (low >= high) return false
  }
  line.low = Math.ceil(low * HUNDREDTHS) / HUNDREDTHS
  line.high = Math.floor(high * HUNDREDTHS) / HUNDREDTHS
  line.intervals++
  line.lastAt = at
  line.lastLitres = litres
  points.push(at, litres)
  if (points.length > HELD_AGAINST * PAIR)
    for (let i = PAIR; i < points.length - PAIR; i += PAIR) points.splice(i, PAIR)
  return true
}

/** Intervals of less than half an hour are one: a shower, a hose and a washing machine are straight for as long. */
const WEIGHED_AN_HOUR = 2
/** Clocks of meters jitter. */
const JITTER = 0.2

/** Straightness that chance would make once in so many tries, by the steps of the dial that an interval holds. Measured: ADR 38. */
const CHANCE = 1.5

/**
 * How unlikely it is that people drew this line, in bits: every interval after the first had to hold as much as the one before,
 * to a step of the dial; intervals without a step say nothing.
 */
export function straightness({ intervals, points, lastAt, lastLitres }: Line, step: number): number {
  const steps = (lastLitres - points[1]!) / step
  const hours = (lastAt - points[0]!) / HOUR_MS
  const held = Math.min(intervals, Math.floor(steps), Math.floor(hours * WEIGHED_AN_HOUR + JITTER))
  if (held < 2) return 0
  const each = steps / held
  return (held - 1) * Math.log2(1 + (CHANCE * each) / (1 + UNEVEN * each))
}
