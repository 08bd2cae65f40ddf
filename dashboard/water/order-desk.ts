import { decideOrder, type OrderAction } from '../../contract/order-actions.ts'
import type { OrderDetail } from '../../contract/work-order-api.ts'
import { isOrderClosed, type WorkOrder } from '../../contract/work-orders.ts'
import { actorOf, type Caller, callerMay } from '../access/sessions.ts'
import { ApiError } from '../api/errors.ts'
import type { Desk } from '../desk.ts'
import type { OrderFacts } from './order-facts.ts'

/** What every route of a work order does: find it, act on it, write who did, and answer with what the caller may do next. */
export class OrderDesk {
  private readonly desk: Desk
  private readonly facts: OrderFacts

  constructor(desk: Desk, facts: OrderFacts) {
    this.desk = desk
    this.facts = facts
  }

  /** @throws ApiError order.unknown */
  async find(id: string): Promise<WorkOrder> {
    const order = await this.desk.stores.workOrders.find(id)
    if (order === undefined) throw new ApiError('order.unknown')
    return order
  }

  async detail(caller: Caller, order: WorkOrder): Promise<OrderDetail> {
    const mayEdit = callerMay(caller, 'water.edit')
    const isOpen = mayEdit && !isOrderClosed(order)
    return {
      ...(await this.facts.detail(order)),
      may: {
        assign: isOpen && order.state !== 'claimed',
        claim: isOpen && order.state === 'assigned',
        cancel: isOpen,
        comment: mayEdit,
      },
    }
  }

  /** @throws ApiError order.unknown, and why the action cannot be */
  async act(caller: Caller, id: string, action: OrderAction): Promise<OrderDetail> {
    const { stores, now } = this.desk
    const outcome = await stores.workOrders.update(id, (before) => decideOrder(before, action, actorOf(caller), now()))
    if (outcome === undefined) throw new ApiError('order.unknown')
    if (!outcome.ok) throw new ApiError(outcome.refusal)
    const { type, ...said } = action
    await this.audit(caller, `order.${type}`, id, said)
    return this.detail(caller, outcome.order)
  }

  audit(caller: Caller, action: string, target: string, said: unknown): Promise<void> {
    const { stores, now } = this.desk
    return stores.accounts.audit({ at: now(), actor: actorOf(caller), action, target, detail: JSON.stringify(said) })
  }
}
