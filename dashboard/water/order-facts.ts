import type { Alarm } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import { litresPerHour } from '../../contract/losses.ts'
import type { OrderAnswer, OrderDetail, OrderSums } from '../../contract/work-order-api.ts'
import { isOrderClosed, m3AYear, type OrderSubject, type WorkOrder } from '../../contract/work-orders.ts'
import { ZONE_KINDS } from '../../contract/zones.ts'
import { lostByMeter } from '../../store/state/lost-so-far.ts'
import { checkedOrderAnswer, type OrderSurroundings, orderAnswer } from '../../store/state/order-answer.ts'
import { meterLosses, nightsOf, repairCheck } from '../../store/state/repair-check.ts'
import type { Desk } from '../desk.ts'
import { openLoss } from './zone-rows.ts'

const ZONES: ReadonlySet<string> = new Set(ZONE_KINDS)
const METERS: ReadonlySet<Kind> = new Set(['water-meter', 'bulk-meter'])
const LITRES_PER_M3 = 1000

/** What an alarm says is lost, m³/h; undefined: it does not say. */
const lossOf = (alarm: Alarm): number | undefined => litresPerHour(alarm) / LITRES_PER_M3 || undefined

/** What stands around a work order: where it is, what it costs, what the water says of it. */
export class OrderFacts {
  private readonly desk: Desk
  private readonly around: OrderSurroundings

  constructor(desk: Desk) {
    this.desk = desk
    this.around = {
      stores: desk.stores,
      places: desk.places,
      nameOf: async (deviceId) => desk.fleet.get(deviceId)?.name,
      openLoss: (order) => this.lostByOpen(order),
      yuanPerM3: desk.config.yuanPerM3,
      now: desk.now,
    }
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

  answer(order: WorkOrder): Promise<OrderAnswer> {
    return orderAnswer(this.around, order)
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
      ...(await checkedOrderAnswer(this.around, order, check)),
      evidence: alarm === undefined ? null : { en: alarm.reason, zh: alarm.reasonZh },
      check,
      nights: [...nights],
      history: [...history],
    }
  }

  async sums(): Promise<OrderSums> {
    const { workOrders } = this.desk.stores
    const now = this.desk.now()
    const [counts, savings] = await Promise.all([workOrders.counts(now), workOrders.savings(now)])
    const savedM3Year = m3AYear(savings.m3h)
    return {
      ...counts,
      confirmed: savings.repairs,
      savedM3Year,
      savedYuanYear: savedM3Year * this.desk.config.yuanPerM3,
    }
  }

  /** What is open stands in memory: a list asks the store only how far it has come. */
  private async lostByOpen(order: WorkOrder): Promise<number | undefined> {
    const { subject, subjectId, alarmId } = order
    if (alarmId === null || isOrderClosed(order)) return undefined
    if (subject === 'zone') {
      const open = await openLoss(this.desk, subjectId)
      return open?.alarmId === alarmId ? open.lostM3 : undefined
    }
    const alarm = this.desk.waters.losses.ofMeter(subjectId)
    return alarm?.id === alarmId ? lostByMeter(this.desk.stores.views, subjectId, alarm) : undefined
  }
}
