import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Detect } from './detect.ts'
import type { Detector } from './detectors/detector.ts'
import { catchUp, Rig } from './rig.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

let rig: Rig
beforeEach(async () => {
  rig = new Rig()
  await rig.add('smoke-1', 'smoke-detector')
  await rig.add('never-1', 'smoke-detector')
})
afterEach(() => rig.remove())

const alarms = async () => (await rig.views.alarms({ state: 'all', limit: 100 })).items
const start = async (detectors: readonly Detector<unknown>[] = []): Promise<Detect> => {
  const detect = await rig.detect(detectors)
  await detect.ticks.load(new AbortController().signal)
  return detect
}
/** Time passes, with a tick at its end. */
const pass = async (detect: Detect, ms: number): Promise<void> => {
  rig.now += ms
  await catchUp(detect)
}

describe('a device that falls silent', () => {
  test('is named after one and a half of its rhythms, once, and clears when it is heard', async () => {
    const detect = await start()
    await rig.publish('smoke-1', { smoke: 0 })
    const heard = rig.now
    await pass(detect, 3 * HOUR - 1)
    expect(await alarms()).toEqual([])
    await pass(detect, 1001)
    expect(await alarms()).toMatchObject([
      { deviceId: 'smoke-1', type: 'silent', state: 'ACTIVE_UNACK', raisedAt: heard, value: 3, unit: 'h' },
    ])
    await pass(detect, 24 * HOUR)
    expect(await alarms()).toMatchObject([{ count: 1 }])
    await rig.publish('smoke-1', { smoke: 0 })
    await catchUp(detect)
    expect(await alarms()).toMatchObject([{ state: 'CLEARED_UNACK' }])
    await pass(detect, 4 * HOUR)
    expect(await alarms()).toMatchObject([{ state: 'ACTIVE_UNACK', count: 2 }])
  })

  test('is not named where its fire panel watches it; the panel is, and a point that was given a rhythm of its own', async () => {
    const gatewayId = 'panel-1'
    await rig.add(gatewayId, 'fire-panel')
    await rig.add('point-1', 'smoke-detector', { gatewayId })
    await rig.add('point-2', 'smoke-detector', { gatewayId, rhythmS: 600 })
    const detect = await start()
    for (const id of [gatewayId, 'point-1', 'point-2']) await rig.publish(id, { test: false })
    await pass(detect, 1)
    await pass(detect, 24 * HOUR)
    await pass(detect, 1001)
    expect((await alarms()).map(({ deviceId }) => deviceId).sort()).toEqual([gatewayId, 'point-2'])
  })

  test('is not blamed for our own absence: after a restart its whole rhythm passes first', async () => {
    const first = await start()
    await rig.publish('smoke-1', { smoke: 0 })
    await catchUp(first)
    rig.now += 30 * 24 * HOUR
    const second = await start()
    await pass(second, 2 * HOUR - 1)
    expect(await alarms()).toEqual([])
    await pass(second, 1001)
    expect(await alarms()).toMatchObject([{ type: 'silent' }])
  })

  test('is not blamed for the absence of the broker', async () => {
    const detect = await start()
    await rig.publish('smoke-1', { smoke: 0 })
    await catchUp(detect)
    rig.now += 2.9 * HOUR
    await rig.append('urgent', 'brokerStarted', '', '')
    await catchUp(detect)
    await pass(detect, 1.9 * HOUR)
    expect(await alarms()).toEqual([])
    await pass(detect, 0.2 * HOUR)
    expect(await alarms()).toMatchObject([{ type: 'silent' }])
  })

  test('is not blamed while a backlog waits to be read', async () => {
    const detect = await start()
    await rig.publish('smoke-1', { smoke: 0 })
    await catchUp(detect)
    rig.now += 2.5 * HOUR
    await rig.publish('smoke-1', { smoke: 0 })
    rig.now += HOUR
    await catchUp(detect)
    expect(await alarms()).toEqual([])
  })

  test('is left alone once it is disabled or removed, and supervised by its new rhythm when that changes', async () => {
    await rig.add('meter-1', 'water-meter')
    await rig.add('meter-2', 'water-meter')
    const detect = await start()
    for (const id of ['smoke-1', 'meter-1', 'meter-2']) await rig.publish(id, { battery: 90 })
    await catchUp(detect)
    await rig.registry.setDisabled('smoke-1', true)
    await rig.registry.remove('meter-1')
    await rig.add('meter-2', 'water-meter', { rhythmS: 600 })
    await pass(detect, 5 * HOUR)
    await rig.publish('meter-2', { battery: 90 })
    await pass(detect, 16 * MINUTE)
    expect(await alarms()).toMatchObject([{ deviceId: 'meter-2', type: 'silent' }])
  })
})

describe('a detector that waits for time to pass', () => {
  const held: Detector<{ readonly since: number | null }> = {
    name: 'held',
    kinds: 'all',
    wantsTicks: true,
    initial: { since: null },
    step(state, input) {
      if (input.type === 'tick') {
        if (state.since === null || input.at - state.since < MINUTE) return { state, findings: [] }
        const facts = { value: null, threshold: null, unit: null, reason: 'held', reasonZh: '持续' }
        return { state: { since: null }, findings: [{ ...facts, type: 'fault', active: true, at: input.at }] }
      }
      const open = input.readings.fields.find(({ quantity }) => quantity === 'open')?.values.at(-1)
      return { state: { since: open === true ? (input.readings.at.at(-1) ?? null) : null }, findings: [] }
    },
  }

  test('gets its ticks, also after a restart, until it waits no more', async () => {
    const first = await start([held as Detector<unknown>])
    await rig.publish('smoke-1', { open: true })
    await catchUp(first)
    const second = await start([held as Detector<unknown>])
    await pass(second, 30_000)
    expect(await alarms()).toEqual([])
    await pass(second, 31_000)
    expect(await alarms()).toMatchObject([{ type: 'fault', deviceId: 'smoke-1' }])
    await pass(second, 120_000)
    expect(await alarms()).toMatchObject([{ count: 1 }])
  })

  test('gets its ticks also after the clock was set back by hours', async () => {
    const detect = await start([held as Detector<unknown>])
    await pass(detect, 1000)
    rig.now -= 2 * HOUR
    await rig.publish('never-1', { open: true })
    await pass(detect, 30_000)
    await pass(detect, 31_000)
    expect(await alarms()).toMatchObject([{ type: 'fault', deviceId: 'never-1' }])
  })
})
