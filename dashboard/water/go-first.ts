import type { z } from 'zod'
import type { Alarm } from '../../contract/alarms.ts'
import { litresPerHour } from '../../contract/losses.ts'
import type { GoFirst, goFirstQuerySchema } from '../../contract/water-api.ts'
import { lostByMeter } from '../../store/state/lost-so-far.ts'
import type { Page } from '../../store/state/page.ts'
import type { Desk } from '../desk.ts'
import { isOnlyInflow, markOf, openLoss, pageOf } from './zone-rows.ts'

const LITRES_PER_M3 = 1000
const DAY_HOURS = 24

interface Loss {
  readonly kind: 'zone' | 'meter'
  readonly id: string
  readonly placeId: string | null
  readonly alarm: Alarm
}

/**
 * Where to go first: what costs most a day. A household's leak is paid by the household, a zone's loss by the supplier;
 * both stand here, by what they cost.
 */
export async function goFirst(desk: Desk, query: z.output<typeof goFirstQuerySchema>): Promise<Page<GoFirst>> {
  await desk.waters.follow()
  const all = [...lossesOf(desk, query)].sort(
    (a, b) => litresPerHour(b.alarm) - litresPerHour(a.alarm) || (a.alarm.raisedAt < b.alarm.raisedAt ? -1 : 1),
  )
  const { items, next } = pageOf(all, query)
  const orders = await desk.stores.workOrders.unclosed()
  const lines = await Promise.all(
    items.map(
      async (loss): Promise<GoFirst> => ({
        ...(await lineOf(desk, loss)),
        workOrder: markOf(orders, loss.kind, loss.id),
      }),
    ),
  )
  return { items: lines, total: all.length, next }
}

function* lossesOf({ waters, fleet, places }: Desk, query: z.output<typeof goFirstQuerySchema>): Generator<Loss> {
  const { kind, placeId } = query
  const isAsked = (id: string | null): boolean => placeId === undefined || places.within(id, placeId)
  if (kind !== 'meter')
    for (const [id, alarm] of waters.losses.zones()) if (isAsked(id)) yield { kind: 'zone', id, placeId: id, alarm }
  if (kind === 'zone') return
  for (const [id, alarm] of waters.losses.meters()) {
    const device = fleet.get(id)
    if (device?.kind !== 'water-meter' || !isAsked(device.placeId)) continue
    yield { kind: 'meter', id, placeId: device.placeId, alarm }
  }
}

async function lineOf(desk: Desk, { kind, id, placeId, alarm }: Loss): Promise<Omit<GoFirst, 'workOrder'>> {
  const { places, fleet, config } = desk
  const lph = litresPerHour(alarm)
  const lostM3 =
    kind === 'zone' ? ((await openLoss(desk, id))?.lostM3 ?? 0) : await lostByMeter(desk.stores.views, id, alarm)
  const path = places.path(placeId)
  return {
    kind,
    id,
    name: kind === 'meter' ? (fleet.get(id)?.name ?? id) : (places.get(id)?.name ?? id),
    path: kind === 'meter' ? path : path.slice(0, -1),
    alarmId: alarm.id,
    onlyInflow: kind === 'zone' && isOnlyInflow(desk, id),
    lph,
    since: alarm.raisedAt,
    lostM3,
    lostYuan: lostM3 * config.yuanPerM3,
    yuanPerDay: (lph / LITRES_PER_M3) * DAY_HOURS * config.yuanPerM3,
    evidence: alarm.reason,
    evidenceZh: alarm.reasonZh,
  }
}
