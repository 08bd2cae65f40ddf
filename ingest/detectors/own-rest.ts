import { LATE_MS } from './detector.ts'
import { type FlowDraft, NO_READING, NOT_KNOWN } from './leak-memory.ts'

/** What this home is known for without leaking: how long it goes without a standstill, how busy its nights are. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * ms. Less than `LARGE` in some hours and a standstill in none. Of 1,543 homes without a leak, with a dial of 1 l and over 90
 * days, two ever went for more than 48 h without a standstill (of an hour), both for less than six days.
 */
const SMALL_AFTER_MS = 118 * HOUR_MS
/**
 * l/h. A large family on a dial of 10 l takes a step in every hour of some nights; what four hours of its days come to at the least is known
 * after some days. A leak adds all it loses to that: less than so much more is a busy day.
 */
const LARGE_ABOVE = 10.5
const SMALL_ABOVE = 3
/**
 * A tank on the roof whose valve closes slowly takes in 8 to 20 l/h until it is full: after some baths for half a night, with guests in
 * the house for days. It looks as a leak does, but the house draws more beside it than it usually does in a day: 2.6 times as much at the
 * median of 45 such homes, where a home with a leak of 12.5 to 25 l/h draws 0.9 times as much; it draws no less beside the tank than the
 * tank takes in.
 */
const BUSY_TIMES = 2
/** The same by a dial of 10 l, whose smallest four hours hold some of what is drawn. */
const BUSY_COARSE_TIMES = 1.6
const BUSY_BELOW = 18
/** ms. It began no longer than this behind a standstill: a leak that grows was a small one before. */
const BUSY_AFTER_REST_MS = 12 * HOUR_MS
/** l. A day with less is nobody's. */
const AT_HOME_LITRES = 30
const USUAL_FROM_DAYS = 5
const USUAL_OF_DAYS = 14
/** Hours of a day that must be known of its smallest flow. */
const DAY_HOURS = 18
const DAY_ITEMS = 3
/**
 * A register of 10 l stands still for two hours while 5 l/h leak: four hours are its hour, in which two steps must come,
 * and a cistern that tops itself up makes one step. Four hours of rest are rarer than one: of 618 such homes 87 went for more
 * than 48 h without, twelve for more than four days, and those did it again. So three times the longest that this home has gone
 * without is asked for, from six days to ten, and seven days while the home is not known (from four and six, two more of a
 * thousand such homes were told what was none, in two months).
 */
const COARSE_AFTER_MS = 162 * HOUR_MS
const COARSE_LEAST_MS = 150 * HOUR_MS
const COARSE_MOST_MS = 240 * HOUR_MS
const COARSE_TIMES = 3
/** ms. A home is known after so long, and what it did fades: linearly, to nothing in half a year. */
const HOME_KNOWN_MS = 14 * DAY_MS
const FADES_MS = 180 * DAY_MS
/** ms. Shorter runs are every home's. */
const RUN_KEPT_MS = 24 * HOUR_MS
const PAIR = 2

/** The longest run without a standstill that this home is known for, ms. */
const longestOf = ({ longest, longestAt }: FlowDraft, at: number): number =>
  longest * Math.max(0, 1 - (at - longestAt) / FADES_MS)

/** Without a standstill until now, and no leak. */
export function noteRest(draft: FlowDraft, at: number): void {
  const { fine, small, runs } = draft
  if (!fine && small.known >= RUN_KEPT_MS && small.known > longestOf(draft, at)) runs.push(at, small.known)
}

/** A reading of a home that does not leak. */
export function noteDay(draft: FlowDraft, at: number, litres: number): void {
  const day = Math.floor(at / DAY_MS)
  if (day === draft.day) return
  const isWhole = draft.dayHours >= DAY_HOURS
  if (day === draft.day + 1 && litres >= draft.dayLitres)
    draft.days.push(draft.day, Math.round(litres - draft.dayLitres), isWhole ? draft.dayLow : NO_READING)
  draft.day = day
  draft.dayLitres = litres
  draft.dayLow = NOT_KNOWN
  draft.dayHours = 0
  learnDays(draft, at)
}

/** A window of a dial of 10 l of a home that does not leak, and its flow, l/h. */
export function noteWindow(draft: FlowDraft, at: number, rate: number): void {
  const hour = Math.floor(at / HOUR_MS)
  if (hour !== draft.dayLast) draft.dayHours++
  draft.dayLast = hour
  draft.dayLow = Math.min(draft.dayLow, Math.round(rate * 10) / 10)
}

/** What ended so long ago that no upload changes it is learnt. */
function learn(draft: FlowDraft, at: number): void {
  const { runs } = draft
  while (runs.length > 0 && at - runs[0]! >= LATE_MS) {
    const [endedAt = 0, known = 0] = runs.splice(0, PAIR)
    if (known > longestOf(draft, endedAt)) {
      draft.longest = known
      draft.longestAt = endedAt
    }
  }
}

function learnDays(draft: FlowDraft, at: number): void {
  const { days } = draft
  while (days.length > 0 && at - (days[0]! + 1) * DAY_MS >= LATE_MS) {
    const [, use = 0, low = NO_READING] = days.splice(0, DAY_ITEMS)
    if (use >= AT_HOME_LITRES) draft.usualUse = meanWith(draft.usualUse, use, ++draft.useDays)
    if (low !== NO_READING) draft.usualLow = meanWith(draft.usualLow, low, ++draft.lowDays)
  }
}

/** Of the last days, rounded to what is stored. */
const meanWith = (mean: number, value: number, days: number): number =>
  Math.round((mean + (value - mean) / Math.min(days, USUAL_OF_DAYS)) * 100) / 100

/**
 * Whether more is drawn beside a flow of so many l/h than this home draws in a day: its tank fills.
 * @param litres on the register now
 */
export function isBusy(
  { fine, small, large, usualUse, useDays }: FlowDraft,
  at: number,
  litres: number,
  rate: number,
): boolean {
  if (rate >= BUSY_BELOW || useDays < USUAL_FROM_DAYS || Number.isNaN(large.litres)) return false
  if (large.from - small.from > BUSY_AFTER_REST_MS) return false
  const taken = (rate * DAY_MS) / HOUR_MS
  const drawn = ((litres - large.litres) * DAY_MS) / (at - large.from) - taken
  return drawn >= Math.max(usualUse * (fine ? BUSY_TIMES : BUSY_COARSE_TIMES), taken)
}

const isKnownHome = ({ fine, lowDays }: FlowDraft): boolean => !fine && lowDays >= USUAL_FROM_DAYS

/** l/h, by a dial of 10 l, that are more than a busy day of this home: of a large leak, of a small one. */
export const largeFrom = (draft: FlowDraft): number => (isKnownHome(draft) ? draft.usualLow + LARGE_ABOVE : 0)
export const smallFrom = (draft: FlowDraft): number => (isKnownHome(draft) ? draft.usualLow + SMALL_ABOVE : 0)

/** ms without a standstill that are a small leak. */
export function smallAfter(draft: FlowDraft, at: number): number {
  if (draft.fine) return SMALL_AFTER_MS
  if (at - draft.began < HOME_KNOWN_MS + LATE_MS) return COARSE_AFTER_MS
  learn(draft, at)
  return Math.min(COARSE_MOST_MS, Math.max(COARSE_LEAST_MS, COARSE_TIMES * longestOf(draft, at)))
}
