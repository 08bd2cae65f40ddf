import { LATE_MS } from './detector.ts'
import { COARSE_STILL, EXCHANGE_LITRES, GAP_MAX_MS, isBelowLarge, STILL } from './leak-limits.ts'
import {
  BEFORE,
  type FlowDraft,
  HOLE_ITEMS,
  LARGE_KNOWN,
  LOWEST,
  MEAN,
  NO_READING,
  NOT_KNOWN,
  SAMPLE,
  SMALL_KNOWN,
  TO,
} from './leak-memory.ts'
import { leakRate } from './leak-rate.ts'
import { begin, forgetSamples, noteEnd, restart, standStill } from './leak-runs.ts'
import { type Level, QUIET } from './rule.ts'

/** What is concluded across an upload that is missing and may still come. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * An upload is missing and may still come. A large leak is decided across a missing day when an hour before it and two behind it
 * have been measured, 24 in all, and its mean is no less (times a share) than the least of those behind it. Every hour of the day is
 * then known on one side or the other; of a shorter hole, which may hold the night, that is not so.
 */
const ACROSS_FROM_MS = 22 * HOUR_MS
const ACROSS_TO_MS = 26 * HOUR_MS
const ACROSS_AFTER_MS = 2 * HOUR_MS
const ACROSS_SHARE = 0.95
/** ms. So long it must have run before: one that grows was smaller in what is missing. */
const ACROSS_BEFORE_MS = HOUR_MS
/** ms. Where nearly a day of it lies before, an hour behind is enough. */
const ACROSS_LONG_MS = 18 * HOUR_MS
const ACROSS_SOON_MS = 55 * MINUTE_MS
/** l/h, ms. Less than two steps of a dial of 10 l in an hour can be a small leak and a family; three hours can be an evening. */
const ACROSS_COARSE = 20
const ACROSS_COARSE_AFTER_MS = 8 * HOUR_MS
/**
 * A small leak is counted on across a missing day where nearly a day was measured on either side, the least it lost there is the same
 * (within a step of the dial and a share), and a day more than else is known: what leaks as much before as behind leaks between.
 * Else it is measured anew.
 */
const SAME_DAY_MS = 22 * HOUR_MS
const SAME_MORE_MS = 24 * HOUR_MS
const SAME_SHARE = 0.1
const SAME_STEP = 1
const SAME_COARSE_STEP = 2.5

/** An upload is missing: windows do not reach across it. */
export function gap(draft: FlowDraft): void {
  const { samples } = draft
  const last = samples.length - SAMPLE
  if (last < 0) return
  // Of two missing ones without a reading between them the first is the edge.
  draft.edgeAt = samples[last]!
  draft.edgeLitres = samples[last + 1]!
  forgetSamples(draft)
}

/** The first sample behind a missing upload. Its mean is what is known of it: below a limit, some hour of it was. */
export function closeGap(draft: FlowDraft, level: Level, at: number, litres: number): Level {
  const { fine, edgeAt, edgeLitres, small, large } = draft
  const span = at - edgeAt
  const passed = litres - edgeLitres
  draft.edgeAt = Number.NaN
  forgetHoles(draft, at)
  if (passed < -EXCHANGE_LITRES) {
    restart(draft)
    return level
  }
  if (passed * HOUR_MS < (fine ? STILL : COARSE_STILL) * span) {
    noteEnd(draft, level)
    standStill(draft, level, at, litres)
    return QUIET
  }
  if (span > GAP_MAX_MS && level === QUIET) {
    restart(draft)
    return level
  }
  if (isBelowLarge(fine, passed, span)) begin(large, at, litres)
  if (Number.isNaN(small.from) && Number.isNaN(large.from)) return level
  const last = draft.holes.length - HOLE_ITEMS
  const isBehindLast = last < 0 || large.from >= draft.holes[last + TO]!
  const before = large.known - (isBehindLast ? 0 : draft.holes[last + LARGE_KNOWN]!)
  const isDay = span >= ACROSS_FROM_MS && span <= ACROSS_TO_MS && before >= ACROSS_BEFORE_MS
  const mean = isDay ? Math.round((passed * HOUR_MS) / span) : 0
  const lowest = last < 0 ? leakRate(draft.lows) : draft.holes[last + LOWEST]!
  draft.holes.push(at, small.known, large.known, mean, NOT_KNOWN, lowest < NOT_KNOWN ? lowest : NO_READING)
  return level
}

/** What has not come by now does not come any more. */
export function forgetHoles({ holes }: FlowDraft, at: number): void {
  while (holes.length > 0 && at - holes[TO]! >= LATE_MS) holes.splice(0, HOLE_ITEMS)
}

/** Whether so much of a small leak is known, with what is missing left out. */
export function isSmallKnown({ fine, small, holes }: FlowDraft, after: number): boolean {
  let least = after
  let counted = small.known
  for (let hole = holes.length - HOLE_ITEMS; hole >= 0; hole -= HOLE_ITEMS) {
    const before = holes[hole + SMALL_KNOWN]!
    if (small.known - before >= least) return true
    const lowest = holes[hole + LOWEST]!
    const earlier = holes[hole + BEFORE]!
    const start = hole === 0 ? 0 : holes[hole - HOLE_ITEMS + SMALL_KNOWN]!
    const isSame =
      earlier !== NO_READING &&
      Math.abs(lowest - earlier) <= (fine ? SAME_STEP : SAME_COARSE_STEP) + SAME_SHARE * Math.min(lowest, earlier)
    if (!isSame || counted - before < SAME_DAY_MS || before - start < SAME_DAY_MS) return false
    counted = before
    least += SAME_MORE_MS
  }
  return small.known >= least
}

function isLongBefore({ holes, large }: FlowDraft, last: number): boolean {
  const earlier = last - HOLE_ITEMS
  const isBehind = earlier < 0 || large.from >= holes[earlier + TO]!
  return holes[last + LARGE_KNOWN]! - (isBehind ? 0 : holes[earlier + LARGE_KNOWN]!) >= ACROSS_LONG_MS
}

export function isAcross(draft: FlowDraft, last: number, at: number): boolean {
  const { fine, holes } = draft
  const behind = at - holes[last + TO]!
  const mean = holes[last + MEAN]!
  if (mean === 0) return false
  if (isLongBefore(draft, last)) return behind >= ACROSS_SOON_MS
  const lowest = holes[last + LOWEST]!
  const isEnough = fine ? behind >= ACROSS_AFTER_MS : behind >= ACROSS_COARSE_AFTER_MS && lowest >= ACROSS_COARSE
  return isEnough && mean >= lowest * ACROSS_SHARE
}
