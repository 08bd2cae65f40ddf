/** When the bell rings. Pure: the clock and the alarms come in as arguments. */

/** How long "mute" lasts. Long enough for a telephone call's first words, short enough that a shift never forgets it. */
export const MUTE_MS = 120_000

export interface Mute {
  readonly until: number
  /** The alarms that were ringing when it was muted: any other one rings in spite of it. */
  readonly alarms: ReadonlySet<string>
}

export const isMuted = (unacknowledged: readonly string[], mute: Mute | null, now: number): boolean =>
  mute !== null && now < mute.until && unacknowledged.every((id) => mute.alarms.has(id))

/** Rings while any CRITICAL alarm waits for a person, unless all of those were muted less than two minutes ago. */
export const shouldRing = (unacknowledged: readonly string[], mute: Mute | null, now: number): boolean =>
  unacknowledged.length > 0 && !isMuted(unacknowledged, mute, now)
