import { type Alarm, type AlarmType, isActive } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import {
  checkMeter,
  checkNights,
  isOrderOverdue,
  lostM3,
  m3AYear,
  nightsAround,
  type OrderAnswer,
  type OrderDetail,
  type OrderSubject,
  type OrderSums,
  type RepairCheck,
  savedM3h,
  type WorkOrder,
} from '../../contract/work-orders.ts'
import { ZONE_KINDS, type ZoneNight } from '../../contract/zones.ts'
import type { Desk } from '../desk.ts'

const ZONES: ReadonlySet<string> = new Set(ZONE_KINDS)
const METERS: ReadonlySet<Kind> = new Set(['water-meter', 'bulk-meter'])
/** What a meter's repair is about. */
const METER_LOSSES: readonly AlarmType[] = ['burst', 'leak']
const LITRES = 1000
/** Open losses of zones read at once: more are none of a city's. */
const ZONE_ALARMS = 1000

/** What an alarm says is lost, m³/h; undefined: it does not say. */
export const lossOf = ({ value, unit }: Pick<Alarm, 'value' | 'unit'>): number | undefined => {
  const m3h = value === null ? 0 : unit === 'l/h' ? value / LITRES : unit === 'm³/h' ? value : 0
  return m3h > 0 ? m3h : undefined
}

/** What stands around a work order: where it is, what it costs, what the water says of it. */
export class OrderFacts {
  private readonly desk: Desk

  constructor(desk: Desk) {
    this.desk = desk
  }

  canBeRepaired(subject: OrderSubject, id: string): boolean {
    const { places, fleet } = this.desk
    if (subject === 'zone') return ZONES.has(places.get(id)?.kind ?? '')
    const device = fleet.get(id)
    return device !== undefined && METERS.has(device.kind)
  }

  placeOf(subject: OrderSubject, id: string): string | null {
    return subject === 'zone' ? id : (this.desk.fleet.get(id)?.placeId ?? null)
  }

  /** The loss of it that is open now. */
  async openLoss(
    subject: OrderSubject,
    id: string,
  ): Promise<{ readonly alarm: Alarm; readonly m3h: number | undefined } | undefined> {
    const alarm = (await this.openAlarms(subject, id)).find(isActive)
    return alarm === undefined ? undefined : { alarm, m3h: lossOf(alarm) }
  }

  async answer(order: WorkOrder): Promise<OrderAnswer> {
    const isCounting = order.state === 'claimed' && order.subject === 'zone'
    return this.answerOf(order, isCounting ? await this.check(order, await this.nights(order)) : null)
  }

  async detail(order: WorkOrder): Promise<Omit<OrderDetail, 'may'>> {
    const { views, workOrders } = this.desk.stores
    const [nights, history, alarm] = await Promise.all([
      this.nights(order),
      workOrders.history(order.id),
      order.alarmId === null ? undefined : views.alarm(order.alarmId),
    ])
    const check = await this.check(order, nights)
    return {
      ...this.answerOf(order, check),
      evidence: alarm === undefined ? null : { en: alarm.reason, zh: alarm.reasonZh },
      check,
      nights: [...nights],
      history: [...history],
    }
  }

  async sums(): Promise<OrderSums> {
    const { workOrders } = this.desk.stores
    const [counts, savings] = await Promise.all([workOrders.counts(this.desk.now()), workOrders.savings()])
    const savedM3Year = m3AYear(savings.reduce((sum, one) => sum + one.savedM3h, 0))
    return {
      ...counts,
      confirmed: savings.length,
      savedM3Year,
      savedYuanYear: savedM3Year * this.desk.config.yuanPerM3,
    }
  }

  private answerOf(order: WorkOrder, check: RepairCheck | null): OrderAnswer {
    const { places, fleet, config } = this.desk
    const now = this.desk.now()
    const { subject, subjectId, placeId } = order
    const place = subject === 'zone' ? places.get(subjectId) : undefined
    const above = subject === 'zone' ? (place?.parentId ?? null) : placeId
    const lost = lostM3(order, now)
    const savedM3Year = m3AYear(savedM3h(order))
    return {
      ...order,
      name: (subject === 'zone' ? place?.name : fleet.get(subjectId)?.name) || subjectId,
      path: places.path(above),
      overdue: isOrderOverdue(order, now),
      lostM3: lost,
      lostYuan: lost * config.yuanPerM3,
      savedM3Year,
      savedYuanYear: savedM3Year * config.yuanPerM3,
      confirming: check === null || subject === 'meter' ? null : check.confirming,
    }
  }

  private async check(order: WorkOrder, nights: readonly ZoneNight[]): Promise<RepairCheck | null> {
    const repairedAt = order.claim?.repairedAt
    if (repairedAt === undefined) return null
    if (order.subject === 'zone') return checkNights(order, repairedAt, nights)
    const { views } = this.desk.stores
    const [alarms, cleared, sighting] = await Promise.all([
      this.openAlarms('meter', order.subjectId),
      order.alarmId === null ? undefined : views.alarm(order.alarmId),
      views.sighting(order.subjectId),
    ])
    const active = alarms.filter(isActive)
    return checkMeter(order, repairedAt, {
      activeAt: active.length === 0 ? null : Math.max(...active.map(({ lastAt }) => lastAt)),
      clearedAt: cleared?.clearedAt ?? null,
      measuredUntil: sighting?.latest.find(({ quantity }) => quantity === 'volume')?.at ?? null,
    })
  }

  private async openAlarms(subject: OrderSubject, id: string): Promise<readonly Alarm[]> {
    const { views } = this.desk.stores
    if (subject === 'zone') {
      const { items } = await views.alarms({ state: 'open', type: 'zoneLoss', limit: ZONE_ALARMS })
      return items.filter(({ placeId }) => placeId === id)
    }
    const { items } = await views.alarms({ state: 'open', deviceId: id, limit: ZONE_ALARMS })
    return METER_LOSSES.flatMap((type) => items.filter((alarm) => alarm.type === type))
  }

  private async nights(order: WorkOrder): Promise<readonly ZoneNight[]> {
    if (order.subject === 'meter') return []
    const { from, to } = nightsAround(order, this.desk.now())
    return this.desk.stores.zones.nights(order.subjectId, from, to)
  }
}
