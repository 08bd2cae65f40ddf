import type { Unjudged } from '../../contract/water-api.ts'
import { BULK_SHARE, REPORTED_SHARE } from '../../contract/zone-balance.ts'
import type { ZoneNight } from '../../contract/zones.ts'

/** Meters upload through the day: in the forenoon half of the zones still have the night before as their newest. */
const LATE_NIGHTS = 1

/**
 * Why nobody may judge the newest night of a zone; null: it is judged.
 * @param newest the newest night that any zone has, days since 1970
 */
export function whyUnjudged(night: ZoneNight | undefined, newest: number, hasBulkMeter: boolean): Unjudged | null {
  if (night === undefined) return hasBulkMeter ? 'nothing-yet' : 'no-bulk-meter'
  if (night.day < newest - LATE_NIGHTS) return hasBulkMeter ? 'out-of-date' : 'no-bulk-meter'
  if (night.verdict === 'learning') return 'learning'
  if (night.verdict !== 'not-judged') return null
  if (!hasBulkMeter) return 'no-bulk-meter'
  if (night.bulkReported < BULK_SHARE) return 'bulk-silent'
  return night.reported < REPORTED_SHARE ? 'meters-silent' : 'out-of-date'
}

/** Its loss was measured, whether or not it is known yet what is usual. */
export const isMeasured = (why: Unjudged | null): boolean => why === null || why === 'learning'
