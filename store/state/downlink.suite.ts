import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Decisions, NO_DECISION } from './decisions-port.ts'
import type { Downlink, NewDownlink } from './downlink-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

const check = (id: string): NewDownlink => ({
  id,
  deviceId: 'panel-1',
  request: { kind: 'duty-check', minutes: 10 },
  at: 1000,
  expiresAt: 601_000,
})

/** What every store of requests to devices must hold. */
export function downlinkSuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`what devices are asked (${name})`, () => {
    let decisions: Decisions
    let downlink: Downlink
    beforeEach(() => {
      decisions = bench.keep(bench.state.decisions())
      downlink = bench.keep(bench.state.downlink())
    })
    afterEach(() => bench.clear())

    const ask = (...downlinks: NewDownlink[]): Promise<number> =>
      decisions.commit({ ...NO_DECISION, downlink: downlinks })

    test('a duty check waits, is sent, and is over with its first outcome', async () => {
      await ask(check('c1'))
      const [waiting] = await downlink.waiting(10)
      expect(waiting).toEqual({ ...check('c1'), n: 1, sentAt: null, settledAt: null, outcome: null })
      await downlink.sent(1, 1100)
      await downlink.sent(1, 1200)
      expect(await downlink.waiting(10)).toMatchObject([{ id: 'c1', sentAt: 1100 }])
      await downlink.settled(1, 1300, 'answered')
      await downlink.settled(1, 1400, 'unanswered')
      expect(await downlink.waiting(10)).toEqual([])
      expect(await downlink.find('c1')).toMatchObject({ settledAt: 1300, outcome: 'answered' })
      expect(await downlink.findByNumber(1)).toMatchObject({ id: 'c1' })
    })

    test('the same record decided again asks nobody twice', async () => {
      await ask(check('c1'), check('c2'))
      await ask(check('c1'))
      expect((await downlink.waiting(10)).map(({ id }) => id)).toEqual(['c1', 'c2'])
      expect((await downlink.waiting(1)).map(({ id }) => id)).toEqual(['c1'])
      expect(await downlink.find('c3')).toBeUndefined()
      expect(await downlink.findByNumber(3)).toBeUndefined()
    })
  })
}
