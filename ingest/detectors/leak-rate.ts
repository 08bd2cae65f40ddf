import { type FlowDraft, HOLE_ITEMS, LEAK_RATE_HOURS, LOWEST, NO_READING } from './leak-memory.ts'

const HOUR_MS = 3_600_000

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
