import type { z } from 'zod'
import type { Alarm } from '../../contract/alarms.ts'
import { litresPerHour, lostIn } from '../../contract/losses.ts'
import { UNJUDGED, type Unjudged, type ZoneRow, type zoneQuerySchema } from '../../contract/water-api.ts'
import { measuredOnly } from '../../contract/zone-balance.ts'
import { type Balance, isZoneKind, type ZoneKind, type ZoneNight } from '../../contract/zones.ts'
import type { Page } from '../../store/state/page.ts'
import type { OrderMark } from '../../store/state/work-orders-port.ts'
import type { Desk } from '../desk.ts'
import { WEEK_DAYS, type ZoneAccount } from './accounts.ts'
import { isMeasured, whyUnjudged } from './night-standing.ts'
import { changeWithin } from './night-sums.ts'

/** Zones as lines of a list and marks on the map. Nothing is asked of the store for a zone that has not changed. */

type ZoneQuery = Omit<z.output<typeof zoneQuerySchema>, 'limit' | 'cursor'>
type ZoneSort = ZoneQuery['sort']

const LITRES_PER_M3 = 1000
const PERCENT = 100
const DAY_HOURS = 24

/** The order in which zones that nobody may judge follow: first what somebody can put right tonight. */
const UNJUDGED_NAMES = Object.keys(UNJUDGED) as Unjudged[]

/** By zone: orders that are not closed. */
export type Orders = ReadonlyMap<string, OrderMark>
export const markOf = (orders: Orders, subject: 'zone' | 'meter', id: string): ZoneRow['workOrder'] => {
  const mark = orders.get(`${subject}:${id}`)
  return mark === undefined ? null : { id: mark.id, state: mark.state }
}

export const percentOf = (part: number, whole: number): number | null => (whole > 0 ? (PERCENT * part) / whole : null)

/** Nobody may read a loss out of a balance that is not valid. */
const lossPercent = ({ lossL, inflowL, meters, valid }: Balance): number | null =>
  valid && meters > 0 ? percentOf(lossL, inflowL) : null
const litresPerConnectionDay = ({ lossL, meters, valid }: Balance): number | null =>
  valid && meters > 0 ? lossL / (meters * WEEK_DAYS) : null

/** On its first night a burst is more than the mean of a day that was mostly without it. */
const lossShare = ({ lossM3h, inflowM3h, nightM3h }: ZoneNight): number | null =>
  lossM3h === null ? null : percentOf(lossM3h, Math.max(inflowM3h, nightM3h ?? 0))

export const standingOf = ({ waters }: Desk, zone: string): Unjudged | null =>
  whyUnjudged(waters.accounts.night(zone), waters.accounts.newestDay, waters.meters.get(zone)?.hasBulkMeter === true)

/** As its newest night was judged; where there is none, as its meters are registered. */
export function isOnlyInflow({ waters }: Desk, zone: string): boolean {
  const night = waters.accounts.night(zone)
  if (night !== undefined) return night.lossM3h === null
  const meters = waters.meters.get(zone)
  return meters?.hasBulkMeter === true && meters.households === 0
}

/** Several zones as lines, in this order; places that are no zones are left out. */
export async function zoneRows(desk: Desk, ids: readonly string[]): Promise<ZoneRow[]> {
  const [accounts, orders] = await Promise.all([desk.waters.accounts.accounts(ids), desk.stores.workOrders.unclosed()])
  const rows: ZoneRow[] = []
  for (const id of ids) {
    const account = accounts.get(id)
    if (account === undefined) continue
    const row = await rowOf(desk, id, account, orders)
    if (row !== undefined) rows.push(row)
  }
  return rows
}

async function rowOf(desk: Desk, id: string, account: ZoneAccount, orders: Orders): Promise<ZoneRow | undefined> {
  const { places, waters } = desk
  const place = places.get(id)
  if (place === undefined || !isZoneKind(place.kind)) return undefined
  const meters = waters.meters.get(id)
  const night = waters.accounts.night(id) ?? null
  const unjudged = standingOf(desk, id)
  const leaks = waters.leaks().get(id)
  const { week } = account
  const bulk = meters?.hasBulkMeter === true || week.bulkReported > 0 ? 1 : 0
  const onlyInflow = isOnlyInflow(desk, id)
  const isKnown = week.reported > 0 || week.bulkReported > 0
  return {
    id,
    kind: place.kind,
    name: place.name,
    path: places.path(place.parentId),
    ...positionOf(place, meters),
    meters: meters?.households ?? 0,
    tonight: night,
    unjudged,
    onlyInflow,
    tonightPercent: night !== null && isMeasured(unjudged) ? lossShare(night) : null,
    week: isKnown ? measuredOnly(week, { household: week.meters, bulk }) : null,
    weekPercent: lossPercent(week),
    weekLitresPerConnectionDay: litresPerConnectionDay(week),
    trend: [...account.trend],
    trendM3h: onlyInflow ? null : changeWithin(account.trend),
    open: await openLoss(desk, id),
    workOrder: markOf(orders, 'zone', id),
    householdLeaks: leaks?.count ?? 0,
    householdLeakLph: leaks?.lph ?? 0,
  }
}

/** The place's own position, else the middle of its meters. */
function positionOf(
  place: { readonly lon: number | null; readonly lat: number | null },
  meters: { readonly positioned: number; readonly lon: number; readonly lat: number } | undefined,
): { lon: number | null; lat: number | null } {
  if (place.lon !== null && place.lat !== null) return { lon: place.lon, lat: place.lat }
  if (meters === undefined || meters.positioned === 0) return { lon: null, lat: null }
  return { lon: meters.lon / meters.positioned, lat: meters.lat / meters.positioned }
}

