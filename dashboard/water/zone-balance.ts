import type { z } from 'zod'
import { midnightOf } from '../../contract/city-time.ts'
import type { MeasuredBalance, WaterBalance, zoneHoursSchema, zoneSpanSchema } from '../../contract/water-api.ts'
import { balanceOfHours, measuredOnly } from '../../contract/zone-balance.ts'
import type { Desk } from '../desk.ts'
import { waterBalanceOf } from './water-balance.ts'
import { hoursBesideReports } from './zone-hours.ts'

const HOUR_MS = 3_600_000
const DAYS_BY_DEFAULT = 30
/** kPa in a metre of water. */
const KPA_PER_METRE = 9.81
/** A mean needs no more of them. */
const MOST_SENSORS = 20

/** Hours since 1970 UTC; `to` is no longer included. */
export interface HourSpan {
  readonly from: number
  readonly to: number
}

export function spanOf(desk: Desk, { from, to }: z.output<typeof zoneSpanSchema>): HourSpan {
  const day = desk.waters.accounts.newestDay
  return {
    from: from === undefined ? midnightOf(day - DAYS_BY_DEFAULT) : Math.floor(from / HOUR_MS),
    to: to === undefined ? midnightOf(day) : Math.ceil(to / HOUR_MS),
  }
}

export const hoursOf = ({ from, to }: HourSpan): number => to - from

async function balance({ stores }: Desk, zone: string, { from, to }: HourSpan): Promise<MeasuredBalance> {
  const [hours, meterHours] = await Promise.all([
    stores.zones.hours(zone, from, to),
    stores.zones.meterHours(zone, from, to),
  ])
  return measuredOnly(balanceOfHours(hours, meterHours, to - from), meterHours)
}

/** Hours of a zone and their sum. */
export async function zoneHours(desk: Desk, zone: string, span: HourSpan): Promise<z.infer<typeof zoneHoursSchema>> {
  const { zones } = desk.stores
  const [hours, counts, meterHours] = await Promise.all([
    zones.hours(zone, span.from, span.to),
    zones.counts(zone),
    zones.meterHours(zone, span.from, span.to),
  ])
  return {
    zoneId: zone,
    from: span.from * HOUR_MS,
    to: span.to * HOUR_MS,
    total: measuredOnly(balanceOfHours(hours, meterHours, hoursOf(span)), meterHours),
    hours: hoursBesideReports(hours, counts),
  }
}

/** The water balance of a zone. */
export async function zoneBalance(desk: Desk, zone: string, span: HourSpan): Promise<WaterBalance> {
  const times = { from: span.from * HOUR_MS, to: span.to * HOUR_MS }
  const [sums, pipes, pressure] = await Promise.all([
    balance(desk, zone, span),
    desk.stores.topology.pipes(zone),
    measuredPressure(desk, zone, times),
  ])
  return waterBalanceOf(zone, sums, times, pipes, pressure)
}

/** Mean of the pressure sensors in it, m; null where none of them said anything. */
async function measuredPressure(
  { waters, fleet, stores }: Desk,
  zone: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number | null> {
  const means: number[] = []
  for (const index of waters.meters.pressureSensors(zone).slice(0, MOST_SENSORS)) {
    const [bucket] = await stores.history.buckets(fleet.idAt(index), 'pressure', from, to, to - from)
    if (bucket !== undefined) means.push(bucket.mean / KPA_PER_METRE)
  }
  return means.length === 0 ? null : means.reduce((sum, mean) => sum + mean, 0) / means.length
}
