import type { Socket } from 'node:net'
import type { MqttClient } from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import {
  closed,
  connectPacket,
  newDevice,
  packet,
  publishPacket,
  startTestBench,
  type TestBench,
  type TestBenchOptions,
  until,
} from './test-bench.ts'

let bench: TestBench
const start = async (options: TestBenchOptions = {}): Promise<TestBench> => {
  bench = await startTestBench(options)
  return bench
}
afterEach(() => bench.stop())

const OWN = 'v1/devices/me/telemetry'
const texts = (deviceId: string): string[] =>
  bench.journal.stored.filter((r) => r.kind === 'telemetry' && r.deviceId === deviceId).map((r) => r.text)
/** All bytes that a socket gets, as they come. */
function collect(socket: Socket): { bytes: Buffer; closed: boolean } {
  const got = { bytes: Buffer.alloc(0), closed: false }
  socket.on('data', (chunk: Buffer) => {
    got.bytes = Buffer.concat([got.bytes, chunk])
  })
  socket.on('close', () => {
    got.closed = true
  })
  return got
}
/** CONNACK's return code, or undefined when the connection ended without one. */
async function refusal(client: MqttClient): Promise<number | undefined> {
  let code: number | undefined
  client.on('error', (error) => {
    code = (error as { code?: number }).code
  })
  await closed(client)
  return code
}

