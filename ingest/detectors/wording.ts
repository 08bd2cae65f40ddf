/** Figures and durations as they stand in a finding's reason, in both languages. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** From here on a duration is told in the next larger unit. */
const TOLD_IN_HOURS_FROM_MS = 2 * HOUR_MS
const TOLD_IN_DAYS_FROM_MS = 3 * DAY_MS

/** Rounded to `decimals`, without trailing zeros. */
export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale
}

export function durationEn(ms: number): string {
  if (ms >= TOLD_IN_DAYS_FROM_MS) return `${Math.floor(ms / DAY_MS)} days`
  if (ms >= TOLD_IN_HOURS_FROM_MS) return `${Math.floor(ms / HOUR_MS)} h`
  if (ms >= MINUTE_MS) return `${Math.floor(ms / MINUTE_MS)} min`
  return `${Math.round(ms / 1000)} s`
}

export function durationZh(ms: number): string {
  if (ms >= TOLD_IN_DAYS_FROM_MS) return `${Math.floor(ms / DAY_MS)}天`
  if (ms >= TOLD_IN_HOURS_FROM_MS) return `${Math.floor(ms / HOUR_MS)}小时`
  if (ms >= MINUTE_MS) return `${Math.floor(ms / MINUTE_MS)}分钟`
  return `${Math.round(ms / 1000)}秒`
}
