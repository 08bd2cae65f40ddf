import type { StoredMessage } from '../../store/state/outbox-port.ts'

/**
 * What a channel may send now. A bot takes 20 letters a minute, and 45009 or ten minutes of silence for the 21st: so the
 * last of them are kept for fires, and what would be too many letters is folded into one. Nothing is dropped: what has no
 * place in a letter waits for the next.
 */

export interface Load {
  /** Waiting and not on their way: fires first, then what was tried least, then the oldest. */
  readonly waiting: readonly StoredMessage[]
  /** Letters on their way. */
  readonly underWay: { readonly urgent: number; readonly others: number }
  /** Letters a minute; undefined: no limit. */
  readonly perMinute: number | undefined
  /** When letters of the last minute went out, those under way included. */
  readonly letters: readonly number[]
  /** The channel failed: only a fire that was not tried yet goes out before. ms since 1970. */
  readonly restsUntil: number
  /** The receiver said when to come back (Retry-After): nothing goes out before. */
  readonly barredUntil: number
  readonly now: number
}

/** Fires of one channel under way at once: one that is not answered must not hold up the next. */
const URGENT_AT_ONCE = 4
/** Others go one after the other. */
const OTHERS_AT_ONCE = 1
/** The receiver's minute and ours do not begin together. */
export const RATE_WINDOW_MS = 62_000
/** Of a channel's letters a minute, these are the fires'. Of 20: 12. */
const FIRES_SHARE = 0.6
/** When only so many are left, fires too are folded, and spread over the minute: none waits longer than 10 s. Of 20: 6. */
const FOLD_SHARE = 0.3

/** The letters to send now, each with its messages, and when to ask again where something waits for time to pass. */
export interface Plan {
  readonly letters: readonly (readonly StoredMessage[])[]
  readonly againAt: number
}

export function plan(load: Load): Plan {
  const { waiting, now, barredUntil, restsUntil } = load
  if (waiting.length === 0) return { letters: [], againAt: Number.POSITIVE_INFINITY }
  if (barredUntil > now) return { letters: [], againAt: barredUntil }
  const resting = restsUntil > now
  const fires = waiting.filter(({ urgent, attempts }) => urgent && (!resting || attempts === 0))
  const others = resting ? [] : waiting.filter(({ urgent }) => !urgent)
  const restAgain = resting ? restsUntil : Number.POSITIVE_INFINITY
  const freeForFires = Math.max(0, URGENT_AT_ONCE - load.underWay.urgent)
  const freeForOthers = Math.max(0, OTHERS_AT_ONCE - load.underWay.others)
  const one = (message: StoredMessage): StoredMessage[] => [message]
  if (load.perMinute === undefined)
    return {
      letters: [...fires.slice(0, freeForFires).map(one), ...others.slice(0, freeForOthers).map(one)],
      againAt: restAgain,
    }

  // What went out after now went out before the clock was set back.
  const recent = load.letters.filter((at) => at > now - RATE_WINDOW_MS && at <= now)
  const left = load.perMinute - recent.length
  const foldBelow = Math.max(1, Math.floor(load.perMinute * FOLD_SHARE))
  const kept = Math.max(1, Math.floor(load.perMinute * FIRES_SHARE))
  const letters: StoredMessage[][] = []
  let againAt = restAgain
  // The next letter of the minute falls out of it.
  const frees = (recent[0] ?? now) + RATE_WINDOW_MS

  if (fires.length > 0 && freeForFires > 0) {
    const singly = Math.max(0, left - foldBelow)
    const spread = RATE_WINDOW_MS / foldBelow
    const turn = Math.max(now, (recent.at(-1) ?? 0) + spread)
    const alone = Math.min(singly - 1, freeForFires - 1)
    if (fires.length <= singly) letters.push(...fires.slice(0, freeForFires).map(one))
    else if (singly > 0) letters.push(...fires.slice(0, alone).map(one), fires.slice(alone))
    else if (left > 0 && turn <= now) letters.push([...fires])
    else againAt = Math.min(againAt, left > 0 ? turn : frees)
  }
  const leftForOthers = left - letters.length - kept
  if (others.length > 0 && freeForOthers > 0) {
    if (leftForOthers > 0) letters.push(others.length < leftForOthers ? others.slice(0, 1) : [...others])
    else againAt = Math.min(againAt, frees)
  }
  return { letters, againAt }
}
