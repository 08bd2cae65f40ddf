import type { Balance, HourSums } from './zones.ts'

/** Below this share of meters that reported there is no judgement (of every bulk meter all of the time is asked for). */
export const REPORTED_SHARE = 0.9
/** Clocks of bulk meters are not at the full hour: a rest of the last hour may be on its way. */
export const BULK_SHARE = 0.98
const HOUR_MS = 3_600_000

/** Meter-hours of a zone's parts in a span: how much time there is to be measured. */
export interface MeterHours {
  readonly household: number
  readonly bulk: number
}

/**
 * A zone in a span of hours, to the litre, with its own validity.
 * @param sums hours of the span that hold something
 * @param hours how many the span has
 */
export function balanceOfHours(sums: Iterable<HourSums>, meterHours: MeterHours, hours: number): Balance {
  let [inflowL, householdL, knownMs, measuredMs, bulkMs] = [0, 0, 0, 0, 0]
  for (const sum of sums) {
    inflowL += sum.inflowL
    householdL += sum.householdL
    knownMs += sum.householdKnownMs
    measuredMs += sum.householdMeasuredMs
    bulkMs += sum.bulkMeasuredMs
  }
  const allMs = meterHours.household * HOUR_MS
  const reported = meterHours.household === 0 ? 1 : measuredMs / allMs
  const bulkReported = meterHours.bulk === 0 ? 0 : bulkMs / (meterHours.bulk * HOUR_MS)
  return {
    inflowL,
    householdL,
    lossL: inflowL - householdL,
    unknownL: knownMs === 0 ? 0 : (householdL * (allMs - knownMs)) / knownMs,
    reported,
    bulkReported,
    meters: meterHours.household / Math.max(1, hours),
    valid: reported >= REPORTED_SHARE && bulkReported >= BULK_SHARE,
  }
}

/** Whole litres; null: no meter of the zone measures it. */
interface MeasuredLitres {
  readonly inflowL: number | null
  readonly householdL: number | null
  readonly lossL: number | null
}

/** Without what no meter of the zone measures. @param there how many there are of each part, or of their hours */
export function measuredOnly<T extends { readonly inflowL: number; readonly householdL: number }>(
  sums: T,
  there: { readonly household: number; readonly bulk: number },
): Omit<T, keyof MeasuredLitres> & MeasuredLitres {
  const inflowL = there.bulk > 0 ? sums.inflowL : null
  const householdL = there.household > 0 ? sums.householdL : null
  return { ...sums, inflowL, householdL, lossL: inflowL === null || householdL === null ? null : inflowL - householdL }
}
