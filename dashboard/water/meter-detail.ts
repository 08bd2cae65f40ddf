import { litresPerHour } from '../../contract/losses.ts'
import type { Role } from '../../contract/roles.ts'
import type { MeterDetail } from '../../contract/water-api.ts'
import { isZoneKind } from '../../contract/zones.ts'
import { lostByMeter } from '../../store/state/lost-so-far.ts'
import { seesUse } from '../access/household-use.ts'
import type { Desk } from '../desk.ts'
import { hoursOfRegister } from './register-hours.ts'

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const HOURS_SHOWN = 14 * DAY_HOURS
/** A reading before the first hour, for its beginning. */
const MARGIN_MS = DAY_HOURS * HOUR_MS
/** A fortnight at one reading a minute. */
const MOST_READINGS = 25_000

/** A water meter's page as a role is told of it; undefined where no water or bulk meter of that id is registered. */
export async function meterDetail(desk: Desk, id: string, role: Role): Promise<MeterDetail | undefined> {
  const { fleet, waters, places, stores } = desk
  const device = fleet.get(id)
  if (device === undefined || (device.kind !== 'water-meter' && device.kind !== 'bulk-meter')) return undefined
  await waters.follow()
  const isSeen = await seesUse(desk, role, id)
  const { judged, ...use } = await drawnThrough(desk, id)
  const alarm = waters.losses.ofMeter(id)
  return {
    deviceId: id,
    useHidden: !isSeen,
    ...(isSeen ? use : NO_USE),
    judged,
    zones: waters.meters.zonesOf(device.placeId).flatMap((zone) => {
      const place = places.get(zone)
      return place !== undefined && isZoneKind(place.kind) ? [{ id: zone, name: place.name, kind: place.kind }] : []
    }),
    leak:
      alarm === undefined
        ? null
        : {
            alarmId: alarm.id,
            lph: litresPerHour(alarm),
            since: alarm.raisedAt,
            lostM3: await lostByMeter(stores.views, id, alarm),
            evidence: alarm.reason,
            evidenceZh: alarm.reasonZh,
          },
  }
}

type Use = Pick<MeterDetail, 'registerM3' | 'registerAt' | 'hours' | 'leastLph' | 'stillAt'>
type Drawn = Use & Pick<MeterDetail, 'judged'>
const NO_USE: Use = { registerM3: null, registerAt: null, hours: [], leastLph: null, stillAt: null }

async function drawnThrough({ stores, now }: Desk, id: string): Promise<Drawn> {
  const end = Math.floor(now() / HOUR_MS) + 1
  const from = end - HOURS_SHOWN
  const [sighting, { at, fields }] = await Promise.all([
    stores.views.sighting(id),
    stores.history.range(id, from * HOUR_MS - MARGIN_MS, end * HOUR_MS, MOST_READINGS),
  ])
  const hours = hoursOfRegister(at, (fields.get('volume') ?? []) as (number | null)[], from, end)
  const register = sighting?.latest.find(({ quantity }) => quantity === 'volume')
  const measured = hours.filter(({ measured }) => measured)
  const lastDay = measured.slice(-DAY_HOURS).flatMap(({ litres }) => litres ?? [])
  const still = measured.findLast(({ litres }) => litres === 0)
  return {
    registerM3: typeof register?.value === 'number' ? register.value : null,
    registerAt: register?.at ?? null,
    hours,
    judged: still !== undefined || measured.length >= DAY_HOURS,
    leastLph: lastDay.length === 0 ? null : Math.min(...lastDay),
    stillAt: still === undefined ? null : still.hour * HOUR_MS,
  }
}
