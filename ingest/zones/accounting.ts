import type { HourSums, Membership } from '../../contract/zones.ts'
import { HOUR_MS, type Portion } from './tape.ts'

/** Forward: what has run through a meter. Backward: what has run back, in meters that count it apart. */
export type RegisterName = 'volume' | 'reverseVolume'

export type Sums = { -readonly [Name in keyof HourSums]: HourSums[Name] }

export const noSums = (): Sums => ({
  inflowL: 0,
  householdL: 0,
  householdKnownMs: 0,
  householdMeasuredMs: 0,
  bulkMeasuredMs: 0,
})

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS)

const belongsAt = ({ from, to }: Membership, hour: number): boolean =>
  hour >= hourOf(from) && (to === null || hour < hourOf(to))

/**
 * Where the water of a meter counts: this is all there is of accounting, live and in the evaluation. What ran backwards is
 * taken from what ran forwards; whether the meter was heard is told by its forward register alone.
 * @param sumsOf the sums of a zone's hour, to be added to
 */
export function portionsOf(
  memberships: readonly Membership[],
  register: RegisterName,
  sumsOf: (zone: string, hour: number) => Sums,
): Portion {
  const [sign, counts] = register === 'volume' ? [1, 1] : [-1, 0]
  return (hour, litres, knownMs, measuredMs) => {
    for (const place of memberships) {
      if (!belongsAt(place, hour)) continue
      const sum = sumsOf(place.zone, hour)
      if (place.part === 'household') {
        sum.householdL += sign * litres
        sum.householdKnownMs += counts * knownMs
        sum.householdMeasuredMs += counts * measuredMs
      } else {
        sum.inflowL += place.part === 'in' ? sign * litres : -sign * litres
        sum.bulkMeasuredMs += counts * measuredMs
      }
    }
  }
}
