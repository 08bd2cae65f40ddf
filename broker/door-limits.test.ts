import { connect as connectSocket, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { connect, FLAG, publish, RawClient, subscribe } from './conformance/raw-client.ts'
import { field, startTestBench, type TestBench, type TestBenchOptions, until } from './test-bench.ts'

const TOPIC = 'v1/devices/me/telemetry'
const COMMANDS = 'v1/devices/me/rpc/request/+'

let bench: TestBench
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await bench.stop()
})
const start = async (options: TestBenchOptions = {}): Promise<void> => {
  bench = await startTestBench(options)
}
/** A connection from one of the addresses of this machine, all of 127/8. */
const dialFrom = async (address: string): Promise<RawClient> => {
  const socket = connectSocket({ port: bench.broker.port, host: '127.0.0.1', localAddress: address })
  socket.on('error', () => undefined)
  sockets.push(socket)
  await new Promise((resolve) => socket.once('connect', resolve))
  return new RawClient(socket)
}
const dial = (): Promise<RawClient> => dialFrom('127.0.0.1')
const total = (reason: string): number => new Map<string, number>(bench.broker.refusals.totals).get(reason) ?? 0

describe('connections of one address', () => {
  test('beyond the most it gets no more, and another address does', async () => {
    await start({ config: { maxPerAddress: 2 } })
    const inside = [await dialFrom('127.0.0.2'), await dialFrom('127.0.0.2')]
    await (await dialFrom('127.0.0.2')).ended()
    expect(total('limit.address')).toBe(1)
    const other = (await dialFrom('127.0.0.3')).send(connect())
    await other.got(1)
    for (const client of inside) client.socket.destroy()
    await until(() => bench.broker.figures().mqtt_connections === 1)
    const again = (await dialFrom('127.0.0.2')).send(connect({ id: 'meter-2' }))
    expect(await again.got(1)).toEqual(['200000'])
  })

  test('half a CONNECT held open many times keeps no device out, not even behind the same NAT', async () => {
    await start({ config: { maxStrangers: 10 } })
    const device = (await dial()).send(connect())
    await device.got(1)
    const slow: RawClient[] = []
    for (let n = 0; n < 30; n++) slow.push((await dial()).send(Buffer.from([0x10])))
    // They have waited long enough to be known for what they are.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    for (let n = 0; n < 20; n++) slow.push((await dial()).send(Buffer.from([0x10])))
    const other = (await dial()).send(connect({ id: 'meter-2' }))
    expect(await other.got(1)).toEqual(['200000'])
    await until(() => slow.filter((client) => client.closed).length >= 20)
    expect(total('limit.strangers')).toBeGreaterThanOrEqual(20)
    expect(device.closed).toBe(false)
  })
})

describe('sign-ins', () => {
  test('an address that guesses gets its answers late, and a device behind the same NAT gets in at once', async () => {
    await start({ config: { signInFailures: 0.2 } })
    const wrong = (): Buffer => connect({ payload: [field('meter-1'), field('meter-1'), field('wrong')] })
    const guesses = await Promise.all(Array.from({ length: 6 }, async () => (await dial()).send(wrong())))
    await until(() => guesses.filter((client) => client.closed).length === 3)
    const device = (await dial()).send(connect({ id: 'meter-2' }))
    expect(await device.got(1)).toEqual(['200000'])
    expect(guesses.filter((client) => client.closed)).toHaveLength(3)
    expect(bench.broker.figures().mqtt_refusals_slowed_total).toBe(3)
  })

  test('of two clients with the same identity the one inside stays when they have thrown each other out often enough', async () => {
    await start({ config: { takeovers: 3 } })
    const clients: RawClient[] = []
    for (let n = 0; n < 4; n++) {
      const client = (await dial()).send(connect())
      await client.got(1)
      clients.push(client)
    }
    const newcomer = (await dial()).send(connect())
    await newcomer.ended()
    expect(newcomer.hex).toBe('20020003')
    expect(clients.map((client) => client.closed)).toEqual([true, true, true, false])
    expect(total('limit.takeover')).toBe(1)
    await until(() => bench.journal.of('refused').length === 1)
    expect(JSON.parse(bench.journal.of('refused')[0]?.text ?? '')).toMatchObject({
      reason: 'limit.takeover',
      deviceId: 'meter-1',
    })
    clients[3]?.send(publish(TOPIC, 'still here', 1, 1))
    await clients[3]?.got(2)
  })
})

