import { isHouseholdMeter, isUse, maySeeHoursOf, maySeeUse } from '../../contract/household-use.ts'
import type { Role } from '../../contract/roles.ts'
import type { ZoneRow } from '../../contract/water-api.ts'
import { ApiError } from '../api/errors.ts'
import type { Desk } from '../desk.ts'

/**
 * Whether a role may see what runs through a meter; of all other devices everybody sees everything. A meter that stands nowhere
 * (one on a bench, one just registered) tells of nobody.
 */
export async function seesUse({ fleet, stores }: Desk, role: Role, deviceId: string): Promise<boolean> {
  const device = fleet.get(deviceId)
  if (device === undefined || device.placeId === null || !isHouseholdMeter(device.kind)) return true
  if (maySeeUse(role, false)) return true
  return maySeeUse(role, true) && (await stores.alone.find(deviceId)) !== undefined
}

/** @throws ApiError use.hidden */
export async function mustSeeUse(desk: Desk, role: Role, deviceId: string): Promise<void> {
  if (!(await seesUse(desk, role, deviceId))) throw new ApiError('use.hidden')
}

/** What is left of readings for who may not see what is drawn. */
export const withoutUse = <T extends { readonly quantity: string }>(latest: readonly T[]): T[] =>
  latest.filter(({ quantity }) => !isUse(quantity))

/** Whether a role may see the hours of a zone. */
export const seesHoursOf = ({ waters }: Desk, role: Role, zone: string): boolean =>
  maySeeHoursOf(role, waters.meters.get(zone)?.households ?? 0)

/** A zone's line as a role is told of it: the week of so few homes would tell which of them stands empty. */
export const asTold =
  (desk: Desk, role: Role) =>
  (row: ZoneRow): ZoneRow =>
    seesHoursOf(desk, role, row.id) ? row : { ...row, week: null, weekPercent: null, weekLitresPerConnectionDay: null }

/** @throws ApiError use.few */
export function mustSeeHoursOf(desk: Desk, role: Role, zone: string): void {
  if (!seesHoursOf(desk, role, zone)) throw new ApiError('use.few')
}
