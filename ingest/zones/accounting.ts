import type { HourSums, Membership } from '../../contract/zones.ts'
import { HOUR_MS, type Portion } from './tape.ts'

/** Forward: what has run through a meter. Backward: what has run back, in meters that count it apart. */
export type RegisterName = 'volume' | 'reverseVolume'

type Sums = { -readonly [Name in keyof HourSums]: HourSums[Name] }
type ZoneHourSums = Sums & { readonly zone: string; readonly hour: number }

const noSums = {
  inflowL: 0,
  householdL: 0,
  householdKnownMs: 0,
  householdMeasuredMs: 0,
  bulkMeasuredMs: 0,
} as const

/** Sums by zone and hour, in the making. */
export class ZoneSums {
  private readonly zones = new Map<string, Map<number, ZoneHourSums>>()

  of(zone: string, hour: number): ZoneHourSums {
    let ofZone = this.zones.get(zone)
    if (ofZone === undefined) {
      ofZone = new Map()
      this.zones.set(zone, ofZone)
    }
    let sums = ofZone.get(hour)
    if (sums === undefined) {
      sums = { zone, hour, ...noSums }
      ofZone.set(hour, sums)
    }
    return sums
  }

  /** Those that hold something. */
  all(): ZoneHourSums[] {
    const found: ZoneHourSums[] = []
    for (const ofZone of this.zones.values()) for (const sums of ofZone.values()) if (holdsAny(sums)) found.push(sums)
    return found
  }
}

const holdsAny = ({ inflowL, householdL, householdKnownMs, householdMeasuredMs, bulkMeasuredMs }: Sums): boolean =>
  inflowL !== 0 || householdL !== 0 || householdKnownMs !== 0 || householdMeasuredMs !== 0 || bulkMeasuredMs !== 0

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS)

const belongsAt = ({ from, to }: Membership, hour: number): boolean =>
  hour >= hourOf(from) && (to === null || hour < hourOf(to))

/**
 * Where the water of a meter counts: this is all there is of accounting, live and in the evaluation. What ran backwards is
 * taken from what ran forwards; whether the meter was heard is told by its forward register alone.
 * @param sums are added to
 */
export function portionsOf(memberships: readonly Membership[], register: RegisterName, sums: ZoneSums): Portion {
  const [sign, counts] = register === 'volume' ? [1, 1] : [-1, 0]
  return (hour, litres, knownMs, measuredMs) => {
    for (const place of memberships) {
      if (!belongsAt(place, hour)) continue
      const sum = sums.of(place.zone, hour)
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
