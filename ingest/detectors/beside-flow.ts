import { cityDayOf } from '../../contract/city-time.ts'
import { courseSince, isFlowOnly, longestStill, stripSince } from './constant-flow.ts'
import { COARSE_STEP, DAY_MS, HOUR_MS, lived, stepOf, type UseDraft } from './own-use.ts'

/**
 * Nobody draws water though the register moves: a cistern runs, or the dial shows tens. Told by what ran beside a straight
 * line, and by how much less it is than on a low day of theirs.
 */
export interface HiddenDraft extends UseDraft {
  /** Of which day `low` is, and it. */
  lowOf: number
  low: number | undefined
}
export const NO_LOW_DAY = { lowOf: 0, low: undefined } as const

/** h */
const DAY_HOURS = 24
/**
 * When what ran is what never stops: in so many hours, so many steps of the dial at least, not more than so many litres
 * beside a straight line, and so much less than on a low day, l. Without `less`, where nothing is learnt of them or the
 * cistern has just begun to run: as straight as nobody's day is.
 */
interface BesideFlow {
  readonly hours: number
  readonly steps: number
  readonly beside: number
  readonly less?: number
  /** The longest time without a register, h. */
  readonly hole?: number
}
/** l. What somebody in bed may sip in a day. */
const SIPS = 6
/** Across a lost upload it is known how much ran, not when: it must be hardly anything for two days together. */
const ACROSS_A_HOLE: BesideFlow = { hours: 40, steps: 3, beside: SIPS, less: 60, hole: 26 }
const BESIDE_FLOW_FINE: readonly BesideFlow[] = [
  { hours: 24, steps: 10, beside: SIPS, less: 40 },
  { hours: 28, steps: 10, beside: 8, less: 40 },
  { hours: 32, steps: 10, beside: 8, less: 30 },
  { hours: 24, steps: 10, beside: 4 },
  { hours: 28, steps: 10, beside: SIPS },
  ACROSS_A_HOLE,
]
// More of the day tells as much as a dial that shows litres.
const BESIDE_FLOW_COARSE: readonly BesideFlow[] = [
  { hours: 28, steps: 5, beside: SIPS, less: 60 },
  { hours: 32, steps: 5, beside: SIPS, less: 50 },
  { hours: 40, steps: 3, beside: 8, less: 50 },
  { hours: 47, steps: 2, beside: 8, less: 40 },
  { hours: 40, steps: 9, beside: 2 },
  ACROSS_A_HOLE,
]
/** ms. What may be a standstill now is no day to compare with. */
const LOOKED_BACK_MS = 2 * DAY_MS
/** h. A register that is missing for longer hides the day's ways. */
const LONGEST_HOLE_H = 6
/** h. What never stops moves a dial in equal times, give or take the hour of a reading. */
const OFF_BEAT_H = 1
/** Days at home that must be known for it. */
const FEW_DAYS = 4
/** One of so many days may be less than their low day, and of few the first of them a little sooner. */
const LOW_OF = 10
const LUCK = 2
/** Where hardly a step is seen there is no line: so few in so many hours, and not more than a share of a low day. */
const FAR_LESS = [
  { hours: 28, steps: 1, share: 0.5 },
  { hours: 36, steps: 2, share: 0.4 },
  { hours: 40, steps: 3, share: 0.3 },
] as const

/**
 * Nobody draws water beside what never stops: far less ran than on a low day of theirs, and it came straight on by day and
 * night, as a flow comes that had not stopped in the two weeks before either.
 * @returns since when
 */
export function besideFlow(draft: HiddenDraft, at: number, judgedFrom: number, limit: number): number | undefined {
  const step = stepOf(draft)
  for (const { hours, beside, less, steps, hole = LONGEST_HOLE_H } of draft.fine
    ? BESIDE_FLOW_FINE
    : BESIDE_FLOW_COARSE) {
    const from = at - hours * HOUR_MS
    const course = from < judgedFrom ? undefined : courseSince(draft, from)
    if (course === undefined || course.hole > hole || course.litres < steps * step) continue
    const everyHours = (course.hours * step) / course.litres
    if (less === undefined) {
      if (course.longestStill > everyHours + OFF_BEAT_H) continue
    } else {
      const low = lowDay(draft, cityDayOf(at - LOOKED_BACK_MS), judgedFrom, limit)
      if (low === undefined || course.litres > (low * course.hours) / DAY_HOURS - less) continue
      if (longestStill(draft.days, from) > everyHours + OFF_BEAT_H) continue
    }
    if (stripSince(draft, course.first) <= step + beside) return draft.points[course.first]
  }
  return undefined
}

/** A low day of theirs before `day`, of ten the least but one, l. Undefined: not learnt yet. Looked up once a day. */
function lowDay(draft: HiddenDraft, day: number, judgedFrom: number, limit: number): number | undefined {
  if (draft.lowOf !== day) {
    // Days of an illness, or of an absence that nobody told, say nothing about how they live, nor does that of coming home.
    const homeOn = cityDayOf(judgedFrom)
    const known = draft.days
      .filter((one) => one.day !== homeOn && !isFlowOnly(one, stepOf(draft) + SIPS))
      .map((one) => lived(one, day, limit))
      .filter((one) => one !== undefined)
    known.sort((a, b) => a - b)
    draft.lowOf = day
    draft.low = known.length < FEW_DAYS ? undefined : known[Math.floor((known.length + LUCK) / LOW_OF)]
  }
  return draft.low
}

/** Behind a dial that shows tens: so few steps as no low day of theirs has. @returns since when */
export function farLess(draft: HiddenDraft, at: number, judgedFrom: number, limit: number): number | undefined {
  if (draft.fine) return undefined
  for (const { hours, steps, share } of FAR_LESS) {
    const from = at - hours * HOUR_MS
    const ran = ranSince(draft, from, judgedFrom)
    if (ran === undefined || ran > steps * COARSE_STEP) continue
    const low = lowDay(draft, cityDayOf(at - LOOKED_BACK_MS), judgedFrom, limit)
    if (low !== undefined && ran <= (low * share * hours) / DAY_HOURS) return from
  }
  return undefined
}

/** Litres since the last register that is not later than `from`; undefined: it is not known. */
export function ranSince({ points, lastLitres }: UseDraft, from: number, judgedFrom: number): number | undefined {
  if (from < judgedFrom) return undefined
  let before = -1
  for (let i = 0; i < points.length && points[i]! <= from; i += 2) before = i
  return before < 0 ? undefined : lastLitres - points[before + 1]!
}
