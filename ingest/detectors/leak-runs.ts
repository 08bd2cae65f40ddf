import { LARGE_KNOWN_MS } from './leak-limits.ts'
import { type FlowDraft, HOLE_ITEMS, LEAK_RATE_HOURS, LOWEST, noRun, type Run } from './leak-memory.ts'
import { noteRun } from './own-rest.ts'
import { type Level, QUIET } from './rule.ts'

/** How long nothing below a limit was seen, and the smallest flow since. */

const HOUR_MS = 3_600_000
const NO_READING = -1

export function begin(run: Run, at: number): void {
  run.from = at
  run.known = 0
  run.until = at
}

export function restart(draft: FlowDraft): void {
  draft.small = noRun()
  draft.large = noRun()
  draft.lows.length = 0
  draft.holes.length = 0
}

/** A standstill: what was counted before it is over, and how this home lives, unless it was a leak. */
export function standStill(draft: FlowDraft, level: Level, at: number): void {
  if (level === QUIET) noteRun(draft, at)
  begin(draft.small, at)
  begin(draft.large, at)
  draft.lows.length = 0
  draft.holes.length = 0
}

export function noteEnd(draft: FlowDraft, level: Level): void {
  if (level === QUIET) return
  draft.endedRate = leakRate(draft.lows)
  draft.endedKnown = toldRun(draft).known
}

/** The run that a person is told of: a leak that has shrunk is no longer what `large` counts. */
export const toldRun = ({ isLarge, large, small }: FlowDraft): Run =>
  isLarge && large.known >= LARGE_KNOWN_MS ? large : small

/** Smallest flow of the last day, or of the last so many hours, l/h. */
export function leakRate(lows: readonly number[], hours = LEAK_RATE_HOURS): number {
  let rate = Number.POSITIVE_INFINITY
  for (let i = Math.max(0, lows.length - hours); i < lows.length; i++) {
    const low = lows[i]!
    if (low !== NO_READING && low < rate) rate = low
  }
  return rate
}

export function noteLow(draft: FlowDraft, at: number, rate: number): void {
  const hour = Math.floor(at / HOUR_MS)
  const { lows } = draft
  const low = Math.round(rate * 10) / 10
  const { holes } = draft
  const last = holes.length - HOLE_ITEMS
  if (last >= 0 && low < holes[last + LOWEST]!) holes[last + LOWEST] = low
  const newHours = lows.length === 0 ? 1 : Math.min(hour - draft.hour, LEAK_RATE_HOURS)
  for (let i = 1; i < newHours; i++) lows.push(NO_READING)
  if (newHours > 0) lows.push(low)
  else if (low < lows[lows.length - 1]!) lows[lows.length - 1] = low
  draft.hour = hour
}

export function forgetSamples(draft: FlowDraft): void {
  draft.samples.length = 0
  draft.first = 0
}

/** A span in which water flowed. */
export function extend(run: Run, from: number, at: number): void {
  if (Number.isNaN(run.from)) begin(run, from)
  run.known += at - Math.max(from, run.until)
  run.until = at
}
