import { LATE_MS } from './detector.ts'
import type { FlowDraft } from './leak-memory.ts'

/** How long this home has gone without a standstill and did not leak: what it is known for. */

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * ms. Less than `LARGE` in some hours and a standstill in none. Of 1,543 homes without a leak, with a dial of 1 l and over 90
 * days, two ever went for more than 48 h without a standstill (of an hour), both for less than six days.
 */
const SMALL_AFTER_MS = 96 * HOUR_MS
/**
 * A register of 10 l stands still for two hours while 5 l/h leak: four hours are its hour, in which two steps must come,
 * and a cistern that tops itself up makes one step. Four hours of rest are rarer than one: of 618 such homes 87 went for more
 * than 48 h without, twelve for more than four days, and those did it again. So three times the longest that this home has gone
 * without is asked for, from six days to ten, and seven days while the home is not known (from four and six, two more of a
 * thousand such homes were told what was none, in two months).
 */
const COARSE_AFTER_MS = 168 * HOUR_MS
const COARSE_LEAST_MS = 144 * HOUR_MS
const COARSE_MOST_MS = 240 * HOUR_MS
const COARSE_TIMES = 3
/** ms. A home is known after so long, and what it did fades: linearly, to nothing in half a year. */
const HOME_KNOWN_MS = 14 * DAY_MS
const FADES_MS = 180 * DAY_MS
/** ms. Shorter runs are every home's. */
const RUN_KEPT_MS = 24 * HOUR_MS

/** The longest run without a standstill that this home is known for, ms. */
const longestOf = ({ longest, longestAt }: FlowDraft, at: number): number =>
  longest * Math.max(0, 1 - (at - longestAt) / FADES_MS)

/** Without a standstill until now, and no leak. */
export function noteRun(draft: FlowDraft, at: number): void {
  const { fine, small, runs } = draft
  if (!fine && small.known >= RUN_KEPT_MS && small.known > longestOf(draft, at)) runs.push(at, small.known)
}

/** What ended so long ago that no upload changes it is learnt. */
function learn(draft: FlowDraft, at: number): void {
  const { runs } = draft
  while (runs.length > 0 && at - runs[0]! >= LATE_MS) {
    const [endedAt = 0, known = 0] = runs.splice(0, 2)
    if (known > longestOf(draft, endedAt)) {
      draft.longest = known
      draft.longestAt = endedAt
    }
  }
}

/** ms without a standstill that are a small leak. */
export function smallAfter(draft: FlowDraft, at: number): number {
  if (draft.fine) return SMALL_AFTER_MS
  if (at - draft.began < HOME_KNOWN_MS + LATE_MS) return COARSE_AFTER_MS
  learn(draft, at)
  return Math.min(COARSE_MOST_MS, Math.max(COARSE_LEAST_MS, COARSE_TIMES * longestOf(draft, at)))
}
