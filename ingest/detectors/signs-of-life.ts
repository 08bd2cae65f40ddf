import { stripSince } from './constant-flow.ts'
import { firstSince, HOUR_MS, hourOf, stepOf, type UseDraft } from './own-use.ts'

/** The hours since somebody left: whether they are home again. */
export interface Span {
  /** l */
  readonly litres: number
  /** Hours of it that are measured, most of them on their own. */
  readonly hours: number
  /** Of these: in which something was drawn, beyond what never stops; in which nothing was. */
  readonly used: number
  readonly still: number
  /** The longest time in which nothing did, h. */
  readonly longestStill: number
  /** How often it began again after an hour without. */
  readonly bouts: number
}

/** An hour with so much is one in which somebody drew water: a hand wash. l */
const DRAWN = 2

/** h. Where one or two readings are missing the hours between count together. */
const TOGETHER = 3

/** The hours from `from` until the last reading. */
export function spanSince(draft: UseDraft, from: number): Span {
  const { points, lastLitres } = draft
  const first = firstSince(draft, from)
  if (first < 0) return { litres: 0, hours: 0, used: 0, still: 0, longestStill: 0, bouts: 0 }
  const each: number[] = []
  const spans: number[] = []
  for (let i = first + 2; i < points.length; i += 2)
    if (hourOf(points[i]!) - hourOf(points[i - 2]!) <= TOGETHER) {
      each.push(points[i + 1]! - points[i - 1]!)
      spans.push((points[i]! - points[i - 2]!) / HOUR_MS)
    }
  // Where a reading is missing an hour is a little longer or shorter than the next.
  const least = each.length === 0 ? 0 : Math.max(0, Math.min(...each.map((one, i) => one / spans[i]!)))
  // What never stops is drawn by nobody; a dial rounds it by a litre.
  const drawn = each.map((one, i) => one - least * spans[i]!)
  const quiet = least > 0 ? 1 : 0
  return {
    litres: lastLitres - points[first + 1]!,
    hours: Math.round(spans.reduce((sum, one) => sum + one, 0)),
    used: drawn.filter((one) => one >= DRAWN).length,
    still: drawn.filter((one) => one <= quiet).length,
    longestStill: longestRun(each, spans),
    bouts: drawn.filter((one, i) => one >= DRAWN && (drawn[i - 1] ?? 0) <= quiet).length,
  }
}

function longestRun(each: readonly number[], hours: readonly number[]): number {
  let longest = 0
  let run = 0
  for (const [i, one] of each.entries()) {
    run = one <= 0 ? run + hours[i]! : 0
    longest = Math.max(longest, run)
  }
  return longest
}

/** Hours in which somebody drew water, before it is believed that they are home. */
const HOURS_OF_LIFE = 4
const BOUTS_OF_LIFE = 2
/** l, and the share of an ordinary day. */
const LITRES_OF_LIFE = 20
const SHARE_OF_LIFE = 0.4
/** l beside what never stops. A neighbour waters the plants with ten. */
const BESIDE_FLOW = 12

/**
 * Whether it looks since `from` as when they are home: water in several hours of a day with standstill between them, and not
 * what a leak, a dripping cistern, a tap left open or the neighbour with a can draws.
 * @param usual l of an ordinary day
 */
export function looksLived(draft: UseDraft, from: number, usual: number | undefined): boolean {
  const { litres, used, still, bouts } = spanSince(draft, from)
  return (
    used >= HOURS_OF_LIFE &&
    bouts >= BOUTS_OF_LIFE &&
    still >= used / 2 &&
    litres >= Math.max(LITRES_OF_LIFE, (usual ?? 0) * SHARE_OF_LIFE) &&
    stripSince(draft, firstSince(draft, from)) > stepOf(draft) + BESIDE_FLOW
  )
}
