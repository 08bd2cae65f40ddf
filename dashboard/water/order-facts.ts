import type { Alarm } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { RepairCheck } from '../../contract/repair-verdict.ts'
import type { OrderAnswer, OrderDetail, OrderSums } from '../../contract/work-order-api.ts'
import {
  isOrderOverdue,
  lostM3,
  m3AYear,
  type OrderSubject,
  savedM3h,
  type WorkOrder,
} from '../../contract/work-orders.ts'
import { ZONE_KINDS } from '../../contract/zones.ts'
import { meterLosses, nightsOf, repairCheck } from '../../store/state/repair-check.ts'
import type { Desk } from '../desk.ts'
import { lostByMeter } from './go-first.ts'
import { litresPerHour } from './losses.ts'
import { openLoss } from './zone-rows.ts'

const ZONES: ReadonlySet<string> = new Set(ZONE_KINDS)
const METERS: ReadonlySet<Kind> = new Set(['water-meter', 'bulk-meter'])
const LITRES_PER_M3 = 1000

/** What an alarm says is lost, m³/h; undefined: it does not say. */
const lossOf = (alarm: Alarm): number | undefined => litresPerHour(alarm) / LITRES_PER_M3 || undefined

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
    const { stores, waters } = this.desk
    const alarm = subject === 'meter' ? (await meterLosses(stores, id))[0] : waters.losses.ofZone(id)
    return alarm === undefined ? undefined : { alarm, m3h: lossOf(alarm) }
  }

  async answer(order: WorkOrder): Promise<OrderAnswer> {
    const { stores } = this.desk
    const isCounting = order.state === 'claimed' && order.subject === 'zone'
    const nights = isCounting ? await nightsOf(stores, order, this.desk.now()) : []
    return this.answerOf(order, isCounting ? await repairCheck(stores, order, nights) : null)
  }

  async detail(order: WorkOrder): Promise<Omit<OrderDetail, 'may'>> {
    const { stores } = this.desk
    const { views, workOrders } = stores
    const [nights, history, alarm] = await Promise.all([
      nightsOf(stores, order, this.desk.now()),
      workOrders.history(order.id),
      order.alarmId === null ? undefined : views.alarm(order.alarmId),
    ])
    const check = await repairCheck(stores, order, nights)
    return {
      ...(await this.answerOf(order, check)),
      evidence: alarm === undefined ? null : { en: alarm.reason, zh: alarm.reasonZh },
      check,
      nights: [...nights],
      history: [...history],
    }
  }

  async sums(): Promise<OrderSums> {
    const { workOrders } = this.desk.stores
    const [counts, savings] = await Promise.all([
      workOrders.counts(this.desk.now()),
      workOrders.savings(this.desk.now()),
    ])
    const savedM3Year = m3AYear(savings.m3h)
    return {
      ...counts,
      confirmed: savings.repairs,
      savedM3Year,
      savedYuanYear: savedM3Year * this.desk.config.yuanPerM3,
    }
  }

  /** While its loss is open an order says what the zone's or the meter's own page says; else its m³/h over its time. */
  private async lostBy(order: WorkOrder, now: number): Promise<number> {
    const { subject, subjectId, alarmId, state } = order
    if (alarmId !== null && state !== 'confirmed' && state !== 'cancelled') {
      if (subject === 'zone') {
        const open = await openLoss(this.desk, subjectId)
        if (open?.alarmId === alarmId) return open.lostM3
      } else {
        const alarm = this.desk.waters.losses.ofMeter(subjectId)
        if (alarm?.id === alarmId) return lostByMeter(this.desk, subjectId, alarm)
      }
    }
    return lostM3(order, now)
  }

  private async answerOf(order: WorkOrder, check: RepairCheck | null): Promise<OrderAnswer> {
    const { places, fleet, config } = this.desk
    const now = this.desk.now()
    const { subject, subjectId, placeId } = order
    const place = subject === 'zone' ? places.get(subjectId) : undefined
    const above = subject === 'zone' ? (place?.parentId ?? null) : placeId
    const lost = await this.lostBy(order, now)
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
      confirming: check === null || subject === 'meter' || order.state !== 'claimed' ? null : check.confirming,
    }
  }
}
