import type { Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { connectPacket, field, packet, publishPacket, startTestBench, type TestBench, until } from './test-bench.ts'

let bench: TestBench
afterEach(() => bench.stop())

const OWN = 'v1/devices/me/telemetry'
const PINGREQ = packet(0xc0)
const PINGRESPS = 600
const CONNACK_BYTES = 4
const flood = (of: Buffer): Buffer[] => Array.from({ length: PINGRESPS }, () => of)

/** Counts what a socket gets. */
function collect(socket: Socket): { bytes: number } {
  const got = { bytes: 0 }
  socket.on('data', (chunk: Buffer) => {
    got.bytes += chunk.length
  })
  return got
}

it('a meter that does nothing but ping is answered bit by bit, and a fire is not held up by it', async () => {
  bench = await startTestBench()
  const meter = await bench.socket()
  const pings = collect(meter)
  const smoke = await bench.socket()
  const fire = collect(smoke)
  smoke.write(connectPacket('smoke-1'))
  await until(() => fire.bytes === CONNACK_BYTES)
  meter.write(Buffer.concat([connectPacket('meter-1'), ...flood(PINGREQ)]))
  await until(() => pings.bytes > CONNACK_BYTES)
  smoke.write(publishPacket(OWN, 1, '{"smoke":3}'))
  await until(() => fire.bytes === 2 * CONNACK_BYTES)
  expect(pings.bytes).toBeLessThan(CONNACK_BYTES + 2 * PINGRESPS)
  await until(() => pings.bytes === CONNACK_BYTES + 2 * PINGRESPS)
  expect(bench.broker.figures().mqtt_paced_total).toBeGreaterThanOrEqual(PINGRESPS / 128 - 1)
})

it('subscribing again and again is dearer than pinging, and every SUBSCRIBE is answered', async () => {
  bench = await startTestBench()
  const meter = await bench.socket()
  const got = collect(meter)
  const subscribe = packet(0x82, [0, 7], field('v1/devices/me/rpc/request/+'), [1])
  meter.write(Buffer.concat([connectPacket('meter-1'), ...Array.from({ length: 30 }, () => subscribe)]))
  await until(() => got.bytes === CONNACK_BYTES + 30 * 5)
  expect(bench.broker.figures().mqtt_paced_total).toBeGreaterThanOrEqual(3)
})

it('what a meter says behind such a flood is taken in, in its order, also when it has hung up', async () => {
  bench = await startTestBench()
  const meter = await bench.socket()
  const say = (volume: number): Buffer => publishPacket(OWN, 0, `{"volume":${volume}}`, 0)
  // In two pieces, the second of which begins within a packet.
  const bytes = Buffer.concat([connectPacket('meter-1'), say(1), ...flood(PINGREQ), say(2), PINGREQ, say(3)])
  const cut = bytes.length - say(3).length - 1
  meter.write(bytes.subarray(0, cut))
  meter.end(bytes.subarray(cut))
  await until(() => bench.journal.of('disconnected').length === 1)
  expect(bench.journal.of('telemetry').map((record) => record.text)).toEqual([1, 2, 3].map((v) => `{"volume":${v}}`))
})

it('a device that needs many answers for its QoS 2 readings gets them all', async () => {
  bench = await startTestBench()
  const client = await bench.connected('smoke-1')
  const readings = Array.from({ length: 500 }, (_, n) => `{"smoke":0,"seq":${n}}`)
  await Promise.all(readings.map((reading) => client.publishAsync(OWN, reading, { qos: 2 })))
  expect(bench.journal.of('telemetry').map((record) => record.text)).toEqual(readings)
})