describe('a device publishes', () => {
  test.each([0, 1, 2] as const)('with QoS %i on its own topic, and it is in the journal once', async (qos) => {
    const { connected } = await start()
    const client = await connected('meter-1')
    await client.publishAsync(OWN, '{"volume":1}', { qos })
    await client.publishAsync('v1/devices/meter-1/telemetry', '{"volume":2}', { qos })
    await until(() => texts('meter-1').length === 2)
    expect(texts('meter-1')).toEqual(['{"volume":1}', '{"volume":2}'])
  })

  test('over a WebSocket on the same port', async () => {
    const { connected, broker } = await start()
    const client = await connected('smoke-1', { protocol: 'ws', port: broker.port, path: '/mqtt' })
    await client.publishAsync(OWN, '{"smoke":0}', { qos: 1 })
    expect(texts('smoke-1')).toEqual(['{"smoke":0}'])
    expect(bench.journal.of('connected')[0]?.text).toContain('websocket')
  })

  test('attributes, raw frames and answers to commands as what they are', async () => {
    const { connected, journal } = await start()
    const client = await connected('meter-1')
    await client.publishAsync('v1/devices/me/attributes', '{"model":"LXS"}', { qos: 1 })
    await client.publishAsync('v1/devices/me/raw/cjt188', 'h', { qos: 1 })
    await client.publishAsync('v1/devices/me/rpc/response/7', '{}', { qos: 1 })
    expect(journal.stored.slice(-3).map((r) => [r.kind, r.arg])).toEqual([
      ['attributes', ''],
      ['raw', 'cjt188'],
      ['rpcResponse', '7'],
    ])
  })

  test('and a smoke detector goes by the urgent lane, a meter by the bulk lane', async () => {
    const { connected, journal } = await start()
    for (const id of ['smoke-1', 'meter-1']) await (await connected(id)).publishAsync(OWN, '{}', { qos: 1 })
    expect(journal.of('telemetry').map((r) => [r.deviceId, r.lane])).toEqual([
      ['smoke-1', 'urgent'],
      ['meter-1', 'bulk'],
    ])
  })

  test('and gets no acknowledgement before the journal has it on disk', async () => {
    const { socket, journal } = await start()
    const device = await socket()
    const got = collect(device)
    device.write(connectPacket('meter-1'))
    await until(() => got.bytes.length === 4)
    journal.holding = true
    device.write(Buffer.concat([publishPacket(OWN, 1, '{"volume":1}'), publishPacket(OWN, 2, 'x', 2), packet(0xc0)]))
    // The answer to the ping shows that everything before it has been read.
    await until(() => got.bytes.length >= 6 && journal.waitingCount === 2)
    expect(got.bytes.subarray(4).toString('hex')).toBe('d000')
    journal.release()
    await until(() => got.bytes.length === 14)
    expect(got.bytes.subarray(6).toString('hex')).toBe('4002000150020002')
  })

  test('in a row, and they are stored and acknowledged in that order', async () => {
    const { socket } = await start()
    const device = await socket()
    const got = collect(device)
    const publishes = Array.from({ length: 500 }, (_, i) => publishPacket(OWN, i + 1, `${i}`))
    // All at once behind the CONNECT, as a client may (MQTT-3.1.4-5).
    device.write(Buffer.concat([connectPacket('meter-1'), ...publishes]))
    await until(() => got.bytes.length === 4 + 500 * 4)
    expect(texts('meter-1')).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`))
    expect(Array.from({ length: 500 }, (_, i) => got.bytes.readUInt16BE(4 + i * 4 + 2))).toEqual(
      Array.from({ length: 500 }, (_, i) => i + 1),
    )
  })

  test('says goodbye at once, and its last QoS 0 reading is not lost', async () => {
    const { socket } = await start()
    const device = await socket()
    device.end(Buffer.concat([connectPacket('meter-1'), publishPacket(OWN, 0, 'last', 0), packet(0xe0)]))
    await until(() => bench.journal.of('disconnected').length === 1)
    expect(texts('meter-1')).toEqual(['last'])
    expect(bench.journal.of('disconnected')[0]?.text).toBe('{"reason":"client"}')
  })

  test('one message twice with QoS 2, also after a new connection, and it is stored once', async () => {
    const { socket, journal } = await start()
    const persistent = packet(
      0x10,
      [0, 4, 77, 81, 84, 84, 4, 0xc0, 0, 0],
      field2('meter-1'),
      field2('meter-1'),
      secret(),
    )
    const first = await socket()
    const got = collect(first)
    const subscribe = packet(0x82, [0, 9], field2('v1/devices/me/rpc/request/+'), [1])
    journal.holding = true
    first.write(
      Buffer.concat([persistent, subscribe, publishPacket(OWN, 5, 'once', 2), publishPacket(OWN, 5, 'once', 2, true)]),
    )
    await until(() => got.bytes.includes(Buffer.from('90030009', 'hex')) && journal.waitingCount >= 2)
    expect(got.bytes.includes(0x50)).toBe(false)
    journal.release()
    await until(() => got.bytes.toString('hex').endsWith('5002000550020005'))
    first.destroy()
    await until(() => journal.of('disconnected').length === 1)
    const second = await socket()
    const again = collect(second)
    second.write(Buffer.concat([persistent, publishPacket(OWN, 5, 'once', 2, true), packet(0x62, [0, 5])]))
    await until(() => again.bytes.toString('hex').endsWith('70020005'))
    expect(again.bytes.subarray(0, 8).toString('hex')).toBe('2002010050020005')
    expect(texts('meter-1')).toEqual(['once'])
  })

  test('an identifier again with another payload, and both readings are kept', async () => {
    const { socket } = await start()
    const device = await socket()
    const got = collect(device)
    device.write(
      Buffer.concat([connectPacket('meter-1'), publishPacket(OWN, 5, 'one', 2), publishPacket(OWN, 5, 'two', 2)]),
    )
    await until(() => got.bytes.length === 12)
    expect(texts('meter-1')).toEqual(['one', 'two'])
  })

  test('its will, when it is lost without goodbye', async () => {
    const { connected } = await start()
    const client = await connected('smoke-1', { will: { topic: OWN, payload: Buffer.from('{"flags":["fault"]}') } })
    client.stream.destroy()
    await until(() => texts('smoke-1').length === 1)
    expect(texts('smoke-1')).toEqual(['{"flags":["fault"]}'])
  })
})

describe('nobody reads or writes what is not theirs', () => {
  test.each([
    ["another device's topic", 'v1/devices/meter-2/telemetry'],
    ['a topic that begins like its own', 'v1/devices/meter-11/telemetry'],
    ['a command', 'v1/devices/meter-1/rpc/request/1'],
    ['anything else', 'hello'],
    ['the broker’s own topics', '$SYS/x'],
  ])('publishing to %s ends the connection, stores nothing and is counted', async (_what, topic) => {
    const { connected, journal, broker } = await start()
    const client = await connected('meter-1')
    client.publish(topic, 'x', { qos: 1 }, () => undefined)
    await closed(client)
    expect(journal.of('telemetry')).toEqual([])
    expect(broker.refusals.take(0)).toMatchObject([{ reason: 'acl.publish', deviceId: 'meter-1', count: 1 }])
  })

  test('a retained message, and a will that is retained or not its own, are refused', async () => {
    const { connected, device, broker, journal } = await start()
    const client = await connected('meter-1')
    client.publish(OWN, 'x', { qos: 1, retain: true }, () => undefined)
    await closed(client)
    const payload = Buffer.from('x')
    await closed(device('meter-1', { will: { topic: OWN, payload, retain: true } }))
    await closed(device('meter-1', { will: { topic: 'v1/devices/meter-2/telemetry', payload } }))
    expect(journal.of('telemetry')).toEqual([])
    expect(broker.refusals.totals).toEqual(
      new Map([
        ['acl.retain', 2],
        ['acl.publish', 1],
      ]),
    )
  })

  test.each([
    '#',
    '+/+/+/+/+/+',
    '$SYS/#',
    'v1/devices/meter-2/rpc/request/+',
    'v1/devices/+/rpc/request/+',
    '$share/g/#',
  ])('subscribing to %s is refused and counted', async (filter) => {
    const { connected, broker } = await start()
    const client = await connected('meter-1')
    await expect(client.subscribeAsync(filter)).rejects.toThrow()
    expect(broker.refusals.totals).toEqual(new Map([['acl.subscribe', 1]]))
  })

  test('a command reaches its device and no other, on the topic it subscribed to', async () => {
    const { connected, broker } = await start()
    const got: string[] = []
    for (const [id, name] of [
      ['meter-1', 'me'],
      ['meter-2', 'meter-2'],
      ['smoke-1', 'me'],
    ] as const) {
      const client = await connected(id)
      client.on('message', (topic, payload) => got.push(`${id} ${topic} ${payload}`))
      await client.subscribeAsync(`v1/devices/${name}/rpc/request/+`, { qos: 1 })
    }
    expect(await broker.sendCommand('meter-1', 7, Buffer.from('close'))).toBe(true)
    expect(await broker.sendCommand('meter-2', 8, Buffer.from('open'))).toBe(true)
    expect(await broker.sendCommand('meter-9', 9, Buffer.from('x'))).toBe(false)
    await until(() => got.length === 2)
    expect(got).toEqual(['meter-1 v1/devices/me/rpc/request/7 close', 'meter-2 v1/devices/meter-2/rpc/request/8 open'])
  })

  test('only a gateway speaks for others', async () => {
    const { connected, broker, journal } = await start({
      devices: [
        newDevice('gw-1', 'gateway'),
        newDevice('gw-2', 'gateway'),
        newDevice('meter-1', 'water-meter', 'gw-1'),
        newDevice('smoke-1', 'smoke-detector', 'gw-2'),
      ],
    })
    for (const id of ['gw-1', 'gw-2'])
      await (await connected(id)).publishAsync('v1/gateway/telemetry', '{}', { qos: 1 })
    // A gateway is as urgent as the most urgent device it speaks for.
    expect(journal.of('gateway').map((r) => [r.deviceId, r.lane])).toEqual([
      ['gw-1', 'bulk'],
      ['gw-2', 'urgent'],
    ])
    const meter = await connected('meter-1')
    meter.publish('v1/gateway/telemetry', '{}', { qos: 1 }, () => undefined)
    await closed(meter)
    expect(broker.refusals.totals).toEqual(new Map([['gateway.not-a-gateway', 1]]))
  })
})

describe('who is it', () => {
  test('unknown, wrong secret, no secret and disabled get the same answer', async () => {
    const { device, registry, broker, journal } = await start()
    await registry.setDisabled('meter-2', true)
    const codes = await Promise.all([
      refusal(device('nobody')),
      refusal(device('meter-1', { password: 'wrong' })),
      refusal(device('smoke-1', { password: '' })),
      refusal(device('meter-2')),
      refusal(device('__proto__')),
    ])
    expect(codes).toEqual([5, 5, 5, 5, 5])
    expect(broker.refusals.totals).toEqual(new Map([['auth.unknown-or-wrong', 5]]))
    expect(
      broker.refusals
        .take(0)
        .map((refused) => refused.deviceId)
        .sort(),
    ).toEqual(['', 'meter-1', 'meter-2', 'nobody', 'smoke-1'])
    expect(journal.of('connected')).toEqual([])
  })

  test('a client id that is not the user name is turned away', async () => {
    const { device, broker } = await start()
    expect(await refusal(device('meter-1', { clientId: 'other' }))).toBe(2)
    expect(broker.refusals.totals).toEqual(new Map([['auth.identity-mismatch', 1]]))
  })

  test('who has no client id is turned away under no name, not under one that the broker made up', async () => {
    const { socket, broker } = await start()
    const nobody = await socket()
    nobody.resume().write(connectPacket(''))
    await new Promise((resolve) => nobody.once('close', resolve))
    const [refused] = broker.refusals.take(0)
    expect(refused).toMatchObject({ reason: 'auth.unknown-or-wrong', deviceId: '', detail: 'client id ""' })
  })

  test('a secret never gets into what is refused', async () => {
    const { device, broker } = await start()
    await refusal(device('meter-1', { password: 'hunter2' }))
    expect(JSON.stringify(broker.refusals.take(0))).not.toContain('hunter2')
  })

  test.each([
    'removed',
    'disabled',
    'secret-changed',
  ] as const)('a device that is %s loses its connection', async (why) => {
    const { connected, registry, broker, journal } = await start()
    const client = await connected('meter-1', { will: { topic: OWN, payload: Buffer.from('will') } })
    const other = await connected('meter-2')
    const gone = closed(client)
    if (why === 'removed') await registry.remove('meter-1')
    else if (why === 'disabled') await registry.setDisabled('meter-1', true)
    else
      await registry.put([{ ...newDevice('meter-1', 'water-meter'), secretHash: Buffer.alloc(32, 1) }], {
        replace: true,
      })
    await broker.pollRegistry()
    await gone
    await until(() => journal.of('disconnected').length === 1)
    expect(journal.of('disconnected')[0]).toMatchObject({ deviceId: 'meter-1', text: `{"reason":"${why}"}` })
    expect(other.connected).toBe(true)
    expect(texts('meter-1')).toEqual([])
  })

  test('a gateway that gets a fire detector becomes urgent without losing its connection', async () => {
    const { connected, registry, broker, journal } = await start({ devices: [newDevice('gw-1', 'gateway')] })
    const client = await connected('gw-1')
    const publish = () => client.publishAsync('v1/gateway/telemetry', '{}', { qos: 1 })
    await publish()
    await registry.put([newDevice('smoke-9', 'smoke-detector', 'gw-1')], { replace: false })
    await broker.pollRegistry()
    await publish()
    await registry.remove('smoke-9')
    await broker.pollRegistry()
    await publish()
    expect(journal.of('gateway').map((r) => r.lane)).toEqual(['bulk', 'urgent', 'bulk'])
  })
})

describe('presence', () => {
  test('connected and disconnected lie in the device’s lane, after the start of the broker', async () => {
    const { connected, journal } = await start()
    await (await connected('smoke-1')).endAsync()
    await until(() => journal.of('disconnected').length === 1)
    expect(journal.stored.filter((r) => r.lane === 'urgent').map((r) => [r.kind, r.deviceId])).toEqual([
      ['brokerStarted', ''],
      ['connected', 'smoke-1'],
      ['disconnected', 'smoke-1'],
    ])
    expect(journal.stored.filter((r) => r.lane === 'bulk').map((r) => r.kind)).toEqual(['brokerStarted'])
  })

  test('a second connection takes over: the first is disconnected before the second is connected', async () => {
    const { connected, journal, broker } = await start()
    const first = await connected('meter-1')
    const gone = closed(first)
    const second = await connected('meter-1')
    await gone
    await second.publishAsync(OWN, 'still here', { qos: 1 })
    expect(journal.stored.filter((r) => r.deviceId === 'meter-1').map((r) => r.kind)).toEqual([
      'connected',
      'disconnected',
      'connected',
      'telemetry',
    ])
    expect(broker.sessions.ends).toEqual(new Map([['takeover', 1]]))
    expect(broker.sessions.size).toBe(1)
  })

  test('a stop tells that everyone is gone', async () => {
    const { connected, journal, broker } = await start()
    await connected('meter-1')
    await broker.stop()
    expect(journal.of('disconnected')).toMatchObject([{ deviceId: 'meter-1', text: '{"reason":"stopping"}' }])
  })
})

describe('when the journal cannot store', () => {
  test('there is no acknowledgement, the connection ends, and later it works again', async () => {
    const { socket, connected, journal, broker } = await start()
    const device = await socket()
    const got = collect(device)
    device.write(connectPacket('meter-1'))
    await until(() => got.bytes.length === 4)
    journal.failing = true
    device.write(publishPacket(OWN, 1, 'lost'))
    await until(() => got.closed)
    expect(got.bytes.length).toBe(4)
    expect(broker.refusals.totals.get('journal.unavailable')).toBeGreaterThanOrEqual(1)
    journal.failing = false
    const client = await connected('meter-1')
    await client.publishAsync(OWN, 'kept', { qos: 1 })
    expect(texts('meter-1')).toEqual(['kept'])
  })

  test('what it could not tell of is told later', async () => {
    const { journal, connected } = await start()
    const client = await connected('meter-1')
    journal.failing = true
    client.publish(OWN, 'x', { qos: 1 }, () => undefined)
    await closed(client)
    journal.failing = false
    await until(() => journal.of('refused').length > 0)
    expect(JSON.parse(journal.of('refused')[0]?.text ?? '')).toMatchObject({
      reason: 'journal.unavailable',
      deviceId: 'meter-1',
    })
  })

  test('sockets of meters are no longer read when much is waiting for the disk, and are again afterwards', async () => {
    const { connected, journal, broker } = await start()
    const client = await connected('meter-1')
    journal.holding = true
    const payload = '1'.repeat(60_000)
    const published = Array.from({ length: 400 }, () => client.publishAsync(OWN, payload, { qos: 0 }))
    // One read of the socket is handed on at a time: with nothing answered, no more than that is taken in.
    await until(() => journal.waitingCount > 0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(journal.waitingCount).toBeLessThan(20)
    expect(broker.figures()['journal_pending_bytes{lane="bulk"}']).toBeLessThan(20 * payload.length)
    journal.release()
    await Promise.all(published)
    await until(() => texts('meter-1').length === 400)
  })
})

describe('who is too fast', () => {
  const fast = { allowance: { rate: 20, burst: 5 } }

  test('a meter above its rate is held back in order, and loses nothing', async () => {
    const { connected, broker } = await start(fast)
    const client = await connected('meter-1')
    await Promise.all(Array.from({ length: 15 }, (_, i) => client.publishAsync(OWN, `${i}`, { qos: 1 })))
    expect(texts('meter-1')).toEqual(Array.from({ length: 15 }, (_, i) => `${i}`))
    expect(broker.figures().gate_held_total).toBeGreaterThanOrEqual(5)
    expect(client.connected).toBe(true)
    expect(broker.refusals.totals.size).toBe(0)
  })

  test('a smoke detector sends as much as any fire makes it, unhindered', async () => {
    const { connected, broker } = await start(fast)
    const client = await connected('smoke-1')
    await Promise.all(Array.from({ length: 1000 }, (_, i) => client.publishAsync(OWN, `${i}`, { qos: 1 })))
    expect(broker.figures().gate_held_total).toBe(0)
  })

  test('a smoke detector gone wild is slowed down, and another one’s alarm passes it', async () => {
    const { connected, journal, broker } = await start({ allowance: { rate: 0.001, burst: 1 } })
    const wild = await connected('smoke-1')
    for (let n = 0; n < 500; n++) wild.publish(OWN, `${n}`, { qos: 1 }, () => undefined)
    await until(() => Number(broker.figures().gate_held) > 0)
    const other = await connected('smoke-2')
    await other.publishAsync(OWN, '{"alarm":true}', { qos: 1 })
    const stored = journal.of('telemetry').map(({ deviceId }) => deviceId)
    expect(stored.filter((id) => id === 'smoke-1')).toHaveLength(200)
    expect(stored.at(-1)).toBe('smoke-2')
    expect(broker.refusals.totals.size).toBe(0)
  })

  test('what it left when it hung up is stored on credit, and connecting anew does not help', async () => {
    const { connected, broker } = await start({ allowance: { rate: 0.01, burst: 5 } })
    const first = await connected('meter-1')
    for (let n = 0; n < 8; n++) first.publish(OWN, `first ${n}`, { qos: 1 }, () => undefined)
    await until(() => broker.figures().gate_held === 3)
    expect(texts('meter-1')).toHaveLength(5)
    first.stream.destroy()
    await until(() => texts('meter-1').length === 8)
    await until(() => broker.sessions.size === 0)
    const second = await connected('meter-1')
    for (let n = 0; n < 4; n++) second.publish(OWN, `second ${n}`, { qos: 1 }, () => undefined)
    await until(() => broker.figures().gate_held === 4)
    second.stream.destroy()
    await until(() => broker.sessions.size === 0)
    expect(texts('meter-1').slice(8)).toEqual(['second 0', 'second 1'])
    expect(broker.refusals.totals).toEqual(new Map([['limit.rate', 2]]))
  })
})

const field2 = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
const secret = (): Buffer => field2('a secret of 256 bits, or so we say')
