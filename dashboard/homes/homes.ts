import type { z } from 'zod'
import type { Home, HomeDetail, HomePlace, homeQuerySchema } from '../../contract/home-answers.ts'
import { isStaffed, onDuty, type Staff } from '../../contract/homes.ts'
import { CITY_TIME_ZONE } from '../../contract/shifts.ts'
import type { HomeRecord, Page } from '../../store/state/port.ts'
import type { Desk } from '../desk.ts'
import { nearbyResponders } from './nearby.ts'
import { countDevices, noDevices, type Premises } from './premises.ts'

/** Homes and dwellings as pages show them. Counts come from memory and from a few grouped queries, never one per home. */

type HomeQuery = z.output<typeof homeQuerySchema>

/** What is known of all premises at once. */
interface Survey {
  readonly incidents: ReadonlyMap<string, number>
  readonly hazards: ReadonlyMap<string, { readonly open: number; readonly overdue: number }>
  readonly residents: ReadonlyMap<string, number>
  readonly staff: ReadonlyMap<string, readonly Staff[]>
}

async function survey(desk: Desk): Promise<Survey> {
  const { views, hazards, residents, homes } = desk.stores
  const [incidents, unclosed, living, staff] = await Promise.all([
    views.openIncidents(),
    hazards.unclosedByPlace(desk.now()),
    residents.countByPlace(),
    homes.staff(),
  ])
  const byPremises = new Map<string, { open: number; overdue: number }>()
  for (const [placeId, { open, overdue }] of unclosed) {
    const id = desk.places.premisesOf(placeId)?.id
    if (id === undefined) continue
    const sum = byPremises.get(id) ?? { open: 0, overdue: 0 }
    byPremises.set(id, { open: sum.open + open, overdue: sum.overdue + overdue })
  }
  const counted = new Map<string, number>()
  for (const { premisesId } of incidents)
    if (premisesId !== null) counted.set(premisesId, (counted.get(premisesId) ?? 0) + 1)
  return {
    incidents: counted,
    hazards: byPremises,
    residents: living,
    staff: Map.groupBy(staff, ({ placeId }) => desk.places.premisesOf(placeId)?.id ?? placeId),
  }
}

function homeOf(desk: Desk, premises: Premises, known: Survey, record: HomeRecord | undefined): Home {
  const { place } = premises
  const staff = known.staff.get(place.id) ?? []
  const hazards = known.hazards.get(place.id)
  const now = desk.now()
  const duty = record?.lastDutyCheck ?? null
  return {
    id: place.id,
    kind: place.kind === 'home' ? 'home' : 'dwelling',
    name: place.name,
    placePath: desk.places.path(place.id),
    countyId: premises.countyId,
    lon: place.lon,
    lat: place.lat,
    contact: place.contact,
    beds: premises.beds,
    residents: premises.inside.reduce((sum, { id }) => sum + (known.residents.get(id) ?? 0), 0),
    devices: countDevices(desk.fleet, premises.devices),
    staff: {
      recorded: staff.length,
      onDuty: onDuty(staff, now, CITY_TIME_ZONE).length,
      staffed: isStaffed(staff, now, CITY_TIME_ZONE),
    },
    openIncidents: known.incidents.get(place.id) ?? 0,
    openHazards: hazards?.open ?? 0,
    overdueHazards: hazards?.overdue ?? 0,
    lastDrillAt: record?.lastDrillAt ?? null,
    lastDutyCheck: duty === null ? null : { askedAt: duty.askedAt, answeredAt: duty.answeredAt, dueAt: duty.dueAt },
  }
}