describe('packets', () => {
  test.each([
    ['nine filters', 'limit.filters', subscribe(1, ...Array.from({ length: 9 }, (_, i) => [`f${i}`, 0] as const))],
    ['a thousand filters', 'limit.filters', subscribe(1, ...Array.from({ length: 1000 }, () => ['f', 0] as const))],
    ['a topic of 257 bytes', 'limit.topic-length', publish('t'.repeat(257))],
    ['a filter of 65,535 bytes', 'limit.filters', subscribe(1, ['f'.repeat(65_535), 0])],
    ['a payload of a byte more than 64 KiB', 'limit.packet-size', publish(TOPIC, 'x'.repeat(65_537))],
  ])('%s: the connection is closed and it is counted as %s', async (_what, reason, bytes) => {
    await start()
    const client = (await dial()).send(connect())
    await client.got(1)
    client.send(bytes)
    await client.ended()
    expect(bench.broker.refusals.take(0)).toMatchObject([{ reason, deviceId: 'meter-1' }])
  })

  test('a CONNECT of more than 1 KiB, its will included', async () => {
    await start()
    const payload = [field('meter-1'), field(TOPIC), field('x'.repeat(1000)), field('meter-1'), field('x')]
    const client = (await dial()).send(connect({ flags: 0xc2 | FLAG.will, payload }))
    await client.ended()
    expect(total('limit.packet-size')).toBe(1)
  })

  test('limits are settings', async () => {
    const packets = { maxPayload: 100_000, maxConnect: 4096, maxTopic: 300, maxFilters: 20 }
    await start({ config: { packets } })
    const client = (await dial()).send(connect())
    client.send(
      publish(TOPIC, 'x'.repeat(90_000), 1, 1),
      subscribe(2, ...Array.from({ length: 20 }, (_, i) => [`f${i}`, 0] as const)),
    )
    expect(await client.got(3)).toContain('400001')
  })
})

describe('who sends too much', () => {
  test('few but large messages are held back in order, and the device stays connected though its keep-alive is over', async () => {
    await start({ allowance: { rate: 1, burst: 2, messageBytes: 10_000 } })
    const client = (await dial()).send(connect({ keepaliveS: 1 }))
    client.send(...[1, 2, 3, 4].map((id) => publish(TOPIC, `${id}`.repeat(10_000), 1, id)))
    expect(await client.got(3)).toEqual(['200000', '400001', '400002'])
    expect(bench.broker.figures().gate_held).toBeGreaterThanOrEqual(1)
    expect(await client.got(5)).toEqual(['200000', '400001', '400002', '400003', '400004'])
  })
})

describe('who does not read', () => {
  test('is cut off after the drain timeout with bounded memory, and others are not delayed', async () => {
    await start({ drainTimeoutMs: 300 })
    const deaf = (await dial()).send(connect(), subscribe(1, [COMMANDS, 0]))
    await deaf.got(2)
    const other = await bench.connected('smoke-1')
    deaf.socket.pause()
    const payload = Buffer.alloc(60_000)
    let sent = 0
    // The kernels' buffers take a few megabytes; then a command is refused rather than piled up.
    while (sent < 1000 && (await bench.broker.sendCommand('meter-1', sent, payload))) sent += 1
    expect(sent).toBeLessThan(1000)
    await other.publishAsync(TOPIC, '{"alarm":true}', { qos: 1 })
    await until(() => bench.broker.sessions.find('meter-1') === undefined)
    expect(bench.broker.sessions.ends.get('unread')).toBe(1)
    await other.publishAsync(TOPIC, '{"alarm":true}', { qos: 1 })
    expect(bench.journal.of('telemetry')).toHaveLength(2)
  })
})
