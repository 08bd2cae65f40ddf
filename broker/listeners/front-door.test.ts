import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectPacket, packet, publishPacket, startTestBench, type TestBench, until } from '../test-bench.ts'

let bench: TestBench
afterEach(() => bench.stop())

/** Resolves with all that the broker sent when it has ended the connection. */
const ended = async (socket: Socket): Promise<string> => {
  const got: Buffer[] = []
  socket.on('data', (chunk: Buffer) => got.push(chunk))
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(got).toString('latin1')
}
const reasons = (): string[] => [...bench.broker.refusals.totals.keys()]

describe('at the door', () => {
  test('who says nothing, or half a CONNECT, is cut off in time', async () => {
    bench = await startTestBench({ config: { connectTimeoutMs: 50 } })
    const silent = await bench.socket()
    const slow = await bench.socket()
    const half = connectPacket('meter-1')
    slow.write(half.subarray(0, half.length - 1))
    const late = new WebSocket(`ws://127.0.0.1:${bench.broker.port}/mqtt`, 'mqtt')
    // On a busy machine its time is over before the handshake is: then it hears of the end as an error first.
    late.on('error', () => undefined)
    const isCut = new Promise((resolve) => late.once('close', resolve))
    await Promise.all([ended(silent), ended(slow), isCut])
    expect(bench.broker.refusals.totals).toEqual(new Map([['limit.connect-time', 3]]))
  })

  test('half a request for a WebSocket keeps no socket, nor does a refused one that is never hung up', async () => {
    bench = await startTestBench({ config: { connectTimeoutMs: 50 } })
    const half = await bench.socket()
    half.write('GET /mqtt HTTP/1.1\r\nHost: hydrant\r\n')
    const refused = connect({ port: bench.broker.port, host: '127.0.0.1', allowHalfOpen: true })
    refused.write('GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(await ended(half)).toBe('')
    await until(() => bench.broker.figures().mqtt_connections === 0)
    refused.destroy()
    expect(bench.broker.refusals.totals.get('limit.connect-time')).toBe(1)
  })

  test('who has connected in time may be silent afterwards', async () => {
    bench = await startTestBench({ config: { connectTimeoutMs: 50 } })
    const client = await bench.connected('meter-1')
    // Whoever came after it and said nothing is cut off when its own time would have been over.
    await ended(await bench.socket())
    await client.publishAsync('v1/devices/me/telemetry', '{}', { qos: 1 })
    expect(client.connected).toBe(true)
  })

  test('who speaks neither MQTT nor HTTP is cut off', async () => {
    bench = await startTestBench()
    const socket = await bench.socket()
    socket.write('\x16\x03\x01')
    expect(await ended(socket)).toBe('')
    expect(reasons()).toEqual(['protocol.violation'])
  })

  test('a browser that calls gets told what this port is', async () => {
    bench = await startTestBench()
    const answer = await fetch(`http://127.0.0.1:${bench.broker.port}/`)
    expect(answer.status).toBe(426)
    expect(await answer.text()).toContain('MQTT')
  })

  test('a WebSocket without the subprotocol, or with text frames, is refused', async () => {
    bench = await startTestBench()
    const plain = new WebSocket(`ws://127.0.0.1:${bench.broker.port}/mqtt`)
    const [error] = await once(plain, 'error')
    expect(String(error)).toContain('400')
    const text = new WebSocket(`ws://127.0.0.1:${bench.broker.port}/mqtt`, 'mqtt')
    await once(text, 'open')
    text.send('hello')
    await once(text, 'close')
    expect(bench.broker.sessions.size).toBe(0)
  })

  test('beyond the most connections nobody more comes in, and those inside stay', async () => {
    bench = await startTestBench({ config: { maxConnections: 1 } })
    const client = await bench.connected('meter-1')
    expect(await ended(await bench.socket())).toBe('')
    expect(client.connected).toBe(true)
    expect(reasons()).toEqual(['limit.connections'])
  })

  test('10 MB are cut off at their first bytes, without memory for them', async () => {
    bench = await startTestBench()
    const socket = await bench.socket()
    socket.write(Buffer.concat([connectPacket('meter-1'), Buffer.from([0x32, 0x80, 0xad, 0xe2, 0x04])]))
    const over = ended(socket)
    const lump = Buffer.alloc(1024 * 1024)
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 10 && !socket.destroyed; i++) socket.write(lump)
    await over
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * lump.length)
    expect(bench.broker.refusals.take(0)).toMatchObject([{ reason: 'limit.packet-size', deviceId: 'meter-1' }])
    expect(bench.journal.of('telemetry')).toEqual([])
  })

  test('10 MB in one WebSocket message are refused with their reason too, and the largest payload allowed is taken', async () => {
    bench = await startTestBench()
    const device = new WebSocket(`ws://127.0.0.1:${bench.broker.port}/mqtt`, 'mqtt')
    await once(device, 'open')
    device.send(connectPacket('meter-1'))
    await once(device, 'message')
    device.send(publishPacket('v1/devices/me/telemetry', 1, 'x'.repeat(64 * 1024), 2))
    await once(device, 'message')
    expect(bench.journal.of('telemetry')).toHaveLength(1)
    device.send(Buffer.alloc(10 * 1024 * 1024))
    await once(device, 'close')
    await until(() => bench.broker.sessions.size === 0)
    expect(bench.broker.refusals.take(0)).toMatchObject([{ reason: 'limit.packet-size', deviceId: 'meter-1' }])
  })

  test('a client of MQTT 5 hears that its version is not spoken', async () => {
    bench = await startTestBench()
    const client = bench.device('meter-1', { protocolVersion: 5 })
    const code = await new Promise((resolve) =>
      client.on('error', (error) => resolve((error as { code?: number }).code)),
    )
    expect(code).toBe(1)
  })

  test('whatever a device sends, the others are served', async () => {
    bench = await startTestBench()
    const good = await bench.connected('smoke-1')
    const valid = [
      publishPacket('v1/devices/me/telemetry', 1, '{}', 2),
      packet(0x62, [0, 1]),
      packet(0x82, [0, 1], [0, 1, 97], [0]),
      packet(0xa2, [0, 1], [0, 1, 97]),
      packet(0xc0),
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...valid), fc.uint8Array({ maxLength: 60 })), { maxLength: 8 }),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 6 }),
        async (packets, flips) => {
          const bytes = Buffer.concat([connectPacket('meter-1'), ...packets])
          for (const [at, value] of flips) bytes[at % bytes.length] = value
          const socket = await bench.socket()
          socket.resume()
          socket.end(bytes)
          await new Promise((resolve) => socket.once('close', resolve))
        },
      ),
      { numRuns: 150 },
    )
    await good.publishAsync('v1/devices/me/telemetry', 'still served', { qos: 1 })
    await until(() => bench.journal.of('telemetry').some((record) => record.text === 'still served'))
  })
})
