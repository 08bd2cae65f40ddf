import type { Kind } from './kinds.ts'
import type { Quantity } from './quantities.ts'
import { may, type Role } from './roles.ts'

/**
 * What a household draws shows when somebody is at home, and which dwellings are empty. Whether it leaks, how much and by
 * what one knows it, everybody is told; hours, days and registers only who needs them (ADR 36).
 */

/** Readings that say what is drawn. */
const USE: ReadonlySet<string> = new Set<Quantity>(['volume', 'reverseVolume', 'flow'])
export const isUse = (quantity: string): boolean => USE.has(quantity)

export const isHouseholdMeter = (kind: Kind): boolean => kind === 'water-meter'

/** @param isWatched whether somebody who lives alone is watched by the meter */
export const maySeeUse = (role: Role, isWatched: boolean): boolean =>
  may(role, 'use.read') || (isWatched && may(role, 'use.watched'))

/** In a zone of fewer metered households the sums of an hour are nearly those of one home. */
const LEAST_HOUSEHOLDS = 5
export const maySeeHoursOf = (role: Role, households: number): boolean =>
  may(role, 'use.read') || households === 0 || households >= LEAST_HOUSEHOLDS

/** The fewest metered households that a zone had within those hours while it had any; 0: it had none. @param counts ascending by hour */
export function fewestHouseholds(
  counts: readonly { readonly part: string; readonly hour: number; readonly change: number }[],
  from: number,
  to: number,
): number {
  let households = 0
  let fewest = Number.POSITIVE_INFINITY
  let before = Number.NEGATIVE_INFINITY
  const note = (until: number): void => {
    if (households > 0 && until > Math.max(before, from)) fewest = Math.min(fewest, households)
    before = until
  }
  for (const { part, hour, change } of counts) {
    if (part !== 'household' || hour >= to) continue
    if (hour > before) note(hour)
    households += change
  }
  note(to)
  return fewest === Number.POSITIVE_INFINITY ? 0 : fewest
}
