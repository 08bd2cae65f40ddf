import { limitOf } from '../../contract/detection-limits.ts'
import { type DeviceFacts, LATE_MS } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { COARSE_LITRES, HOUR_FROM_MS, isBelowLarge, LARGE, LARGE_AFTER_MS } from './leak-limits.ts'
import { learn, usualBits } from './recurring-habit.ts'
import {
  draftOf,
  forgetLine,
  litresSince,
  memoryOf,
  type RecurringDraft,
  type RecurringMemory,
} from './recurring-memory.ts'
import { addRun, flowThatReturns, isSameFlow, type SeenRuns, seenOf, settledRuns, WINDOW_MS } from './recurring-runs.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { beginLine, extendLine, straightness } from './straight-line.ts'
import { watch } from './watch.ts'
import { FLOW, takeVolume } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** ms. Denser readings are thinned to this, as those of continuous flow. */
const SAMPLE_MS = 9.5 * MINUTE_MS
/** ms. A standstill is an hour; of a dial of ten litres two, or every leak below 10 l/h would rest between its steps. */
const COARSE_REST_MS = 115 * MINUTE_MS
/** Readings between a standstill and a run that began out of it: the run began within one. */
const CLEAN_READINGS = 2
/** bits. What a sound home comes to once in a hundred years; a dial of ten litres hides more of what people draw (ADR 38). */
const ENOUGH = 22
const ENOUGH_COARSE = ENOUGH + 12
/** Times what this home is used to. */
const USUAL_TIMES = 3
/** ms. A home is known after so long, and a late upload. */
const HOME_KNOWN_MS = 14 * DAY_MS + LATE_MS
/** ms of readings. Over when it has stayed away for so long. */
const AWAY_MS = 5 * DAY_MS
/** ms. A small flow that has not rested for so long is a leak that runs on, and `continuous-flow.ts` tells it. */
const RUNS_ON_MS = 4 * DAY_MS

function judge(
  draft: RecurringDraft,
  level: Level,
  at: number,
  volume: number,
  flow: number,
  _c: number,
  device: DeviceFacts,
): Level {
  const { source, lastAt, lastLitres } = draft
  const litres = takeVolume(draft, at, volume, flow)
  if (Number.isNaN(litres)) return level
  const isNew = source !== draft.source || Number.isNaN(lastAt) || litres < lastLitres
  if (!isNew && at - lastAt < SAMPLE_MS) return level
  if (Number.isNaN(draft.began)) draft.began = at
  if (!draft.fine && (draft.source === FLOW || litres % COARSE_LITRES !== 0)) draft.fine = true
  draft.lastAt = at
  draft.lastLitres = litres
  if (isNew) {
    forgetLine(draft)
    draft.stillAt = at
    return level
  }
  if (litres !== lastLitres) draft.stillAt = at
  if (level !== QUIET) noteFlow(draft, at - lastAt, litres - lastLitres)
  if (at - draft.stillAt >= (draft.fine ? HOUR_FROM_MS : COARSE_REST_MS)) {
    rest(draft, at, litres)
  } else if (!Number.isNaN(draft.restAt)) follow(draft, at, litres)
  if (level === QUIET) return draft.undecided && at - draft.restAt < LARGE_AFTER_MS ? decide(draft, at, device) : QUIET
  return draft.away >= AWAY_MS || runsOn(draft, at) ? end(draft) : level
}

const stepOf = ({ fine }: RecurringDraft): number => (fine ? 1 : COARSE_LITRES)

function rest(draft: RecurringDraft, at: number, litres: number): void {
  draft.restAt = at
  draft.restLitres = litres
  draft.sinceRest = 0
  draft.line.points.length = 0
}

/** One reading after a standstill. What the line before it was is taken where it ends. */
function follow(draft: RecurringDraft, at: number, litres: number): void {
  const { line, restAt, restLitres } = draft
  const step = stepOf(draft)
  const after = at - restAt
  const passed = litresSince(restLitres, litres)
  draft.sinceRest++
  if (line.points.length === 0) beginLine(line, 0, 0)
  else if (extendLine(line, after, passed, step)) return
  else {
    take(draft, step)
    beginLine(line, line.lastAt, line.lastLitres)
  }
  draft.beforeLine = draft.sinceRest - 1
  extendLine(line, after, passed, step)
}

/** The line has ended: a straight flow, if it was one. */
function take(draft: RecurringDraft, step: number): void {
  const { line, restAt, beforeLine, runs, began } = draft
  if (line.low <= 0) return
  const [from = 0, litres = 0] = line.points
  const rate = (line.low + line.high) / 2
  const off = (line.high - line.low) / 2
  const flow = {
    from: restAt + from,
    to: restAt + line.lastAt,
    rate,
    off,
    bits: straightness(line, step),
    clean: beforeLine <= CLEAN_READINGS && litres <= (rate * from) / HOUR_MS + step,
    restedAt: restAt,
  }
  if (!addRun(runs, began, flow)) return
  draft.undecided = true
  if (isSameFlow(rate, off, draft.rate)) draft.away = 0
}

