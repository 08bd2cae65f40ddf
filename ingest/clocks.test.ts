import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Alarm } from '../contract/alarms.ts'
import type { Detect } from './detect.ts'
import { DETECTORS } from './detectors/index.ts'
import { catchUp, Rig } from './rig.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let rig: Rig
/** The monotonic clock: goes on whatever is done to the other. */
let elapsed: number
let detect: Detect

beforeEach(async () => {
  rig = new Rig()
  elapsed = 0
  await rig.add('smoke-1', 'smoke-detector')
  await rig.add('meter-1', 'water-meter')
  detect = await rig.detect(DETECTORS, { elapsed: () => elapsed })
})
afterEach(() => rig.remove())

const alarms = async (): Promise<readonly Alarm[]> => (await rig.views.alarms({ state: 'all', limit: 100 })).items

const pass = async (ms: number): Promise<void> => {
  rig.now += ms
  elapsed += ms
  await detect.ticks.load(new AbortController().signal)
  await catchUp(detect)
}

/** Somebody sets this machine's clock. */
const set = async (ms: number): Promise<void> => {
  rig.now += ms
  await catchUp(detect)
}

const say = async (device: string, payload: object): Promise<void> => {
  await rig.publish(device, payload)
  await catchUp(detect)
}

describe.each([
  ['two seconds', 2000],
  ['an hour', HOUR],
  ['a year', 365 * 24 * HOUR],
])('after this machine’s clock was set back by %s', (_, step) => {
  test('a fire rings at once, and its end is seen', async () => {
    await say('smoke-1', { smoke: 0.1 })
    await set(-step)
    await pass(1000)
    await say('smoke-1', { smoke: 3.1, alarm: true })
    expect(await alarms()).toMatchObject([{ type: 'smoke', state: 'ACTIVE_UNACK', noticedAt: rig.now }])
    await pass(1000)
    await say('smoke-1', { smoke: 0.1, alarm: false })
    expect(await alarms()).toMatchObject([{ type: 'smoke', state: 'CLEARED_UNACK' }])
  })

  test('a fire that burnt already is the same alarm, and its end is seen', async () => {
    await say('smoke-1', { smoke: 3.1, alarm: true })
    await set(-step)
    await pass(1000)
    await say('smoke-1', { smoke: 3.2, alarm: true })
    await pass(1000)
    await say('smoke-1', { smoke: 0.1, alarm: false })
    expect(await alarms()).toMatchObject([{ type: 'smoke', state: 'CLEARED_UNACK', count: 2 }])
  })

  test('the console shows the newest values, and when they were measured', async () => {
    await say('smoke-1', { temperature: 20 })
    await set(-step)
    await pass(1000)
    await say('smoke-1', { temperature: 21 })
    const seen = await rig.views.sighting('smoke-1')
    expect(seen?.latest).toContainEqual({ quantity: 'temperature', value: 21, at: rig.now })
    expect(seen?.lastHeardAt).toBe(rig.now)
  })

  test('a detector that falls silent afterwards is noticed in time', async () => {
    await say('smoke-1', { smoke: 0.1 })
    await pass(1000)
    await set(-step)
    await pass(4 * HOUR)
    await pass(1000)
    expect(await alarms()).toMatchObject([{ type: 'silent', deviceId: 'smoke-1' }])
  })
})

test('a leak that was watched for a day is not forgotten because a clock was set', async () => {
  let volume = 100
  const quarter = async (): Promise<void> => {
    volume += 0.01
    await pass(15 * MINUTE)
    await say('meter-1', { volume: Math.round(volume * 1000) / 1000 })
  }
  for (let i = 0; i < 4 * 20; i++) await quarter()
  expect(await alarms()).toEqual([])
  await set(-HOUR)
  for (let i = 0; i < 4 * 12; i++) await quarter()
  expect(await alarms()).toMatchObject([{ type: 'leak', state: 'ACTIVE_UNACK' }])
})

test('when the clock is set forward by a day, nobody has fallen silent', async () => {
  await say('smoke-1', { smoke: 0.1 })
  await say('meter-1', { volume: 1 })
  await pass(1000)
  await set(24 * HOUR)
  await pass(HOUR)
  expect(await alarms()).toEqual([])
})
