import type { Text } from '../i18n/text.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Under this, "just now": a ticking 1 s, 2 s, 3 s draws the eye for nothing. */
const JUST_NOW_MS = 3 * SECOND_MS
/** Up to here hours say more than days: "14 h ago", "36 h ago". */
const HOURS_UNTIL_MS = 48 * HOUR_MS

/** "14 h ago". A negative age (a device's clock ahead of ours) reads as just now. */
export function formatAge(ageMs: number, t: Text): string {
  if (ageMs < JUST_NOW_MS) return t('age.now')
  if (ageMs < MINUTE_MS) return t('age.seconds', { n: Math.floor(ageMs / SECOND_MS) })
  if (ageMs < HOUR_MS) return t('age.minutes', { n: Math.floor(ageMs / MINUTE_MS) })
  if (ageMs < HOURS_UNTIL_MS) return t('age.hours', { n: Math.floor(ageMs / HOUR_MS) })
  return t('age.days', { n: Math.floor(ageMs / DAY_MS) })
}

/** A length of time: "2 h 5 min". */
export function formatSpan(ms: number, t: Text): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS))
  if (ms < MINUTE_MS) return t('span.seconds', { n: seconds })
  if (ms < HOUR_MS) return t('span.minutes', { n: Math.floor(ms / MINUTE_MS) })
  if (ms < DAY_MS) {
    const h = Math.floor(ms / HOUR_MS)
    const m = Math.floor((ms % HOUR_MS) / MINUTE_MS)
    return m === 0 ? t('span.hours', { n: h }) : t('span.hoursMinutes', { h, m })
  }
  const d = Math.floor(ms / DAY_MS)
  const h = Math.floor((ms % DAY_MS) / HOUR_MS)
  return h === 0 ? t('span.days', { n: d }) : t('span.daysHours', { d, h })
}

/** What is left of a countdown: "53 s", then "9:43". */
export const formatLeft = (ms: number, t: Text): string =>
  ms < MINUTE_MS ? t('span.seconds', { n: Math.max(0, Math.ceil(ms / SECOND_MS)) }) : formatCountdown(ms)

/** "1:07" of a countdown. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND_MS))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
