import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startTestBench, type TestBench, until } from '../test-bench.ts'
import { connect, publish, RawClient } from './raw-client.ts'

/** Chapter 6 of MQTT 3.1.1. */

const TOPIC = 'v1/devices/me/telemetry'
const UPGRADE = [
  'GET /mqtt HTTP/1.1',
  'Host: hydrant',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: mqtt',
]

let bench: TestBench
afterEach(() => bench.stop())

const opened = async (): Promise<{ socket: WebSocket; got: () => string }> => {
  bench = await startTestBench()
  const socket = new WebSocket(`ws://127.0.0.1:${bench.broker.port}/mqtt`, 'mqtt')
  const bytes: Buffer[] = []
  socket.on('message', (data: Buffer) => bytes.push(data))
  socket.on('error', () => undefined)
  await once(socket, 'open')
  return { socket, got: () => Buffer.concat(bytes).toString('hex') }
}
const texts = (): string[] => bench.journal.of('telemetry').map((record) => record.text)
const refused = (): [string, string] | undefined => {
  const [first] = bench.broker.refusals.take(0)
  return first === undefined ? undefined : [first.reason, first.detail]
}

describe('MQTT over WebSocket', () => {
  test('[MQTT-6.0.0-4] the server chooses the subprotocol mqtt', async () => {
    const { socket } = await opened()
    expect(socket.protocol).toBe('mqtt')
  })

  test('[MQTT-6.0.0-2] a packet may be spread over messages, and a message may hold several and a half', async () => {
    const { socket, got } = await opened()
    const bytes = Buffer.concat([connect(), publish(TOPIC, 'one', 1, 1), publish(TOPIC, 'two', 1, 2)])
    for (const piece of [bytes.subarray(0, 1), bytes.subarray(1, 20), bytes.subarray(20, -5), bytes.subarray(-5)])
      socket.send(piece)
    await until(() => got() === '200200004002000140020002')
    expect(texts()).toEqual(['one', 'two'])
  })

  test('[MQTT-6.0.0-1] a text frame closes the connection, is counted, and nothing in it is looked at', async () => {
    const { socket, got } = await opened()
    socket.send(connect())
    await until(() => got() === '20020000')
    socket.send(publish(TOPIC, 'as text', 1, 1).toString('latin1'))
    await once(socket, 'close')
    expect(refused()).toEqual(['protocol.violation', 'a WebSocket text frame (MQTT-6.0.0-1)'])
    expect(texts()).toEqual([])
  })

  test('a CONNECT in a text frame signs nobody in', async () => {
    const { socket, got } = await opened()
    socket.send(connect({ flags: 2, payload: [Buffer.from([0, 1, 0x61])] }).toString('latin1'))
    await once(socket, 'close')
    expect(got()).toBe('')
    expect(refused()?.[0]).toBe('protocol.violation')
  })

  test.each([
    ['that is not masked', Buffer.from([0x82, 0x01, 0x10])],
    ['with a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['with a reserved bit', Buffer.from([0xc2, 0x80, 0, 0, 0, 0])],
    ['that continues nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['that pings in pieces', Buffer.from([0x09, 0x80, 0, 0, 0, 0])],
    ['of 2⁶³ bytes', Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  ])('a frame %s ends the connection with a reason', async (_what, frame) => {
    bench = await startTestBench()
    const client = new RawClient(await bench.socket())
    client.send(Buffer.from(`${UPGRADE.join('\r\n')}\r\n\r\n`))
    await until(() => client.hex.includes('0d0a0d0a'))
    client.send(frame)
    await client.ended()
    await until(() => bench.broker.refusals.totals.size === 1)
    expect(['protocol.violation', 'limit.packet-size']).toContain(refused()?.[0])
  })

  test('a message in thousands of pieces is cut off before it is dear', async () => {
    bench = await startTestBench()
    const client = new RawClient(await bench.socket())
    client.send(Buffer.from(`${UPGRADE.join('\r\n')}\r\n\r\n`))
    await until(() => client.hex.includes('0d0a0d0a'))
    client.send(Buffer.from([0x02, 0x81, 0, 0, 0, 0, 0x10]))
    const piece = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x00])
    client.send(Buffer.concat(new Array<Buffer>(2000).fill(piece)))
    await client.ended()
    await until(() => bench.broker.refusals.totals.size > 0)
    expect(refused()?.[0]).toBe('protocol.violation')
  })

  test('a stranger’s message is not kept until it is whole: it may be larger than any CONNECT', async () => {
    bench = await startTestBench()
    const client = new RawClient(await bench.socket())
    client.send(Buffer.from(`${UPGRADE.join('\r\n')}\r\n\r\n`))
    await until(() => client.hex.includes('0d0a0d0a'))
    // Of 60,000 bytes, the last of which never come.
    client.send(Buffer.from([0x82, 0xfe, 0xea, 0x60, 0, 0, 0, 0]), connect(), Buffer.alloc(50_000))
    await client.ended()
    await until(() => bench.broker.refusals.totals.size > 0)
    expect(refused()).toEqual(['limit.packet-size', 'no CONNECT in what came first'])
  })

  test('a known device’s message may be as large as its largest reading', async () => {
    const { socket, got } = await opened()
    const reading = 'x'.repeat(60_000)
    socket.send(connect())
    socket.send(publish(TOPIC, reading, 1, 1))
    await until(() => got() === '2002000040020001')
    expect(texts()).toEqual([reading])
  })

  test('messages with nothing in them end the connection before they hold anybody up', async () => {
    const { socket, got } = await opened()
    socket.send(connect())
    await until(() => got() === '20020000')
    for (let n = 0; n < 20; n++) socket.send(Buffer.alloc(0))
    await once(socket, 'close')
    expect(refused()).toEqual(['protocol.violation', 'WebSocket messages with nothing in them'])
  })

  test('a reading in a thousand messages of one byte is taken in, bit by bit', async () => {
    const { socket, got } = await opened()
    const bytes = Buffer.concat([connect(), publish(TOPIC, 'x'.repeat(600), 1, 1)])
    for (const byte of bytes) socket.send(Buffer.from([byte]))
    await until(() => got() === '2002000040020001')
    expect(bench.broker.figures().mqtt_paced_total).toBeGreaterThan(0)
  })
})