/** Within a day of a standstill: so never beside a leak that runs on. */
function decide(draft: RecurringDraft, at: number, device: DeviceFacts): Level {
  draft.undecided = false
  const { runs, began, habit } = draft
  const settled = settledRuns(runs, began, at)
  if (settled.length > 0) {
    learn(habit, draft.learntAt, settled, at)
    draft.learntAt = at
  }
  const usual = (rate: number): number =>
    USUAL_TIMES * usualBits(habit, draft.learntAt, at, at - began - LATE_MS, rate, WINDOW_MS)
  const found = flowThatReturns(runs, began, at, at - began >= HOME_KNOWN_MS, usual)
  if (found === undefined || found.evidence < (draft.fine ? ENOUGH : ENOUGH_COARSE)) return QUIET
  if (found.rate < limitOf(device, 'leak.from')) return QUIET
  draft.rate = rounded(found.rate, 1)
  draft.since = found.since
  draft.away = 0
  draft.hourMs = 0
  draft.hourLitres = 0
  draft.highMs = 0
  return ALARM
}

/** While it is told: how long it has stayed away, and for how long no hour was below a large leak. */
function noteFlow(draft: RecurringDraft, ms: number, litres: number): void {
  draft.away += ms
  draft.hourMs += ms
  draft.hourLitres = litresSince(-draft.hourLitres, litres)
  if (draft.hourMs < HOUR_FROM_MS) return
  draft.highMs = isBelowLarge(draft.fine, draft.hourLitres, draft.hourMs) ? 0 : draft.highMs + draft.hourMs
  draft.hourMs = 0
  draft.hourLitres = 0
}

/** It does not stop any more: a leak that runs on. */
const runsOn = ({ rate, restAt, highMs }: RecurringDraft, at: number): boolean =>
  rate >= LARGE ? highMs >= LARGE_AFTER_MS : at - restAt >= RUNS_ON_MS

function end(draft: RecurringDraft): Level {
  draft.endedRate = draft.rate
  draft.endedAway = draft.away
  draft.rate = Number.NaN
  // A leak is no habit.
  draft.runs.length = 0
  return QUIET
}

function told(rate: number, { runs, dates, longestMs, atNight, litresADay }: SeenRuns): Report {
  const figure = rounded(rate, rate < 10 ? 1 : 0)
  const litres = rounded(litresADay, 0)
  const [en, zh] = [durationEn(longestMs), durationZh(longestMs)]
  const night = atNight ? { en: ', also at night', zh: ',夜间也有' } : { en: '', zh: '' }
  return {
    value: figure,
    threshold: null,
    unit: 'l/h',
    en: `stops and runs again: ${runs} times on ${dates} days, for up to ${en}, always at ${figure} l/h${night.en}; at least ${litres} l a day`,
    zh: `时停时流:${dates}天内${runs}次,每次最长${zh},流量均约${figure}升/小时${night.zh};每天至少${litres}升`,
  }
}

const stayedAway = (rate: number): Report => ({
  value: rounded(rate, rate < 10 ? 1 : 0),
  threshold: null,
  unit: 'l/h',
  en: `stopped and ran again at ${rounded(rate, 1)} l/h, and has stayed away since`,
  zh: `曾以约${rounded(rate, 1)}升/小时时停时流,此后未再出现`,
})

/**
 * Water that stops and runs again at the same rate, for hours, by day and by night, and is new in this home: a flapper that seats now
 * and then, a float valve that sticks, a softener that regenerates for ever.
 */
export const recurringFlow = watch<RecurringMemory, RecurringDraft>({
  name: 'recurringFlow',
  type: 'intermittentLeak',
  kinds: HOUSEHOLD_METERS,
  reported: null,
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: draftOf,
    keep: memoryOf,
    judge,
    gap(draft) {
      draft.lastAt = Number.NaN
      forgetLine(draft)
    },
    began: ({ since }) => since,
    report({ runs, rate, began, lastAt }, level) {
      if (level === QUIET) return null
      const seen = seenOf(runs, rate, began, lastAt)
      return seen.runs === 0 ? stayedAway(rate) : told(rate, seen)
    },
    ended: ({ endedRate, endedAway }) =>
      Number.isNaN(endedRate)
        ? { now: null, peak: null }
        : { now: endedAway >= AWAY_MS ? AWAY : RUNS_ON, peak: stayedAway(endedRate) },
  },
})

const AWAY: Report = {
  value: 0,
  threshold: null,
  unit: 'l/h',
  en: 'it has not run for five days',
  zh: '已连续5天未再出现',
}
const RUNS_ON: Report = {
  value: null,
  threshold: null,
  unit: null,
  en: 'it does not stop any more',
  zh: '现已持续流动不再停止',
}
