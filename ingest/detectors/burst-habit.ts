import { type BurstDraft, HOLE_ITEMS, PAST_ITEMS, UNKNOWN } from './burst-memory.ts'
import { LATE_MS } from './detector.ts'
import { NOTHING_YET, REGISTER } from './water-volume.ts'

/** High flows that come at the same time of day again and again, and what is known of them while an upload is missing. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const MINUTES = 60

/** ms. Kamstrup, Zenner: 30 min. */
export const BURST_AFTER_MS = 30 * MINUTE_MS
/**
 * A habit is a high flow that came twice at the same time of day (a lawn sprinkler on a timer: 4.8 m³/h for 141 min, seven
 * times in the real household). Its next time is no burst unless it runs longer or stronger, or brings more or less: a pipe may
 * burst beside a sprinkler, or at its hour. More: by what the limit of a burst lets through in so long. A timer keeps to a few per cent.
 */
const HABIT_TIMES = 2
const HABIT_START_MS = 50 * MINUTE_MS
const HABIT_RATE_SHARE = 0.25
const HABIT_LONGER_SHARE = 0.2
export const HABIT_MORE_MS = HOUR_MS
const HABIT_LEAST_SHARE = 0.8
/** l, ms. A timer waters a lawn; a hose that twice came at the same time is none, and nothing that runs for half a day is. */
const HABIT_LEAST_LITRES = 1000
/** A mean over an hour shows less of it than there was, and a register steps. */
const ROOM_SHARE = 0.9
const HABIT_MOST_MS = 6 * HOUR_MS
/** Of high flows that were over, so many are remembered. */
const PAST_MAX = 4
const HUNDREDTHS = 100

/**
 * It has come before, at this time of day, this strong, for this long and as much: twice, or once in what is known while an upload
 * is missing that had room for it, or twice in what is missing. Of a meter's first days nothing is known yet.
 *
 * @param litres on the register now
 * @param more l that it may bring more than before
 * @param isOver nothing more will come
 */
export function isHabit(draft: BurstDraft, at: number, litres: number, more: number, isOver: boolean): boolean {
  const { past, holes, high, highFrom, peak, began } = draft
  if (at - began < LATE_MS || at - high > HABIT_MOST_MS) return false
  // Behind a missing upload: it may have begun in it.
  const isCut = holes[holes.length - HOLE_ITEMS] === high
  // Where its beginning is not known it brought that much at least.
  const brought = Number.isNaN(highFrom) ? 0 : litres - highFrom
  let times = 0
  for (let i = 0; i < past.length; i += PAST_ITEMS) {
    const minutes = past[i + 1]!
    const usual = past[i + 3]!
    const behind = ((high % DAY_MS) - past[i]! + DAY_MS) % DAY_MS
    const apart = Math.min(behind, DAY_MS - behind)
    const lasts = (minutes * (1 + HABIT_LONGER_SHARE) + BURST_AFTER_MS / MINUTE_MS) * MINUTE_MS
    const isAsMuch =
      usual === UNKNOWN ||
      (brought <= usual + more && (!isOver || Number.isNaN(highFrom) || brought >= usual * HABIT_LEAST_SHARE))
    if (
      (apart <= HABIT_START_MS || (isCut && behind <= HABIT_START_MS + minutes * MINUTE_MS)) &&
      at - high <= lasts &&
      peak <= past[i + 2]! * (1 + HABIT_RATE_SHARE) &&
      (minutes * past[i + 2]!) / MINUTES >= HABIT_LEAST_LITRES &&
      isAsMuch
    )
      times++
  }
  // Where high flows are known, what is missing holds more of those rather than others.
  if (times === 0 && past.length >= HABIT_TIMES * PAST_ITEMS) return false
  const least = Math.max(HABIT_LEAST_LITRES * ROOM_SHARE, brought - more)
  for (let i = 0; i < holes.length && times < HABIT_TIMES; i += HOLE_ITEMS) {
    const [to = 0, days = 0, passed = UNKNOWN] = holes.slice(i, i + HOLE_ITEMS)
    // What runs on from a missing upload is not taken for a habit by that upload alone: a pipe that has burst does so.
    const most = to === high ? 1 : HABIT_TIMES
    const room = passed === UNKNOWN ? most : Math.min(most, Math.floor(passed / least))
    if (at - to < LATE_MS) times += Math.min(room, timesWithin(to - days * DAY_MS, to, high))
  }
  return times >= HABIT_TIMES
}

/** How often the time of day of `high` came before it, from … to. */
const timesWithin = (from: number, to: number, high: number): number =>
  Math.max(
    0,
    Math.floor((high - from + HABIT_START_MS) / DAY_MS) -
      Math.max(1, Math.ceil((high - to - HABIT_START_MS) / DAY_MS)) +
      1,
  )

/** An upload is missing: nothing is known of what ran meanwhile but how much it was. */
export function gap(draft: BurstDraft, from: number): void {
  if (draft.source === NOTHING_YET) return
  if (Number.isNaN(draft.edge)) {
    draft.edgeAt = from
    draft.edge = Number.isNaN(draft.high) && draft.source === REGISTER ? draft.meanLitres : UNKNOWN
  }
  draft.meanAt = Number.NaN
  draft.meanBefore = Number.NaN
  draft.quickAt = Number.NaN
  draft.high = Number.NaN
  draft.overload = Number.NaN
  draft.warm = Number.NaN
  // What was running when the upload should have come is no hose.
  draft.lasted = Number.POSITIVE_INFINITY
}

export function closeGap(draft: BurstDraft, at: number, litres: number): void {
  const { edgeAt, edge, holes } = draft
  draft.edge = Number.NaN
  const open = holes.filter((_, i) => at - holes[i - (i % HOLE_ITEMS)]! < LATE_MS)
  draft.holes = [
    ...open,
    at,
    Math.round(((at - edgeAt) / DAY_MS) * HUNDREDTHS) / HUNDREDTHS,
    edge === UNKNOWN || litres < edge ? UNKNOWN : Math.round(litres - edge),
  ]
}

/** What is high from the first reading behind a missing upload on may have begun in it, a habit that is known in part only. */
export function beginsBehindHole(draft: BurstDraft): void {
  const { holes, high } = draft
  if (holes[holes.length - HOLE_ITEMS] === high) draft.holes = [...holes.slice(0, -1), UNKNOWN]
}

/** The high flow is over: what it was is remembered. */
export function endHigh(draft: BurstDraft, at: number, litres: number): void {
  const { high, highFrom, peak, past } = draft
  if (!Number.isNaN(high) && at - high >= BURST_AFTER_MS) {
    const brought = Number.isNaN(highFrom) ? UNKNOWN : Math.round(litres - highFrom)
    draft.past = [...past, high % DAY_MS, Math.round((at - high) / MINUTE_MS), peak, brought].slice(
      -PAST_MAX * PAST_ITEMS,
    )
  }
  draft.high = Number.NaN
}
