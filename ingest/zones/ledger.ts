import { emptyTape, exchange, forget, HOUR_MS, type Portion, record, replayTape, type Tape } from './tape.ts'

/**
 * What a meter is to a zone: `household` is what the zone uses; water through `in` comes into it, through `out` leaves it. A
 * bulk meter between two zones is `out` of one and `in` of the other; a village's meters may be in a well and in a district too.
 */
type Part = 'household' | 'in' | 'out'

/** A meter's place for a while. Times count by the full hour they lie in. */
export interface Membership {
  readonly meter: string
  readonly zone: string
  readonly part: Part
  /** ms since 1970 */
  readonly from: number
  /** ms since 1970; null: until now */
  readonly to: number | null
}

/** Additive: every reading adds to it or corrects it, and no order of readings matters. */
interface HourSums {
  inflowL: number
  householdL: number
  /** Of all household meters together: ms of the hour of which the litres are known, and of which they are measured closely. */
  householdKnownMs: number
  householdMeasuredMs: number
  bulkMeasuredMs: number
}

/** One zone in a span of hours, with its own validity. Litres are whole. */
export interface Balance {
  readonly inflowL: number
  readonly householdL: number
  /** inflow − households, to the litre */
  readonly lossL: number
  /** Likely use of the household meters of which nothing is known yet: what others used, a head. */
  readonly unknownL: number
  /** Share of the household meters' time that has been measured, 0…1; 1 where there are none. */
  readonly reported: number
  /** Share of the bulk meters' time that has been measured; 0 where there are none. */
  readonly bulkReported: number
  readonly meters: number
  /** Nobody may judge the loss where this is false. */
  readonly valid: boolean
}

/** Below this share of meters that reported there is no judgement (of every bulk meter all of the time is asked for). */
const REPORTED_SHARE = 0.9
/** Clocks of bulk meters are not at the full hour: a rest of the last hour may be on its way. */
const BULK_SHARE = 0.98

/** Zones, their meters and what ran through them, in memory. Plain data: it can be stored and taken up again. */
export interface Ledger {
  readonly tapes: Map<string, Tape>
  readonly memberships: Map<string, readonly Membership[]>
  readonly byZone: Map<string, readonly Membership[]>
  readonly sums: Map<string, Map<number, HourSums>>
}

export const emptyLedger = (): Ledger => ({
  tapes: new Map(),
  memberships: new Map(),
  byZone: new Map(),
  sums: new Map(),
})

const hourOf = (at: number): number => Math.floor(at / HOUR_MS)

const belongsAt = ({ from, to }: Membership, hour: number): boolean =>
  hour >= hourOf(from) && (to === null || hour < hourOf(to))

/** One reading of a meter's register. @returns whether any hour changed */
export function addReading(ledger: Ledger, meter: string, at: number, litres: number): boolean {
  return record(tapeOf(ledger, meter), at, litres, portionsOf(ledger, meter))
}

/** The meter in this place was exchanged. */
export function addExchange(
  ledger: Ledger,
  meter: string,
  at: number,
  registers?: { readonly lastLitres: number; readonly firstLitres: number },
): void {
  exchange(tapeOf(ledger, meter), at, registers, portionsOf(ledger, meter))
}

/** Where a meter is and was, all of it, from now on; hours that have been accounted are corrected. */
export function placeMeter(ledger: Ledger, meter: string, memberships: readonly Membership[]): void {
  const tape = tapeOf(ledger, meter)
  replayTape(tape, -1, portionsOf(ledger, meter))
  const before = ledger.memberships.get(meter) ?? []
  for (const zone of new Set([...before, ...memberships].map((one) => one.zone))) {
    const others = (ledger.byZone.get(zone) ?? []).filter((one) => one.meter !== meter)
    ledger.byZone.set(zone, [...others, ...memberships.filter((one) => one.zone === zone)])
  }
  ledger.memberships.set(meter, memberships)
  replayTape(tape, 1, portionsOf(ledger, meter))
}

