import { fewestHouseholds, isHouseholdMeter, isUse, maySeeHoursOf, maySeeUse } from '../../contract/household-use.ts'
import type { Role } from '../../contract/roles.ts'
import type { ZoneRow } from '../../contract/water-api.ts'
import { ApiError } from '../api/errors.ts'
import type { Desk } from '../desk.ts'

/**
 * Whether a role may see what runs through a meter; of all other devices everybody sees everything. A meter that has never stood
 * anywhere (one on a bench, one just registered) tells of nobody.
 */
export async function seesUse({ fleet, stores }: Desk, role: Role, deviceId: string): Promise<boolean> {
  const device = fleet.get(deviceId)
  if ((device !== undefined && !isHouseholdMeter(device.kind)) || maySeeUse(role, false)) return true
  // Registered no more: its messages in quarantine are still its home's.
  if (device === undefined || device.placeId === null) {
    const stood = await stores.topology.placements(deviceId)
    if (stood.every(({ placeId }) => placeId === null)) return true
  }
  return maySeeUse(role, true) && (await stores.alone.find(deviceId)) !== undefined
}

/** @throws ApiError use.hidden */
export async function mustSeeUse(desk: Desk, role: Role, deviceId: string): Promise<void> {
  if (!(await seesUse(desk, role, deviceId))) throw new ApiError('use.hidden')
}

/** What is left of readings for who may not see what is drawn. */
export const withoutUse = <T extends { readonly quantity: string }>(latest: readonly T[]): T[] =>
  latest.filter(({ quantity }) => !isUse(quantity))

/** Hours since 1970 UTC. */
interface Span {
  readonly from: number
  readonly to: number
}

/** Whether a role may see these hours of a zone: whose only home has moved out since, its hours are still that home's. */
export async function seesHoursOf({ waters, stores }: Desk, role: Role, zone: string, span: Span): Promise<boolean> {
  const now = waters.meters.get(zone)?.households ?? 0
  return (
    maySeeHoursOf(role, now) &&
    maySeeHoursOf(role, fewestHouseholds(await stores.zones.counts(zone), span.from, span.to))
  )
}

/** A zone's line as a role is told of it: the week of so few homes would tell which of them stands empty. */
export const asTold =
  ({ waters }: Desk, role: Role) =>
  (row: ZoneRow): ZoneRow => {
    const now = waters.meters.get(row.id)?.households ?? 0
    // Who had homes in that week, and has none now, had few.
    const households = now === 0 && row.week !== null && row.week.householdL !== null ? 1 : now
    if (maySeeHoursOf(role, households)) return row
    return { ...row, week: null, weekPercent: null, weekLitresPerConnectionDay: null }
  }

/** @throws ApiError use.few */
export async function mustSeeHoursOf(desk: Desk, role: Role, zone: string, span: Span): Promise<void> {
  if (!(await seesHoursOf(desk, role, zone, span))) throw new ApiError('use.few')
}
