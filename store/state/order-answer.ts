import type { PlaceTree } from '../../contract/place-tree.ts'
import type { RepairCheck } from '../../contract/repair-verdict.ts'
import type { OrderAnswer } from '../../contract/work-order-api.ts'
import { isOrderOverdue, lostM3, m3AYear, savedM3h, type WorkOrder } from '../../contract/work-orders.ts'
import { nightsOf, repairCheck, type WaterStores } from './repair-check.ts'

/** What stands around work orders. */
export interface OrderSurroundings {
  readonly stores: WaterStores
  readonly places: PlaceTree
  /** Of a meter; undefined where it is not registered any more. */
  readonly nameOf: (deviceId: string) => Promise<string | undefined>
  /** m³ that its open loss has come to; undefined: it is not open any more. */
  readonly openLoss: (order: WorkOrder) => Promise<number | undefined>
  readonly yuanPerM3: number
  /** ms since 1970 */
  readonly now: () => number
}

/** An order with what stands around it, as lists and tables show it. */
export async function orderAnswer(around: OrderSurroundings, order: WorkOrder): Promise<OrderAnswer> {
  const isCounting = order.state === 'claimed' && order.subject === 'zone'
  const nights = isCounting ? await nightsOf(around.stores, order, around.now()) : []
  return checkedOrderAnswer(around, order, isCounting ? await repairCheck(around.stores, order, nights) : null)
}

/** The same where it is known already what the water says of its claim. */
export async function checkedOrderAnswer(
  around: OrderSurroundings,
  order: WorkOrder,
  check: RepairCheck | null,
): Promise<OrderAnswer> {
  const { places, yuanPerM3 } = around
  const { subject, subjectId, placeId } = order
  const now = around.now()
  const place = subject === 'zone' ? places.get(subjectId) : undefined
  const name = subject === 'zone' ? place?.name : await around.nameOf(subjectId)
  // While its loss is open an order says what the zone's or the meter's own page says; else its m³/h over its time.
  const lost = (await around.openLoss(order)) ?? lostM3(order, now)
  const savedM3Year = m3AYear(savedM3h(order))
  return {
    ...order,
    name: name || subjectId,
    path: places.path(subject === 'zone' ? (place?.parentId ?? null) : placeId),
    overdue: isOrderOverdue(order, now),
    lostM3: lost,
    lostYuan: lost * yuanPerM3,
    savedM3Year,
    savedYuanYear: savedM3Year * yuanPerM3,
    confirming: check === null || subject === 'meter' || order.state !== 'claimed' ? null : check.confirming,
  }
}
