import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideHazard, type Hazard, type NewHazardEvent } from '../../contract/hazards.ts'
import type { HazardFilter, Hazards } from './hazards-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

/** What every store of hazards must hold. */
export function hazardsSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`hazards (${name})`, () => {
    let hazards: Hazards
    beforeEach(() => {
      hazards = bench.keep(bench.state.hazards())
    })
    afterEach(() => bench.clear())
    const hazard = (id: string, more: Partial<Hazard> = {}): Hazard => ({
      id,
      placeId: 'home-1',
      kind: 'blocked-exit',
      description: '二楼疏散通道堆放杂物',
      owner: '张院长',
      dueAt: 2000,
      foundAt: 1000,
      foundBy: 'wang',
      state: 'open',
      verdicts: {},
      refusals: 0,
      closedAt: null,
      photographs: [],
      ...more,
    })
    const opened: NewHazardEvent = { type: 'opened', at: 1, by: 'wang', verdict: null, photographId: null, comment: '' }
    const open = (...all: Hazard[]) => Promise.all(all.map((one) => hazards.open(one, opened)))
    const ids = async (filter: HazardFilter): Promise<string[]> =>
      (await hazards.list({ ...filter, limit: 10 })).items.map(({ id }) => id)

    test('what is decided is stored with its line of history; what is refused changes nothing', async () => {
      await open(hazard('h1'))
      const claim = { type: 'claim', comment: '已清理' } as const
      const decide = (before: Hazard) => decideHazard(before, claim, { name: 'li', role: 'care' }, 5)
      expect(await hazards.update('h1', decide)).toMatchObject({ ok: true })
      expect(await hazards.find('h1')).toMatchObject({ state: 'claimed-done' })
      expect(await hazards.update('h1', decide)).toEqual({ ok: false, refusal: 'hazard.claimed-already' })
      expect((await hazards.history('h1')).map(({ type, by, comment }) => [type, by, comment])).toEqual([
        ['opened', 'wang', ''],
        ['claimed', 'li', '已清理'],
      ])
      expect(await hazards.update('nothing', decide)).toBeUndefined()
    })

    test('the soonest deadline comes first, page by page; what is closed only where it is asked for', async () => {
      await open(
        hazard('late', { dueAt: 9000 }),
        hazard('b', { dueAt: 3000, kind: 'wiring' }),
        hazard('a', { dueAt: 3000, placeId: 'home-2' }),
        hazard('gone', { state: 'closed', dueAt: 10 }),
      )
      const first = await hazards.list({ state: 'unclosed', limit: 2 })
      expect(first).toMatchObject({ items: [{ id: 'a' }, { id: 'b' }], total: 3 })
      const second = await hazards.list({ state: 'unclosed', limit: 2, cursor: first.next ?? '' })
      expect(second).toMatchObject({ items: [{ id: 'late' }], total: 3, next: null })
      expect(await ids({ state: 'all' })).toEqual(['gone', 'a', 'b', 'late'])
      expect(await ids({ state: 'closed' })).toEqual(['gone'])
      expect(await ids({ state: 'unclosed', kind: 'wiring' })).toEqual(['b'])
      expect(await ids({ state: 'unclosed', placeIds: ['home-2', 'home-3'] })).toEqual(['a'])
      expect(await ids({ state: 'unclosed', dueBefore: 9000 })).toEqual(['a', 'b'])
      expect(await hazards.unclosedByPlace(5000)).toEqual(
        new Map([
          ['home-1', { open: 2, overdue: 1 }],
          ['home-2', { open: 1, overdue: 1 }],
        ]),
      )
    })
  })
}
