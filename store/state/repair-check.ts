import type { Alarm, AlarmType } from '../../contract/alarms.ts'
import { checkMeter, checkNights, nightsAround, type RepairCheck } from '../../contract/repair-verdict.ts'
import type { WorkOrder } from '../../contract/work-orders.ts'
import type { ZoneNight } from '../../contract/zones.ts'
import type { Views } from './views-port.ts'
import type { Zones } from './water-port.ts'

/** What a repair of a meter is about, the worst first. */
const METER_LOSSES: readonly AlarmType[] = ['burst', 'leak', 'intermittentLeak']
/** Open alarms of one device: one per type at most. */
const MOST_ALARMS = 100

export interface WaterStores {
  readonly zones: Pick<Zones, 'nights'>
  readonly views: Pick<Views, 'alarm' | 'alarms' | 'sighting'>
}

/** The nights that concern an order, ascending; of a meter none. */
export async function nightsOf({ zones }: WaterStores, order: WorkOrder, now: number): Promise<readonly ZoneNight[]> {
  if (order.subject === 'meter') return []
  const { from, to } = nightsAround(order, now)
  return zones.nights(order.subjectId, from, to)
}

/** What a meter loses now, by what detection has found: the worst first. */
export async function meterLosses({ views }: WaterStores, deviceId: string): Promise<readonly Alarm[]> {
  const { items } = await views.alarms({ state: 'active', deviceId, limit: MOST_ALARMS })
  return METER_LOSSES.flatMap((type) => items.filter((alarm) => alarm.type === type))
}

/** What the water says of an order's last claim; null: nothing is claimed. */
export async function repairCheck(
  stores: WaterStores,
  order: WorkOrder,
  nights: readonly ZoneNight[],
): Promise<RepairCheck | null> {
  const repairedAt = order.claim?.repairedAt
  if (repairedAt === undefined) return null
  if (order.subject === 'zone') return checkNights(order, repairedAt, nights)
  const { views } = stores
  const [active, alarm, sighting] = await Promise.all([
    meterLosses(stores, order.subjectId),
    order.alarmId === null ? undefined : views.alarm(order.alarmId),
    views.sighting(order.subjectId),
  ])
  return checkMeter(order, repairedAt, {
    activeAt: active.length === 0 ? null : Math.max(...active.map(({ lastAt }) => lastAt)),
    comesAndGoes: active.every(({ type }) => type === 'intermittentLeak'),
    clearedAt: alarm?.clearedAt ?? null,
    measuredUntil: sighting?.latest.find(({ quantity }) => quantity === 'volume')?.at ?? null,
  })
}
