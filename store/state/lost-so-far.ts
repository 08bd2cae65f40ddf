import { type Alarm, isActive } from '../../contract/alarms.ts'
import { lossByNights, lostIn, nightsOfLoss } from '../../contract/losses.ts'
import { isOrderClosed, type WorkOrder } from '../../contract/work-orders.ts'
import type { WaterStores } from './repair-check.ts'
import type { Views } from './views-port.ts'

/** Of a meter, m³ until its newest reading: after it nobody knows whether it still runs. */
export async function lostByMeter(views: Pick<Views, 'sighting'>, deviceId: string, alarm: Alarm): Promise<number> {
  const sighting = await views.sighting(deviceId)
  const until = sighting?.latest.find(({ quantity }) => quantity === 'volume')?.at ?? alarm.lastAt
  return lostIn(alarm, Math.max(until, alarm.lastAt) - alarm.raisedAt)
}

/** m³ that the open loss of an order has come to; undefined: it is not open any more. @param newestDay the newest night of any zone */
export async function lostByOrder(
  { zones, views }: WaterStores,
  order: WorkOrder,
  newestDay: number,
): Promise<number | undefined> {
  const { subject, subjectId, alarmId } = order
  const alarm = alarmId === null || isOrderClosed(order) ? undefined : await views.alarm(alarmId)
  if (alarm === undefined || !isActive(alarm)) return undefined
  if (subject === 'meter') return lostByMeter(views, subjectId, alarm)
  const { from, to } = nightsOfLoss(alarm.raisedAt, null, newestDay)
  const byNights = lossByNights(await zones.nights(subjectId, from, to + 1), from, to)
  return byNights ?? lostIn(alarm, alarm.lastAt - alarm.raisedAt)
}