/** What a zone loses beyond the usual now, and what that has cost. */
export async function openLoss(desk: Desk, zone: string): Promise<ZoneRow['open']> {
  const { waters, config } = desk
  const alarm = waters.losses.ofZone(zone)
  if (alarm === undefined) return null
  const lossM3h = litresPerHour(alarm) / LITRES_PER_M3
  const lostM3 =
    (await waters.accounts.lostSince(zone, alarm.raisedAt)) ??
    lostIn(alarm, knownUntil(desk, zone, alarm) - alarm.raisedAt)
  return {
    alarmId: alarm.id,
    since: alarm.raisedAt,
    lossM3h,
    lostM3,
    lostYuan: lostM3 * config.yuanPerM3,
    yuanPerDay: lossM3h * DAY_HOURS * config.yuanPerM3,
  }
}

/** No night has passed since: a finding of some hours ago goes on as long as the bulk meter was heard. */
function knownUntil(desk: Desk, zone: string, { lastAt }: Pick<Alarm, 'lastAt'>): number {
  const heard = desk.waters.meters.bulkMeters(zone).map(({ index }) => desk.fleet.at(index).lastHeardAt ?? 0)
  return Math.max(lastAt, ...heard)
}

/** A page of zones, the worst first. */
export async function listZones(
  desk: Desk,
  query: ZoneQuery & { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<ZoneRow>> {
  const ids = await rankedZones(desk, query)
  const { items, next } = pageOf(ids, query)
  return { items: await zoneRows(desk, items), total: ids.length, next }
}

/** Ids of the zones that are asked for, the worst first. */
export async function rankedZones(desk: Desk, query: ZoneQuery): Promise<string[]> {
  await desk.waters.follow()
  return rank(desk, chosen(desk, query), query.sort)
}

function chosen({ waters, places }: Desk, { kind, placeId, q }: ZoneQuery): string[] {
  const wanted = q?.trim().toLowerCase() ?? ''
  return waters.meters
    .zones(kind)
    .filter(
      (id) =>
        (placeId === undefined || places.within(id, placeId)) &&
        (wanted === '' || [id, ...places.path(id)].some((word) => word.toLowerCase().includes(wanted))),
    )
}

interface Ranked {
  readonly id: string
  readonly why: Unjudged | null
  /** What an open loss loses beyond the usual, l/h: somebody can end it tonight, so it stands before old pipes that always do. */
  readonly open: number
  /** Undefined: it cannot be told. */
  readonly by: number | undefined
}

async function rank(desk: Desk, ids: readonly string[], sort: ZoneSort): Promise<string[]> {
  const { accounts, losses } = desk.waters
  const isOfWeeks = sort === 'week' || sort === 'trend'
  const known = isOfWeeks ? await accounts.accounts(ids) : new Map<string, ZoneAccount>()
  const ranked = ids.map((id): Ranked => {
    const why = standingOf(desk, id)
    const account = known.get(id)
    const by = isOfWeeks
      ? account && !isOnlyInflow(desk, id)
        ? byWeeks(account, sort)
        : undefined
      : isMeasured(why)
        ? byNight(accounts.night(id), sort)
        : undefined
    const alarm = sort === 'tonight' ? losses.ofZone(id) : undefined
    return { id, why, open: alarm === undefined ? 0 : litresPerHour(alarm), by }
  })
  // What is equally bad stays in the order of the names.
  return ranked.sort(worse).map(({ id }) => id)
}

function worse(a: Ranked, b: Ranked): number {
  if (a.open !== b.open) return b.open - a.open
  if (a.by !== undefined && b.by !== undefined) return b.by - a.by
  if (a.by !== undefined || b.by !== undefined) return a.by === undefined ? 1 : -1
  return urgencyOf(b.why) - urgencyOf(a.why)
}

const urgencyOf = (why: Unjudged | null): number => (why === null ? UNJUDGED_NAMES.length : UNJUDGED_NAMES.indexOf(why))

function byNight(night: ZoneNight | undefined, sort: 'tonight' | 'percent'): number | undefined {
  if (night === undefined) return undefined
  return (sort === 'tonight' ? night.lossM3h : lossShare(night)) ?? undefined
}

function byWeeks({ week, trend }: ZoneAccount, sort: 'week' | 'trend'): number | undefined {
  if (sort === 'week') return week.valid && week.meters > 0 ? week.lossL : undefined
  return changeWithin(trend) ?? undefined
}

/** A part of a list; the cursor counts lines. */
export function pageOf<T>(
  all: readonly T[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): { readonly items: readonly T[]; readonly next: string | null } {
  const from = /^\d+$/.test(cursor ?? '') ? Number(cursor) : 0
  const next = from + limit
  return { items: all.slice(from, next), next: next < all.length ? String(next) : null }
}

/** Zones that lie directly in a zone and hold meters, the worst tonight first. */
export const zonesInside = (desk: Desk, zone: string): Promise<string[]> =>
  rank(desk, desk.waters.meters.inside(zone), 'tonight')

export const kindOf = ({ places }: Desk, id: string): ZoneKind | undefined => {
  const kind = places.get(id)?.kind
  return kind !== undefined && isZoneKind(kind) ? kind : undefined
}
