/** When the bell rings. Pure: the clock and what waits come in as arguments. */

export interface Mute {
  readonly until: number
  /** What was ringing when it was muted, by key: any other one rings in spite of it. */
  readonly rings: ReadonlySet<string>
}

export const isMuted = (waiting: readonly string[], mute: Mute | null, now: number): boolean =>
  mute !== null && now < mute.until && waiting.every((key) => mute.rings.has(key))

/** Rings while anything waits aloud for a person, unless all of it was muted less than two minutes ago. */
export const shouldRing = (waiting: readonly string[], mute: Mute | null, now: number): boolean =>
  waiting.length > 0 && !isMuted(waiting, mute, now)

/** A notice older than this is no news: a console that is opened or comes back does not chime for the past. ms. */
export const NEWS_MS = 30_000

/** The notices that are news and that this console has not sounded yet. */
export const freshNotices = (
  notices: readonly { readonly key: string; readonly at: number }[],
  sounded: ReadonlySet<string>,
  now: number,
): readonly string[] => notices.filter(({ key, at }) => now - at < NEWS_MS && !sounded.has(key)).map(({ key }) => key)
