import type { Place } from '../../contract/api.ts'
import type { IncidentDetail } from '../../contract/incident-api.ts'
import type { Incident, WatchMode } from '../../contract/incidents.ts'
import type { Caller } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { placePathOf } from './place-path.ts'
import { whoCanBeSent } from './who-can-be-sent.ts'

/** Alarms told with an incident: forty of one home fit, four hundred silent meters are read on their own list. */
const ALARMS_TOLD = 200

/** Everything about one incident, read from the state at once. */
export async function incidentDetail(desk: Desk, caller: Caller, incident: Incident): Promise<IncidentDetail> {
  const { views, residents, outbox } = desk.stores
  const { id, premisesId, placeId } = incident
  const inside = premisesId === null ? [] : desk.places.below(premisesId)
  const [alarms, timeline, messages, people, modes, responders] = await Promise.all([
    views.alarms({ state: 'all', incidentId: id, limit: ALARMS_TOLD }),
    views.eventsOfIncident(id),
    outbox.ofIncident(id),
    inside.length === 0 ? 0 : residents.count(inside),
    views.watchModes(),
    whoCanBeSent(desk, caller, incident),
  ])
  return {
    incident,
    placePath: [...placePathOf(desk, incident)],
    premises: (premisesId === null ? undefined : desk.places.get(premisesId)) ?? null,
    position: positionOf(desk, incident),
    people,
    alarms: alarms.items.toSorted((a, b) => a.raisedAt - b.raisedAt),
    timeline: [...timeline],
    messages: [...messages],
    watch: modes.filter((mode) => mode.until > desk.now() && concerns(desk, mode, premisesId ?? placeId)),
    responders,
  }
}

/** Of the place where it began, else of the one it lies in, else of the first device that has one. */
export function positionOf(desk: Desk, incident: Incident): { readonly lon: number; readonly lat: number } | null {
  const places: Iterable<Pick<Place, 'lon' | 'lat'>> = desk.places.upwards(incident.placeId ?? incident.premisesId)
  for (const { lon, lat } of places) if (lon !== null && lat !== null) return { lon, lat }
  for (const { deviceId } of incident.sources) {
    const device = deviceId === null ? undefined : desk.fleet.get(deviceId)
    if (device !== undefined && device.lon !== null && device.lat !== null) return { lon: device.lon, lat: device.lat }
  }
  return null
}

/** Whether a mode is in force at a place, in what lies in it, or in what it lies in. */
function concerns(desk: Desk, mode: WatchMode, placeId: string | null): boolean {
  if (placeId === null) return false
  const where = mode.placeId ?? (mode.deviceId === null ? null : (desk.fleet.get(mode.deviceId)?.placeId ?? null))
  return where !== null && (desk.places.within(where, placeId) || desk.places.within(placeId, where))
}