/** A page of homes, the one that wants somebody most first. */
export async function listHomes(desk: Desk, query: HomeQuery): Promise<Page<Home>> {
  const known = await survey(desk)
  const wanted = query.q?.trim().toLowerCase() ?? ''
  const found: Home[] = []
  for (const premises of desk.premises.all()) {
    const { place } = premises
    if (place.kind !== query.kind) continue
    if (query.placeId !== undefined && !desk.places.within(place.id, query.placeId)) continue
    const home = homeOf(desk, premises, known, undefined)
    if (wanted !== '' && ![place.id, ...home.placePath].some((text) => text.toLowerCase().includes(wanted))) continue
    if (!query.attention || urgency(home).some((count) => count > 0)) found.push(home)
  }
  found.sort(query.sort === 'name' ? byName : (a, b) => compareUrgency(a, b) || byName(a, b))
  const from = /^\d+$/.test(query.cursor ?? '') ? Number(query.cursor) : 0
  const page = found.slice(from, from + query.limit)
  const records = await desk.stores.homes.lastRecords(page.map(({ id }) => id))
  const items = page.map((home) => {
    const record = records.get(home.id)
    const duty = record?.lastDutyCheck ?? null
    return {
      ...home,
      lastDrillAt: record?.lastDrillAt ?? null,
      lastDutyCheck: duty === null ? null : { askedAt: duty.askedAt, answeredAt: duty.answeredAt, dueAt: duty.dueAt },
    }
  })
  const next = from + query.limit
  return { items, total: found.length, next: next < found.length ? String(next) : null }
}

/** What wants somebody, the most urgent first: who is burning, who calls, who would not be heard, what is overdue. */
const urgency = ({ openIncidents, devices, overdueHazards }: Home): readonly number[] => [
  openIncidents,
  devices.alarm,
  devices.silent + devices.never,
  devices.faulty,
  overdueHazards,
]

function compareUrgency(a: Home, b: Home): number {
  const [ofA, ofB] = [urgency(a), urgency(b)]
  for (const [i, count] of ofA.entries()) if (count !== ofB[i]) return (ofB[i] ?? 0) - count
  return 0
}

const collator = new Intl.Collator('zh-CN', { numeric: true })
const byName = (a: Home, b: Home): number => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)

/** Drills and responders shown with a home. */
const DRILLS_SHOWN = 10
const RESPONDERS_SHOWN = 12
const RECORD_MS = 365 * 86_400_000

/** Everything about one home; undefined where there is none of that id. */
export async function homeDetail(desk: Desk, id: string, mayReadContacts: boolean): Promise<HomeDetail | undefined> {
  const premises = desk.premises.get(id)
  if (premises === undefined) return undefined
  const { homes } = desk.stores
  const inside = premises.inside.map((place) => place.id)
  const [known, records, plans, drills, incidents, responders] = await Promise.all([
    survey(desk),
    homes.lastRecords([id]),
    homes.plans(inside),
    homes.drills(inside, DRILLS_SHOWN),
    homes.dispositions(id, desk.now() - RECORD_MS),
    mayReadContacts ? nearbyResponders(desk, id, { limit: RESPONDERS_SHOWN }) : [],
  ])
  const staff = known.staff.get(id) ?? []
  return {
    ...homeOf(desk, premises, known, records.get(id)),
    places: placesOf(desk, premises, known),
    items: premises.devices.map((index) => {
      const { id: deviceId, kind, name, placeId, status, lastHeardAt } = desk.fleet.at(index)
      return { id: deviceId, kind, name, placeId: placeId ?? id, status, lastHeardAt }
    }),
    plans: plans.map(({ imageId: _, ...plan }) => plan),
    drills: drills.map((drill) => ({ ...drill })),
    incidents,
    contacts: mayReadContacts ? { staff: withDuty(staff, desk.now()), responders } : null,
  }
}

export const withDuty = (staff: readonly Staff[], now: number): (Staff & { onDuty: boolean })[] => {
  const present = new Set(onDuty(staff, now, CITY_TIME_ZONE))
  return staff.map((one) => ({ ...one, days: [...one.days], onDuty: present.has(one) }))
}

function placesOf(desk: Desk, premises: Premises, known: Survey): HomePlace[] {
  const rows = premises.inside.map((place): HomePlace => {
    const devices = countDevices(desk.fleet, desk.premises.devicesAt(place.id))
    const { id, parentId, kind, name } = place
    return { id, parentId, kind, name, beds: Number(kind === 'bed'), residents: known.residents.get(id) ?? 0, devices }
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  // From the inside out: whatever lies in something comes behind it.
  for (const row of rows.toReversed()) {
    const above = row.parentId === null ? undefined : byId.get(row.parentId)
    if (above === undefined) continue
    above.beds += row.beds
    above.residents += row.residents
    for (const key of Object.keys(noDevices()) as (keyof typeof row.devices)[]) above.devices[key] += row.devices[key]
  }
  return rows.slice(1)
}
