import type { z } from 'zod'
import { CITY_TIME_ZONE } from '../../contract/city-time.ts'
import type { DeviceCounts, Home, HomeDetail, HomePlace, homeQuerySchema } from '../../contract/home-answers.ts'
import { isStaffed, onDuty, type Staff } from '../../contract/homes.ts'
import type { HomeRecord } from '../../store/state/homes-port.ts'
import type { Page } from '../../store/state/page.ts'
import type { Desk } from '../desk.ts'
import type { Counted } from './census.ts'
import { nearbyResponders } from './nearby.ts'
import { countDevices, noDevices, type Premises } from './premises.ts'

/** Homes and dwellings as pages show them: no query is ever made for one home of a list. */

type HomeQuery = z.output<typeof homeQuerySchema>

/** What decides how urgently somebody is wanted: from memory and two grouped queries, for all homes at once. */
interface Standing {
  readonly premises: Premises
  readonly devices: DeviceCounts
  readonly openIncidents: number
  readonly openHazards: number
  readonly overdueHazards: number
}

async function standings(desk: Desk, chosen: Iterable<Premises>): Promise<Standing[]> {
  const [incidents, unclosed] = await Promise.all([
    desk.stores.views.openIncidents(),
    desk.stores.hazards.unclosedByPlace(desk.now()),
  ])
  const burning = new Map<string | null, number>()
  for (const { premisesId } of incidents) burning.set(premisesId, (burning.get(premisesId) ?? 0) + 1)
  const hazards = new Map<string, { open: number; overdue: number }>()
  for (const [placeId, { open, overdue }] of unclosed) {
    const id = desk.places.premisesOf(placeId)?.id
    if (id === undefined) continue
    const sum = hazards.get(id) ?? { open: 0, overdue: 0 }
    hazards.set(id, { open: sum.open + open, overdue: sum.overdue + overdue })
  }
  return [...chosen].map((premises) => ({
    premises,
    devices: countDevices(desk.fleet, premises.devices),
    openIncidents: burning.get(premises.place.id) ?? 0,
    openHazards: hazards.get(premises.place.id)?.open ?? 0,
    overdueHazards: hazards.get(premises.place.id)?.overdue ?? 0,
  }))
}

/** What wants somebody, the most urgent first: who is burning, who calls, who would not be heard, what is overdue. */
const urgency = ({ openIncidents, devices, overdueHazards }: Standing): readonly number[] => [
  openIncidents,
  devices.alarm,
  devices.silent + devices.never,
  devices.faulty,
  overdueHazards,
]

function compareUrgency(a: Standing, b: Standing): number {
  const [ofA, ofB] = [urgency(a), urgency(b)]
  for (const [i, count] of ofA.entries()) if (count !== ofB[i]) return (ofB[i] ?? 0) - count
  return 0
}

/** What is shown with a home besides. */
interface Particulars {
  readonly residents: ReadonlyMap<string, number>
  readonly staff: ReadonlyMap<string, readonly Staff[]>
  readonly records: ReadonlyMap<string, HomeRecord>
}

async function particulars(desk: Desk, ids: readonly string[], { residents, staff }: Counted): Promise<Particulars> {
  return {
    residents,
    staff: Map.groupBy(staff, ({ placeId }) => desk.places.premisesOf(placeId)?.id ?? placeId),
    records: await desk.stores.homes.lastRecords(ids),
  }
}

function homeOf(now: number, { premises, ...standing }: Standing, known: Particulars): Home {
  const { id, kind, name, lon, lat, contact } = premises.place
  const staff = known.staff.get(id) ?? []
  const { lastDrillAt = null, lastDutyCheck: duty = null } = known.records.get(id) ?? {}
  return {
    id,
    kind: kind === 'home' ? 'home' : 'dwelling',
    name,
    placePath: [...premises.path],
    countyId: premises.countyId,
    lon,
    lat,
    contact,
    beds: premises.beds,
    residents: premises.inside.reduce((sum, place) => sum + (known.residents.get(place.id) ?? 0), 0),
    ...standing,
    staff: {
      recorded: staff.length,
      onDuty: onDuty(staff, now, CITY_TIME_ZONE).length,
      staffed: isStaffed(staff, now, CITY_TIME_ZONE),
    },
    lastDrillAt,
    lastDutyCheck: duty === null ? null : { askedAt: duty.askedAt, answeredAt: duty.answeredAt, dueAt: duty.dueAt },
  }
}

/** A page of homes, the one that wants somebody most first. */
export async function listHomes(desk: Desk, query: HomeQuery): Promise<Page<Home>> {
  const wanted = query.q?.trim().toLowerCase() ?? ''
  const chosen = [...desk.premises.all()].filter(
    ({ place, words }) =>
      place.kind === query.kind &&
      (query.placeId === undefined || desk.places.within(place.id, query.placeId)) &&
      words.includes(wanted),
  )
  const all = await standings(desk, chosen)
  const found = query.attention ? all.filter((one) => urgency(one).some((count) => count > 0)) : all
  // Those that are equally well stay in the order of their names.
  if (query.sort === 'attention') found.sort(compareUrgency)
  const from = /^\d+$/.test(query.cursor ?? '') ? Number(query.cursor) : 0
  const page = found.slice(from, from + query.limit)
  const ids = page.map(({ premises }) => premises.place.id)
  const known = await particulars(desk, ids, await desk.census.all())
  const next = from + query.limit
  return {
    items: page.map((standing) => homeOf(desk.now(), standing, known)),
    total: found.length,
    next: next < found.length ? String(next) : null,
  }
}

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
  const [[standing], known, plans, drills, incidents, responders] = await Promise.all([
    standings(desk, [premises]),
    desk.census.of(inside).then((counted) => particulars(desk, [id], counted)),
    homes.plans(inside),
    homes.drills(inside, DRILLS_SHOWN),
    homes.dispositions(id, desk.now() - RECORD_MS),
    mayReadContacts ? nearbyResponders(desk, id, { limit: RESPONDERS_SHOWN }) : [],
  ])
  if (standing === undefined) return undefined
  const staff = known.staff.get(id) ?? []
  return {
    ...homeOf(desk.now(), standing, known),
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

function placesOf(desk: Desk, premises: Premises, known: Particulars): HomePlace[] {
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
