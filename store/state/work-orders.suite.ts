import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideOrder, type NewWorkOrder, openOrder } from '../../contract/order-actions.ts'
import { settleOrder } from '../../contract/repair-verdict.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'
import type { OrderFilter, WorkOrders } from './work-orders-port.ts'

const HOUR = 3_600_000

/** What every store of work orders must hold. */
export function workOrdersSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`work orders (${name})`, () => {
    let orders: WorkOrders
    beforeEach(() => {
      orders = bench.keep(bench.state.workOrders())
    })
    afterEach(() => bench.clear())

    const open = (id: string, at: number, more: Partial<NewWorkOrder> = {}) => {
      const facts = { subject: 'zone', subjectId: id, placeId: id, alarmId: null, note: '', since: 0, m3h: 2 } as const
      const { order, events } = openOrder({ id, ...facts, assignee: null, dueAt: null, ...more }, 'wang', at)
      return orders.open(order, events)
    }
    const ids = async (filter: OrderFilter): Promise<string[]> =>
      (await orders.list({ ...filter, limit: 10 })).items.map(({ id }) => id)
    const claim = (id: string, at: number) =>
      orders.update(id, (order) => decideOrder(order, { type: 'claim', repairedAt: at, done: '换管' }, 'li', at))
    const confirm = (id: string, at: number) =>
      orders.update(id, (order) =>
        settleOrder(order, { verdict: 'confirmed', beforeM3h: 2.5, afterM3h: 0.5, nights: [], confirming: 2 }, at),
      )

    test('one zone has one open order; when that is closed, another may be opened', async () => {
      expect(await open('z1', 10)).toBeUndefined()
      expect(await open('again', 20, { subjectId: 'z1' })).toMatchObject({ id: 'z1' })
      expect(await orders.find('again')).toBeUndefined()
      await orders.update('z1', (order) => decideOrder(order, { type: 'cancel', reason: '误报' }, 'wang', 30))
      expect(await open('again', 40, { subjectId: 'z1' })).toBeUndefined()
      // A meter of the same id is something else.
      expect(await open('m1', 50, { subject: 'meter', subjectId: 'z1' })).toBeUndefined()
      expect(await orders.unclosed()).toEqual(
        new Map([
          ['zone:z1', { id: 'again', state: 'open' }],
          ['meter:z1', { id: 'm1', state: 'open' }],
        ]),
      )
    })

    test('what is decided is stored with its history; what is refused changes nothing', async () => {
      await open('z1', 10, { assignee: '抢修一队', dueAt: 100 })
      expect(await claim('z1', 50)).toMatchObject({ ok: true })
      expect(await claim('z1', 60)).toEqual({ ok: false, refusal: 'order.claimed-already' })
      expect(await confirm('z1', 70)).toMatchObject({ ok: true })
      expect((await orders.history('z1')).map(({ type, at, by }) => [type, at, by])).toEqual([
        ['opened', 10, 'wang'],
        ['assigned', 10, 'wang'],
        ['claimed', 50, 'li'],
        ['confirmed', 70, ''],
      ])
      expect(await orders.savings(50 + 3 * HOUR)).toEqual({ repairs: 1, m3h: 2, m3: 6, since: 50 })
      expect(await claim('nothing', 1)).toBeUndefined()
    })

    test('what has to be repaired comes first by its day, then what waits for the water, then what is closed', async () => {
      await open('late', 10, { assignee: 'a', dueAt: 900 })
      await open('soon', 10, { assignee: 'a', dueAt: 300 })
      await open('nobody', 200)
      await open('water', 10, { assignee: 'a', dueAt: 20 })
      await claim('water', 30)
      await open('done', 10, { assignee: 'a', dueAt: 15 })
      await claim('done', 30)
      await confirm('done', 60)
      expect(await ids({ state: 'all' })).toEqual(['nobody', 'soon', 'late', 'water', 'done'])
      expect(await ids({ state: 'unclosed', overdueAt: 500 })).toEqual(['soon'])
      expect(await ids({ state: 'all', placeIds: ['soon', 'done'] })).toEqual(['soon', 'done'])
      const first = await orders.list({ state: 'unclosed', limit: 3 })
      expect(first).toMatchObject({ items: [{ id: 'nobody' }, { id: 'soon' }, { id: 'late' }], total: 4 })
      const second = await orders.list({ state: 'unclosed', limit: 3, cursor: first.next ?? '' })
      expect(second).toMatchObject({ items: [{ id: 'water' }], next: null })
      expect(await orders.counts(500)).toEqual({ unclosed: 4, overdue: 1, claimed: 1 })
      expect((await orders.awaitingWater(0)).map(({ id }) => id)).toEqual(['done', 'water'])
      expect((await orders.awaitingWater(60)).map(({ id }) => id)).toEqual(['water'])
    })
  })
}
