import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskGuard } from '../store/disk-guard.ts'
import { newDevice, startTestBench, type TestBench } from './test-bench.ts'

const NEVER = 0
/** More than any disk has: the guard believes that it is full. MB. */
const ALWAYS = 1e12

let guard: DiskGuard
let bench: TestBench
beforeEach(async () => {
  guard = new DiskGuard('.', NEVER)
  await guard.look()
  bench = await startTestBench({
    guard,
    devices: [
      newDevice('meter-1', 'water-meter'),
      newDevice('smoke-1', 'smoke-detector'),
      newDevice('gateway-1', 'gateway'),
    ],
  })
})
afterEach(() => bench.stop())

/** The line moves instead of the disk. */
const fill = (full: boolean): Promise<void> => {
  Object.assign(guard, { guardMb: full ? ALWAYS : NEVER })
  return guard.look()
}
const turns = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('a full disk holds meters back where they are; a fire goes on, and the meters too when there is space', async () => {
  const meter = await bench.connected('meter-1')
  const smoke = await bench.connected('smoke-1')
  await fill(true)
  let acked = 0
  for (let n = 1; n <= 3; n += 1)
    meter.publish('v1/devices/me/telemetry', `{"volume":${n}}`, { qos: 1 }, (error) => {
      if (!error) acked += 1
    })
  await smoke.publishAsync('v1/devices/me/telemetry', '{"smoke":3}', { qos: 1 })
  await turns(100)
  expect(acked).toBe(0)
  expect(meter.connected).toBe(true)
  expect(bench.journal.of('telemetry').map(({ deviceId }) => deviceId)).toEqual(['smoke-1'])
  expect(bench.broker.refusals.totals.get('journal.disk-guard')).toBe(1)

  await fill(false)
  while (acked < 3) await turns(5)
  expect(bench.journal.of('telemetry').map(({ text }) => text)).toEqual([
    '{"smoke":3}',
    '{"volume":1}',
    '{"volume":2}',
    '{"volume":3}',
  ])
})

test('a meter that comes while the disk is full waits inside instead of coming again and again', async () => {
  await fill(true)
  const meter = await bench.connected('meter-1')
  let acked = false
  meter.publish('v1/devices/me/telemetry', '{"volume":1}', { qos: 1 }, (error) => {
    acked = !error
  })
  await turns(100)
  expect([acked, meter.connected]).toEqual([false, true])
  await fill(false)
  while (!acked) await turns(5)
  expect(bench.journal.of('telemetry')).toHaveLength(1)
})

test('a gateway that gets its first fire detector while the disk is full waits no longer', async () => {
  const gateway = await bench.connected('gateway-1')
  await fill(true)
  await bench.registry.put([newDevice('smoke-9', 'smoke-detector', 'gateway-1')], { replace: false })
  await bench.broker.pollRegistry()
  await gateway.publishAsync('v1/gateway/telemetry', '{"smoke-9":[{"values":{"smoke":3}}]}', { qos: 1 })
  expect(bench.journal.of('gateway').map(({ lane }) => lane)).toEqual(['urgent'])
})
