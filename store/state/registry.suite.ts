import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewDevice, Registry } from './registry-port.ts'
import { Bench, type StateUnderTest } from './state-under-test.ts'

const device = (id: string, more: Partial<NewDevice> = {}): NewDevice => ({
  id,
  kind: 'smoke-detector',
  name: id,
  model: null,
  placeId: null,
  gatewayId: null,
  lon: null,
  lat: null,
  rhythmS: null,
  secretHash: new Uint8Array(32).fill(7),
  ...more,
})

/** What every registry must hold. */
export function registrySuite(name: string, make: () => StateUnderTest): void {
  const bench = new Bench(make)
  describe(`the registry (${name})`, () => {
    let registry: Registry
    beforeEach(() => {
      registry = bench.keep(bench.state.registry())
    })
    afterEach(() => bench.clear())

    test('limits of a home hold for every device below it, and a device’s own go before them', async () => {
      const place = { lon: null, lat: null, contact: null }
      await registry.putPlaces([
        { ...place, id: 'home', parentId: null, kind: 'home', name: '夕阳红' },
        { ...place, id: 'room', parentId: 'home', kind: 'room', name: '101' },
      ])
      await registry.put([device('d1', { placeId: 'room' }), device('d2')], { replace: false })
      expect(await registry.find('d1')).not.toHaveProperty('limits')
      const revision = await registry.revision()
      expect(await registry.setPlaceLimits('home', { 'heat.fixed': 70, 'smoke.preAlarm': 0.7 })).toBe(true)
      expect((await registry.changesSince(revision)).changed.map(({ id }) => id)).toEqual(['d1'])
      expect(await registry.setDeviceLimits('d1', { 'smoke.preAlarm': 0.4 })).toBe(true)
      expect((await registry.find('d1'))?.limits).toEqual({ 'heat.fixed': 70, 'smoke.preAlarm': 0.4 })
      expect(await registry.find('d2')).not.toHaveProperty('limits')
      // Written anew by an import, what was set stays, and stays on the list.
      await registry.put([device('d1', { placeId: 'room' })], { replace: true })
      await registry.putPlaces([{ ...place, id: 'home', parentId: null, kind: 'home', name: '夕阳红养老院' }])
      expect((await registry.changedLimits()).map(({ of, id }) => `${of} ${id}`)).toEqual(['device d1', 'place home'])
      await registry.setDeviceLimits('d1', {})
      await registry.setPlaceLimits('home', {})
      expect(await registry.find('d1')).not.toHaveProperty('limits')
      expect(await registry.changedLimits()).toEqual([])
      expect(await registry.setDeviceLimits('nobody', {})).toBe(false)
    })

    test('a device is found as it was registered', async () => {
      const meter = device('meter-1', {
        kind: 'water-meter',
        name: '三号井 3',
        model: 'DN15',
        placeId: 'well-3',
        gatewayId: 'gw',
        lon: 115.1,
        lat: 37.2,
        rhythmS: 600,
      })
      await registry.put([meter], { replace: false })
      expect(await registry.find('meter-1')).toEqual({
        ...meter,
        disabled: false,
        identity: 'secret',
        generation: 1,
        gbAddress: null,
        gbFrom: [],
        denied: false,
        revision: 1,
      })
      expect(await registry.find('METER-1')).toBeUndefined()
      expect(await registry.count()).toBe(1)
    })

    test('a fire panel is found by its GB/T 26875.3 address, which no second one can have', async () => {
      const panel = device('panel-1', { kind: 'fire-panel' })
      await registry.put([{ ...panel, gbAddress: 2 ** 48 - 1, gbFrom: ['10.1.2.3', '10.9.0.0/16'] }], {
        replace: false,
      })
      expect(await registry.findByGbAddress(2 ** 48 - 1)).toMatchObject({
        id: 'panel-1',
        gbFrom: ['10.1.2.3', '10.9.0.0/16'],
      })
      expect(await registry.findByGbAddress(889)).toBeUndefined()
      const second = device('panel-2', { kind: 'fire-panel', gbAddress: 2 ** 48 - 1 })
      await expect(registry.put([second], { replace: false })).rejects.toThrow(/is that of panel-1/)
      // Who says nothing of it leaves it as it is; who says that there is none takes it away.
      await registry.put([panel], { replace: true })
      expect(await registry.find('panel-1')).toMatchObject({
        gbAddress: 2 ** 48 - 1,
        gbFrom: ['10.1.2.3', '10.9.0.0/16'],
      })
      await registry.put([{ ...panel, gbAddress: null, gbFrom: [] }], { replace: true })
      await registry.put([second], { replace: false })
      expect((await registry.findByGbAddress(2 ** 48 - 1))?.id).toBe('panel-2')
    })

    test('a second device of the same id is refused, and nothing of that batch is stored', async () => {
      await registry.put([device('d1', { name: 'first' })], { replace: false })
      await expect(registry.put([device('d0'), device('d1')], { replace: false })).rejects.toMatchObject({
        name: 'DuplicateDevice',
      })
      await expect(registry.put([device('d2'), device('d2')], { replace: false })).rejects.toThrow('d2')
      expect(await registry.count()).toBe(1)
      expect((await registry.find('d1'))?.name).toBe('first')
    })

    test('replacing a device leaves it disabled unless told otherwise', async () => {
      await registry.put([device('d1')], { replace: false })
      expect(await registry.setDisabled('d1', true)).toBe(true)
      expect(await registry.setDisabled('d9', true)).toBe(false)
      await registry.put([device('d1', { name: 'new name' })], { replace: true })
      expect(await registry.find('d1')).toMatchObject({ name: 'new name', disabled: true })
      await registry.put([device('d1', { disabled: false })], { replace: true })
      expect((await registry.find('d1'))?.disabled).toBe(false)
    })

    test('the list is read page by page in order of id', async () => {
      await registry.put(
        ['c', 'a', 'b'].map((id) => device(id)),
        { replace: false },
      )
      expect((await registry.list('', 2)).map((d) => d.id)).toEqual(['a', 'b'])
      expect((await registry.list('b', 2)).map((d) => d.id)).toEqual(['c'])
    })

    test('a gateway knows its children', async () => {
      await registry.put(
        [
          device('gw', { kind: 'gateway' }),
          device('k2', { gatewayId: 'gw' }),
          device('k1', { gatewayId: 'gw' }),
          device('x'),
        ],
        { replace: false },
      )
      expect((await registry.children('gw')).map((d) => d.id)).toEqual(['k1', 'k2'])
    })

    test('another process that knows a revision learns what changed since, removals included', async () => {
      const other = bench.keep(bench.state.registry())
      await registry.put([device('d1'), device('d2')], { replace: false })
      const seen = await other.revision()
      expect(await other.changesSince(seen)).toEqual({ revision: seen, changed: [], removed: [] })
      await registry.setDisabled('d2', true)
      expect(await registry.remove('d1')).toBe(true)
      expect(await registry.remove('d1')).toBe(false)
      const changes = await other.changesSince(seen)
      expect(changes.changed.map((d) => [d.id, d.disabled])).toEqual([['d2', true]])
      expect(changes.removed).toEqual(['d1'])
      expect(changes.revision).toBe(await registry.revision())
    })

    test('a device that was removed and added again is no longer reported as removed', async () => {
      await registry.put([device('d1')], { replace: false })
      await registry.remove('d1')
      await registry.put([device('d1')], { replace: false })
      const all = await registry.changesSince(0)
      expect(all.removed).toEqual([])
      expect(all.changed.map((d) => d.id)).toEqual(['d1'])
    })

    test('a derived key that was replaced stays dead, also when its device is removed and added again', async () => {
      await registry.put([device('d1', { identity: 'derived', secretHash: new Uint8Array() })], { replace: false })
      const seen = await registry.revision()
      expect(await registry.nextGeneration('d1')).toBe(2)
      expect(await registry.nextGeneration('d9')).toBeUndefined()
      expect((await registry.changesSince(seen)).changed.map((d) => [d.id, d.generation])).toEqual([['d1', 2]])
      await registry.put([device('d1', { name: 'new name' })], { replace: true })
      expect(await registry.find('d1')).toMatchObject({ name: 'new name', identity: 'derived', generation: 2 })
      await registry.remove('d1')
      await registry.put([device('d1', { identity: 'derived' })], { replace: false })
      expect((await registry.find('d1'))?.generation).toBe(2)
    })

    test('who is denied stays denied whatever happens to the device, until allowed again', async () => {
      await registry.put([device('d1'), device('d2')], { replace: false })
      const seen = await registry.revision()
      await registry.deny(['d1', 'never-registered'], 1000)
      expect((await registry.changesSince(seen)).changed.map((d) => [d.id, d.denied])).toEqual([['d1', true]])
      expect((await registry.find('d2'))?.denied).toBe(false)
      await registry.remove('d1')
      await registry.put([device('d1'), device('never-registered')], { replace: false })
      await registry.deny(['d1'], 2000)
      expect(await registry.denied()).toEqual([
        { id: 'd1', at: 1000 },
        { id: 'never-registered', at: 1000 },
      ])
      expect((await registry.list('', 10)).map((d) => d.denied)).toEqual([true, false, true])
      const denied = await registry.revision()
      expect(await registry.allow(['d1', 'd2'])).toEqual(['d1'])
      expect((await registry.changesSince(denied)).changed.map((d) => [d.id, d.denied])).toEqual([['d1', false]])
    })

    test('places are kept with their position and telephone, and move the revision', async () => {
      const home = {
        id: 'pear-court',
        parentId: null,
        kind: 'home' as const,
        name: '梨园养老院',
        lon: 115,
        lat: 37,
        contact: '0319-1234567',
      }
      const before = await registry.revision()
      await registry.putPlaces([home])
      await registry.putPlaces([{ ...home, contact: null }])
      expect(await registry.places()).toEqual([{ ...home, contact: null }])
      expect(await registry.revision()).toBeGreaterThan(before)
    })
  })
}
