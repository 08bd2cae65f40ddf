/** What counts as flow and as standstill, by what a dial can show. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * l/h. An hour with less is a standstill. Badger's 1 gal/h is 3.8; 2 keeps a leak of 3 l/h above it on a register of
 * 1 l, whose hourly differences are off by up to one litre.
 */
export const STILL = 2
/** l/h. A home that never draws less for a day leaks: 12.5 l/h, less what one step of the dial can hide. */
export const LARGE = 11.5
/**
 * ms. Badger, Kamstrup, Sensus: 24 h since the last hour below it. Hourly readings show a home that rests from four to five every morning
 * as 23 h; denser ones, whose hours overlap, as up to 23 h 40. So much of it must have been measured.
 */
export const LARGE_AFTER_MS = 24 * HOUR_MS - 10 * MINUTE_MS
export const LARGE_AFTER_HOURLY_MS = 23 * HOUR_MS + 15 * MINUTE_MS
export const LARGE_KNOWN_MS = 21 * HOUR_MS
/** ms. An hour is any span from here … (clocks of meters jitter by minutes) */
export const HOUR_FROM_MS = 55 * MINUTE_MS
/** ms. A window may be so much longer than it should; a longer one may hide a standstill and counts neither way (Badger: estimated reads). */
export const WINDOW_SLACK_MS = 35 * MINUTE_MS
/** l. A register whose steps are no finer. */
export const COARSE_LITRES = 10
/** l/h. Its standstill across a missing upload. */
export const COARSE_STILL = 5
/** ms. After a longer gap than a lost upload the counting starts anew. */
export const GAP_MAX_MS = 30 * HOUR_MS
/** l. A register that falls by more is another register. */
export const EXCHANGE_LITRES = 1000

/** Of 12.5 l/h a dial of 10 l shows one step in every whole hour, but not two in every hour and a half. */
export const isBelowLarge = (fine: boolean, litres: number, span: number): boolean =>
  fine
    ? litres * HOUR_MS < LARGE * span
    : litres < COARSE_LITRES * Math.floor((span + HOUR_MS - HOUR_FROM_MS) / HOUR_MS)
