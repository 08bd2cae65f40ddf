import { type Alarm, isActive } from '../../contract/alarms.ts'
import { midnightOf } from '../../contract/city-time.ts'
import { maySeeUse } from '../../contract/household-use.ts'
import { litresPerHour, lossByNights, lostIn, nightsOfLoss } from '../../contract/losses.ts'
import type { Role } from '../../contract/roles.ts'
import type { ZoneDetail, ZoneMeter } from '../../contract/water-api.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import { asTold, seesHoursOf, seesUse } from '../access/household-use.ts'
import type { Desk } from '../desk.ts'
import { usedAtHome } from './used-at-home.ts'
import { hoursBesideReports } from './zone-hours.ts'
import { kindOf, zoneRows, zonesInside } from './zone-rows.ts'

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
const LITRES_PER_M3 = 1000
const NIGHTS_SHOWN = 60
const HOURS_SHOWN = 7 * DAY_HOURS
const HOUSEHOLDS_SHOWN = 500

const collator = new Intl.Collator('zh-CN', { numeric: true })

/** Everything about one zone that a role is told; undefined where there is none of that id. */
export async function zoneDetail(desk: Desk, id: string, role: Role): Promise<ZoneDetail | undefined> {
  const { waters, stores } = desk
  await waters.follow()
  const [row] = await zoneRows(desk, [id])
  if (row === undefined) return undefined
  const day = waters.accounts.newestDay
  // What has come in of the day after the newest night is shown too, and no emptiness after it.
  const end = Math.min(Math.floor(desk.now() / HOUR_MS) + 1, midnightOf(day + 2))
  const isSeen = await seesHoursOf(desk, role, id, { from: end - HOURS_SHOWN, to: end })
  const told = asTold(desk, role)
  const [nights, hours, counts, inside, households, bulkMeters] = await Promise.all([
    lastNightsOf(desk, id),
    isSeen ? stores.zones.hours(id, end - HOURS_SHOWN, end) : [],
    stores.zones.counts(id),
    zonesInside(desk, id).then((ids) => zoneRows(desk, ids)),
    householdsOf(desk, id, role, HOUSEHOLDS_SHOWN),
    bulkMetersOf(desk, id),
  ])
  return {
    ...told(row),
    nights,
    hours: hoursBesideReports(hours, counts),
    hoursHidden: !isSeen,
    losses: waters.losses.history(id).flatMap((alarm) => lossOf(alarm, nights, day, row.open)),
    inside: inside.map(told),
    households,
    householdsTotal: waters.meters.get(id)?.households ?? 0,
    useHidden: households.length > 0 && !maySeeUse(role, false),
    bulkMeters,
  }
}

/** Its last sixty nights, oldest first. */
export async function lastNightsOf({ waters, stores }: Desk, zone: string): Promise<ZoneNight[]> {
  await waters.follow()
  const { newestDay } = waters.accounts
  return [...(await stores.zones.nights(zone, newestDay - NIGHTS_SHOWN + 1, newestDay + 1))]
}

/** A loss beside the nights in which it was open; none where it was over before them. */
function lossOf(
  alarm: Alarm,
  nights: readonly ZoneNight[],
  newestDay: number,
  open: ZoneDetail['open'],
): ZoneDetail['losses'] {
  const { id: alarmId, raisedAt: since, clearedAt } = alarm
  const until = isActive(alarm) ? null : (clearedAt ?? alarm.lastAt)
  const of = nightsOfLoss(since, until, newestDay)
  if (of.to < (nights[0]?.day ?? Number.NEGATIVE_INFINITY)) return []
  const lossM3h = litresPerHour(alarm) / LITRES_PER_M3
  const lostM3 =
    open?.alarmId === alarmId
      ? open.lostM3
      : (lossByNights(nights, of.from, of.to) ?? lostIn(alarm, (until ?? alarm.lastAt) - since))
  return [{ alarmId, since, until, lossM3h, lostM3 }]
}

/**
 * Its household meters: those that leak first, the largest first, then by name. Of a township or county only those that
 * leak: nobody reads a list of its 20,000 others. What is used stays out of it for a role that is not told.
 */
export async function householdsOf(
  desk: Desk,
  zone: string,
  role: Role,
  most = Number.POSITIVE_INFINITY,
): Promise<ZoneMeter[]> {
  const { waters, fleet, places } = desk
  const leaking = [...waters.losses.meters()]
    .filter(([deviceId]) => {
      const device = fleet.get(deviceId)
      return device?.kind === 'water-meter' && waters.meters.zonesOf(device.placeId).includes(zone)
    })
    .sort(([, a], [, b]) => litresPerHour(b) - litresPerHour(a))
    .map(([deviceId]) => deviceId)
  const kind = kindOf(desk, zone)
  const others =
    kind === 'well' || kind === 'village'
      ? places
          .below(zone)
          .flatMap((place) => waters.meters.householdsAt(place))
          .map((index) => ({ id: fleet.idAt(index), name: fleet.nameAt(index) }))
          .sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
          .map(({ id }) => id)
      : []
  const shown = [...new Set([...leaking, ...others])].slice(0, most)
  const seen: string[] = []
  for (const id of shown) if (await seesUse(desk, role, id)) seen.push(id)
  const used = await usedAtHome(desk, seen)
  return shown.flatMap((deviceId) => {
    const device = fleet.get(deviceId)
    if (device === undefined) return []
    const { name, placeId, lastHeardAt } = device
    const placeName = (placeId === null ? undefined : places.get(placeId)?.name) ?? ''
    const { litresDay, nightLph } = used.get(deviceId) ?? { litresDay: null, nightLph: null }
    return [{ deviceId, name, placeId, placeName, litresDay, nightLph, lastHeardAt, leak: leakOf(desk, deviceId) }]
  })
}

function leakOf({ waters }: Desk, deviceId: string): ZoneMeter['leak'] {
  const alarm = waters.losses.ofMeter(deviceId)
  if (alarm === undefined) return null
  const { id: alarmId, raisedAt: since, reason: evidence, reasonZh: evidenceZh } = alarm
  return { alarmId, lph: litresPerHour(alarm), since, evidence, evidenceZh }
}

async function bulkMetersOf(desk: Desk, zone: string): Promise<ZoneDetail['bulkMeters']> {
  const meters = desk.waters.meters.bulkMeters(zone).map(({ index, direction }) => ({
    direction,
    device: desk.fleet.at(index),
  }))
  const used = await usedAtHome(
    desk,
    meters.map(({ device }) => device.id),
  )
  return meters.map(({ direction, device: { id: deviceId, name, lastHeardAt } }) => ({
    deviceId,
    name,
    direction,
    lastHeardAt,
    litresDay: used.get(deviceId)?.litresDay ?? null,
  }))
}
