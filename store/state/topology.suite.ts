import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewDevice, Registry } from './registry-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'
import type { Topology } from './water-port.ts'

/** What every store of where meters were must hold. */
export function topologySuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`topology (${name})`, () => {
    let topology: Topology
    let registry: Registry
    beforeEach(() => {
      topology = bench.keep(bench.state.topology())
      registry = bench.keep(bench.state.registry())
    })
    afterEach(() => bench.clear())
    const put = (id: string, placeId: string | null, kind: NewDevice['kind'] = 'water-meter'): Promise<void> =>
      registry.put([{ ...FACTS, id, kind, name: id, placeId }], { replace: true })
    const places = async (id: string) => (await topology.placements(id)).map(({ placeId }) => placeId)

    test('a meter stands in its first place since ever, and in the next since it was moved', async () => {
      await put('m1', null)
      expect(await topology.placements('m1')).toEqual([{ deviceId: 'm1', placeId: null, from: 0, to: null }])
      const before = Date.now()
      await put('m1', 'well-1')
      await put('m1', 'well-1')
      await put('m1', 'well-2')
      const [first, second, ...more] = await topology.placements('m1')
      expect(more).toEqual([])
      expect(first).toEqual({ deviceId: 'm1', placeId: 'well-1', from: 0, to: second?.from })
      expect(second).toMatchObject({ placeId: 'well-2', to: null })
      expect(second?.from).toBeGreaterThanOrEqual(before)
      await put('smoke-1', 'home-1', 'smoke-detector')
      expect(await places('smoke-1')).toEqual([])
    })

    test('what is known of a zone’s pipes is kept, the rest is nothing', async () => {
      const pipes = { mainsKm: 2.5, privateKm: null, pressureM: 30 }
      await topology.putPipes('v1', { ...pipes, pressureM: null })
      await topology.putPipes('v1', pipes)
      expect(await topology.pipes('v1')).toEqual(pipes)
      expect(await topology.pipes('v2')).toEqual({ mainsKm: null, privateKm: null, pressureM: null })
    })

    test('the day of a move is put right afterwards, but not to before the move before it', async () => {
      await put('m1', 'well-1')
      expect(await topology.movedAt('m1', 500)).toBe(false)
      await put('m1', 'well-2')
      const revision = await registry.revision()
      expect(await topology.movedAt('m1', 0)).toBe(false)
      expect(await topology.movedAt('m1', 500)).toBe(true)
      expect((await topology.placements('m1')).map(({ from, to }) => [from, to])).toEqual([
        [0, 500],
        [500, null],
      ])
      expect((await registry.changesSince(revision)).changed.map(({ id }) => id)).toEqual(['m1'])
    })

    test('a removed meter stands nowhere; registered again it stands there from then on', async () => {
      await put('m1', 'well-1')
      await registry.remove('m1')
      expect(await places('m1')).toEqual(['well-1', null])
      await new Promise((done) => setTimeout(done, 2))
      await put('m1', 'well-1')
      expect(await places('m1')).toEqual(['well-1', null, 'well-1'])
    })

    test('exchanges and what a bulk meter joins are kept with their time, and count as changes of the device', async () => {
      await put('b1', 'village-1', 'bulk-meter')
      await put('b2', 'village-1', 'bulk-meter')
      const revision = await registry.revision()
      const flow = { deviceId: 'b1', into: 'village-1', outOf: 'township-1', from: 0 }
      await topology.putFlow(flow)
      await topology.putFlow({ ...flow, outOf: null, from: 1000 })
      const exchange = { deviceId: 'b2', at: 2000, lastLitres: 12_000, firstLitres: 0 }
      await topology.putExchange({ ...exchange, firstLitres: null })
      await topology.putExchange(exchange)
      expect(await topology.flows('b1')).toEqual([flow, { ...flow, outOf: null, from: 1000 }])
      expect(await topology.bulkFlows()).toEqual([{ ...flow, outOf: null, from: 1000 }])
      expect(await topology.exchanges('b2')).toEqual([exchange])
      const changes = await registry.changesSince(revision)
      expect(changes.changed.map(({ id }) => id)).toEqual(['b1', 'b2'])
      expect(changes.revision).toBe(changes.changed[1]?.revision)
    })

    test('an exchange that was told by mistake is taken back, once, and whoever follows the registry sees it', async () => {
      await put('m1', 'well-1')
      await topology.putExchange({ deviceId: 'm1', at: 2000, lastLitres: null, firstLitres: null })
      const { revision } = await registry.changesSince(0)
      expect(await topology.removeExchange('m1', 2001)).toBe(false)
      expect((await registry.changesSince(revision)).changed).toEqual([])
      expect(await topology.removeExchange('m1', 2000)).toBe(true)
      expect(await topology.exchanges('m1')).toEqual([])
      expect((await registry.changesSince(revision)).changed.map(({ id }) => id)).toEqual(['m1'])
      expect(await topology.removeExchange('m1', 2000)).toBe(false)
    })
  })
}

const FACTS = {
  model: null,
  gatewayId: null,
  lon: null,
  lat: null,
  rhythmS: null,
  secretHash: new Uint8Array(32),
} as const
