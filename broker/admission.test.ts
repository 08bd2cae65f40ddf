import { afterEach, expect, it } from 'vitest'
import { claimedId } from './listeners/claimed-id.ts'
import {
  closed,
  connectPacket,
  field,
  newDevice,
  packet,
  publishPacket,
  startTestBench,
  type TestBench,
  type TestBenchOptions,
  until,
} from './test-bench.ts'

let bench: TestBench
const start = async (config: NonNullable<TestBenchOptions['config']>, meters = 30): Promise<void> => {
  bench = await startTestBench({
    devices: [
      ...Array.from({ length: meters }, (_, n) => newDevice(`meter-${n}`, 'water-meter')),
      newDevice('smoke-1', 'smoke-detector'),
    ],
    config,
  })
}
afterEach(() => bench.stop())

/** Who is connected, in the order in which they came in. */
const entered = (): string[] => bench.journal.stored.filter((r) => r.kind === 'connected').map((r) => r.deviceId)

it('a smoke detector that comes back last of all is let in before the meters that wait', async () => {
  await start({ connectRate: 20 })
  for (let n = 0; n < 30; n++) (await bench.socket()).write(connectPacket(`meter-${n}`))
  await until(() => (bench.broker.figures()['mqtt_connects_waiting{lane="bulk"}'] ?? 0) > 20)
  ;(await bench.socket()).write(connectPacket('smoke-1'))
  await until(() => bench.broker.sessions.size === 31 && entered().length === 31)
  expect(entered().at(-1)).toMatch(/^meter-/)
  expect(bench.broker.figures()).toMatchObject({
    mqtt_connects_total: 31,
    'mqtt_connects_waiting{lane="urgent"}': 0,
    'mqtt_connects_waiting{lane="bulk"}': 0,
  })
})

it('when meters have taken every place, a smoke detector comes in by the port for fire', async () => {
  await start({ mqttFirePort: 0, maxConnections: 10 }, 11)
  for (let n = 0; n < 10; n++) (await bench.socket()).write(connectPacket(`meter-${n}`))
  await until(() => entered().length === 10)
  await closed(bench.device('meter-10'))
  await bench.connected('smoke-1', { port: bench.broker.firePort as number })
  expect(bench.broker.sessions.find('smoke-1')).toBeDefined()
  expect(bench.broker.refusals.totals.get('limit.connections')).toBe(1)
})

it('a meter that uses the port for fire is turned away', async () => {
  await start({ mqttFirePort: 0 }, 1)
  const meter = bench.device('meter-0', { port: bench.broker.firePort as number })
  const refused = await new Promise((resolve) => void meter.once('error', resolve))
  expect(refused).toMatchObject({ code: 5 })
  expect(bench.broker.refusals.totals.get('acl.fire-port')).toBe(1)
})

it('the time in line is not the client’s: whoever sent its CONNECT in time is let in, however long it waits', async () => {
  await start({ connectRate: 10, connectTimeoutMs: 100 }, 5)
  for (let n = 0; n < 5; n++) (await bench.socket()).write(connectPacket(`meter-${n}`))
  await until(() => entered().length === 5)
  expect(bench.broker.refusals.totals.get('limit.connect-time')).toBeUndefined()
})

it('what a meter said before it hung up is taken in when its turn comes', async () => {
  await start({ connectRate: 20 }, 5)
  for (let n = 0; n < 5; n++) {
    const socket = await bench.socket()
    socket.end(
      Buffer.concat([connectPacket(`meter-${n}`), publishPacket('v1/devices/me/telemetry', 0, '{"volume":1}', 0)]),
    )
  }
  await until(() => bench.journal.of('telemetry').length === 5)
})

it('a CONNECT says who it claims to be', async () => {
  await start({}, 0)
  expect(claimedId(connectPacket('meter-1'))).toBe('meter-1')
  expect(claimedId(connectPacket(''))).toBe('')
  const long = 'x'.repeat(64)
  expect(claimedId(packet(0x10, field('MQIsdp'), [3, 2, 0, 60], field(long), Buffer.alloc(200)))).toBe(long)
  // The beginning of a protocol that nobody knows.
  expect(claimedId(packet(0x10, field('MQTT'), [9, 0, 0, 0]))).toBe('')
})