/** A whole topology at once. */
export function placeAll(ledger: Ledger, memberships: readonly Membership[]): void {
  const byMeter = Map.groupBy(memberships, (one) => one.meter)
  for (const [meter, places] of byMeter) ledger.memberships.set(meter, places)
  for (const [zone, places] of Map.groupBy(memberships, (one) => one.zone)) ledger.byZone.set(zone, places)
  for (const [meter, tape] of ledger.tapes) if (byMeter.has(meter)) replayTape(tape, 1, portionsOf(ledger, meter))
}

/** Readings before this time will no longer be corrected; the sums stay. */
export function closeBefore(ledger: Ledger, before: number): void {
  for (const tape of ledger.tapes.values()) forget(tape, before)
}

/** @param fromHour first hour @param toHour first hour no longer counted */
export function balanceOf(ledger: Ledger, zone: string, fromHour: number, toHour: number): Balance {
  const sums = ledger.sums.get(zone)
  const places = ledger.byZone.get(zone) ?? []
  let [inflowL, householdL, knownMs, measuredMs, bulkMs] = [0, 0, 0, 0, 0]
  let [householdHours, bulkHours] = [0, 0]
  for (const place of places) {
    const first = Math.max(fromHour, hourOf(place.from))
    const last = place.to === null ? toHour : Math.min(toHour, hourOf(place.to))
    if (last <= first) continue
    if (place.part === 'household') householdHours += last - first
    else bulkHours += last - first
  }
  for (let hour = fromHour; hour < toHour; hour++) {
    const sum = sums?.get(hour)
    if (sum === undefined) continue
    inflowL += sum.inflowL
    householdL += sum.householdL
    knownMs += sum.householdKnownMs
    measuredMs += sum.householdMeasuredMs
    bulkMs += sum.bulkMeasuredMs
  }
  const allMs = householdHours * HOUR_MS
  const reported = householdHours === 0 ? 1 : measuredMs / allMs
  const bulkReported = bulkHours === 0 ? 0 : bulkMs / (bulkHours * HOUR_MS)
  return {
    inflowL,
    householdL,
    lossL: inflowL - householdL,
    unknownL: knownMs === 0 ? 0 : (householdL * (allMs - knownMs)) / knownMs,
    reported,
    bulkReported,
    meters: householdHours / Math.max(1, toHour - fromHour),
    valid: reported >= REPORTED_SHARE && bulkReported >= BULK_SHARE,
  }
}

function tapeOf({ tapes }: Ledger, meter: string): Tape {
  let tape = tapes.get(meter)
  if (tape === undefined) {
    tape = emptyTape()
    tapes.set(meter, tape)
  }
  return tape
}

function portionsOf(ledger: Ledger, meter: string): Portion {
  const places = ledger.memberships.get(meter) ?? []
  return (hour, litres, knownMs, measuredMs) => {
    for (const place of places) {
      if (!belongsAt(place, hour)) continue
      const sum = sumsOf(ledger, place.zone, hour)
      if (place.part === 'household') {
        sum.householdL += litres
        sum.householdKnownMs += knownMs
        sum.householdMeasuredMs += measuredMs
      } else {
        sum.inflowL += place.part === 'in' ? litres : -litres
        sum.bulkMeasuredMs += measuredMs
      }
    }
  }
}

function sumsOf({ sums }: Ledger, zone: string, hour: number): HourSums {
  let hours = sums.get(zone)
  if (hours === undefined) {
    hours = new Map()
    sums.set(zone, hours)
  }
  let sum = hours.get(hour)
  if (sum === undefined) {
    sum = { inflowL: 0, householdL: 0, householdKnownMs: 0, householdMeasuredMs: 0, bulkMeasuredMs: 0 }
    hours.set(hour, sum)
  }
  return sum
}
