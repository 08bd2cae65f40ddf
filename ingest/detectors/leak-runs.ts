import { HOUR_FROM_MS, LARGE_KNOWN_MS, WINDOW_SLACK_MS } from './leak-limits.ts'
import { type FlowDraft, noRun, type Run, SAMPLE } from './leak-memory.ts'
import { leakRate } from './leak-rate.ts'
import { noteRest } from './own-rest.ts'
import { type Level, QUIET } from './rule.ts'

/** How long nothing below a limit was seen, and the smallest flow since. */

export function begin(run: Run, at: number, litres = Number.NaN): void {
  run.from = at
  run.litres = litres
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
export function standStill(draft: FlowDraft, level: Level, at: number, litres: number): void {
  if (level === QUIET) noteRest(draft, at)
  begin(draft.small, at)
  begin(draft.large, at, litres)
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

export function forgetSamples(draft: FlowDraft): void {
  draft.samples.length = 0
  draft.first = 0
}

/**
 * A run of large flow goes on from the reading `samples[hour]`, where the last hour below the limit ended: as much of that hour belongs to
 * it as its litres fill. Of two hours (a reading is missing) one may have been a standstill.
 */
export function beginsWithin({ samples, first, large }: FlowDraft, hour: number, at: number): void {
  const before = hour - SAMPLE
  if (before < first || samples[hour] !== large.from) return
  const span = large.from - samples[before]!
  const passed = samples[hour + 1]! - samples[before + 1]!
  const rate = (samples[hour + SAMPLE + 1]! - samples[hour + 1]!) / (at - large.from)
  if (passed > 0)
    large.from -= Math.min(passed / rate, span > HOUR_FROM_MS + WINDOW_SLACK_MS ? span - HOUR_FROM_MS : span)
}

/** A span in which water flowed. */
export function extend(run: Run, from: number, at: number): void {
  if (Number.isNaN(run.from)) begin(run, from)
  run.known += at - Math.max(from, run.until)
  run.until = at
}
