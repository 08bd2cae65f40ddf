import { balanceOfHours, type MeterHours } from '../../contract/zone-balance.ts'
import type { Balance, HourSums, Membership } from '../../contract/zones.ts'
import { hourOf, portionsOf, type RegisterName, ZoneSums } from './accounting.ts'
import { type Exchange, exchangeMeters, forget, type Portion, record, replayTape } from './tape.ts'
import { emptyTapes, type MeterTapes } from './tape-bytes.ts'

const REGISTERS: readonly RegisterName[] = ['volume', 'reverseVolume']

/** Zones, their meters and what ran through them, in memory. */
export interface Ledger {
  readonly tapes: Map<string, MeterTapes>
  readonly memberships: Map<string, readonly Membership[]>
  readonly byZone: Map<string, readonly Membership[]>
  readonly sums: ZoneSums
}

export const emptyLedger = (): Ledger => ({
  tapes: new Map(),
  memberships: new Map(),
  byZone: new Map(),
  sums: new ZoneSums(),
})

/** One reading of a meter's register. Its place is told before. @returns whether any hour changed */
export function addReading(
  ledger: Ledger,
  meter: string,
  at: number,
  litres: number,
  register: RegisterName = 'volume',
): boolean {
  return record(tapesOf(ledger, meter)[register], at, litres, portionsIn(ledger, meter, register))
}

/** The meter in this place was exchanged. */
export function addExchange(ledger: Ledger, meter: string, exchange: Exchange): void {
  const { volume } = tapesOf(ledger, meter)
  exchangeMeters(volume, [...volume.exchanges, exchange], portionsIn(ledger, meter, 'volume'))
}

/** Where a meter is and was, all of it, from now on; hours that have been accounted are corrected. */
export function placeMeter(ledger: Ledger, meter: string, memberships: readonly Membership[]): void {
  replay(ledger, meter, -1)
  const before = ledger.memberships.get(meter) ?? []
  for (const zone of new Set([...before, ...memberships].map((one) => one.zone))) {
    const others = (ledger.byZone.get(zone) ?? []).filter((one) => one.meter !== meter)
    ledger.byZone.set(zone, [...others, ...memberships.filter((one) => one.zone === zone)])
  }
  ledger.memberships.set(meter, memberships)
  replay(ledger, meter, 1)
}

/** A whole topology at once. */
export function placeAll(ledger: Ledger, memberships: readonly Membership[]): void {
  const byMeter = Map.groupBy(memberships, (one) => one.meter)
  for (const [meter, places] of byMeter) ledger.memberships.set(meter, places)
  for (const [zone, places] of Map.groupBy(memberships, (one) => one.zone)) ledger.byZone.set(zone, places)
  for (const meter of ledger.tapes.keys()) if (byMeter.has(meter)) replay(ledger, meter, 1)
}

/** Readings before this time will no longer be corrected; the sums stay. */
export function closeBefore(ledger: Ledger, before: number): void {
  for (const tapes of ledger.tapes.values()) for (const register of REGISTERS) forget(tapes[register], before)
}

/** Meter-hours of a zone's parts. @param fromHour first hour @param toHour first hour no longer counted */
function meterHoursOf(ledger: Ledger, zone: string, fromHour: number, toHour: number): MeterHours {
  const hours = { household: 0, bulk: 0 }
  for (const place of ledger.byZone.get(zone) ?? []) {
    const first = Math.max(fromHour, hourOf(place.from))
    const last = place.to === null ? toHour : Math.min(toHour, hourOf(place.to))
    if (last > first) hours[place.part === 'household' ? 'household' : 'bulk'] += last - first
  }
  return hours
}

/** @param fromHour first hour @param toHour first hour no longer counted */
export function balanceOf(ledger: Ledger, zone: string, fromHour: number, toHour: number): Balance {
  const sums: HourSums[] = []
  for (let hour = fromHour; hour < toHour; hour++) {
    const sum = ledger.sums.get(zone, hour)
    if (sum !== undefined) sums.push(sum)
  }
  return balanceOfHours(sums, meterHoursOf(ledger, zone, fromHour, toHour), toHour - fromHour)
}

function tapesOf({ tapes, memberships }: Ledger, meter: string): MeterTapes {
  let known = tapes.get(meter)
  if (known === undefined) {
    const isBulk = memberships.get(meter)?.some(({ part }) => part !== 'household') === true
    known = emptyTapes(isBulk ? 'bulk' : 'household')
    tapes.set(meter, known)
  }
  return known
}

function replay(ledger: Ledger, meter: string, sign: 1 | -1): void {
  const tapes = ledger.tapes.get(meter)
  if (tapes === undefined) return
  for (const register of REGISTERS) replayTape(tapes[register], sign, portionsIn(ledger, meter, register))
}

const portionsIn = (ledger: Ledger, meter: string, register: RegisterName): Portion =>
  portionsOf(ledger.memberships.get(meter) ?? [], register, ledger.sums)
