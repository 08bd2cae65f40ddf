import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Decisions, type DiscoveredDevice, NO_DECISION } from './decisions-port.ts'
import type { Registry } from './registry-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

const point = (more: Partial<DiscoveredDevice> = {}): DiscoveredDevice => ({
  id: 'p1.1-1.40.10-2',
  kind: 'smoke-detector',
  name: '感烟火灾探测器 10-2',
  provisionalName: '感烟火灾探测器 10-2',
  model: 'GB/T 26875.3 40',
  placeId: 'home-1',
  gatewayId: 'p1',
  lon: null,
  lat: null,
  rhythmS: 3600,
  ...more,
})

/** What every store of decisions must hold of devices that their gateway names. */
export function discoveredSuite(name: string, make: () => StateUnderTest): void {
  describe(`devices that their gateway names itself (${name})`, () => {
    const bench = new Bench(make)
    let decisions: Decisions
    let registry: Registry
    beforeEach(() => {
      decisions = bench.keep(bench.state.decisions())
      registry = bench.keep(bench.state.registry())
    })
    afterEach(() => bench.clear())
    const discover = (...discovered: DiscoveredDevice[]): Promise<number> =>
      decisions.commit({ ...NO_DECISION, discovered })

    test('are registered with the decision, once, and whoever follows the registry learns of them', async () => {
      const before = await registry.revision()
      await discover(point())
      expect(await registry.find('p1.1-1.40.10-2')).toMatchObject({ kind: 'smoke-detector', placeId: 'home-1' })
      const { changed, revision } = await registry.changesSince(before)
      expect(changed.map(({ id }) => id)).toEqual(['p1.1-1.40.10-2'])
      await discover(point({ kind: 'heat-detector' }))
      expect(await registry.revision()).toBe(revision)
      expect(await registry.countChildren('p1')).toBe(1)
      expect(await registry.countChildren('p2')).toBe(0)
    })

    test('have no secret that anybody could know', async () => {
      await discover(point())
      expect((await registry.find('p1.1-1.40.10-2'))?.secretHash).toHaveLength(0)
    })

    test('keep what a person has entered', async () => {
      const entered = {
        id: 'p1.1-1.40.10-2',
        kind: 'heat-detector',
        name: '厨房',
        model: 'HD-9',
        placeId: 'kitchen',
      } as const
      const rest = { gatewayId: null, lon: 1, lat: 2, rhythmS: null, secretHash: new Uint8Array(32) }
      await registry.put([{ ...entered, ...rest }], { replace: false })
      await discover(point({ name: '东楼' }))
      expect(await registry.find(entered.id)).toMatchObject({ ...entered, gatewayId: null })
    })

    test('take the name that the panel says later, as long as nobody has given them another', async () => {
      await discover(point())
      await discover(point({ name: '三楼东病房' }))
      expect((await registry.find('p1.1-1.40.10-2'))?.name).toBe('三楼东病房')
      await discover(point({ name: '四楼' }), point())
      expect((await registry.find('p1.1-1.40.10-2'))?.name).toBe('三楼东病房')
    })

    test('are registered again when a person removed them and the panel still speaks of them', async () => {
      await discover(point())
      await registry.remove('p1.1-1.40.10-2')
      const before = await registry.revision()
      await discover(point())
      const { changed, removed } = await registry.changesSince(before)
      expect([changed.length, removed.length]).toEqual([1, 0])
    })
  })
}
