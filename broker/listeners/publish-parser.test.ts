import { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { Aedes } from 'aedes'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPacket, packet, publishPacket, SECRET } from '../test-bench.ts'
import { forgetConnect, readPublishesDirectly } from './publish-parser.ts'

interface Parser {
  parse(bytes: Buffer): unknown
  on(event: 'packet', listener: (packet: Record<string, unknown>) => void): unknown
  removeAllListeners(event: 'packet'): unknown
}

const aedes = new Aedes()
beforeAll(() => aedes.listen())
afterAll(() => new Promise<void>((resolve) => aedes.close(resolve)))

/** A client of the installed aedes, and the parser it was given. */
function newClient(): { client: object; parser: Parser; close: () => void } {
  const client = aedes.handle(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }))
  return { client, parser: (client as unknown as { _parser: Parser })._parser, close: () => client.close() }
}

/** What comes out of a parser for `bytes`, as far as aedes and the gate look at it. */
function packetsOf(parser: Parser, bytes: Buffer): object[] {
  const packets: object[] = []
  parser.removeAllListeners('packet')
  parser.on('packet', ({ cmd, qos, dup, retain, topic, messageId, payload }) =>
    packets.push({
      cmd,
      qos,
      dup,
      retain,
      topic,
      messageId: messageId ?? undefined,
      payload: payload instanceof Uint8Array ? Buffer.from(payload).toString('hex') : undefined,
    }),
  )
  parser.parse(bytes)
  return packets
}

test('reads every PUBLISH as mqtt-packet does, and leaves it all others', () => {
  const publish = fc
    .tuple(
      fc.constantFrom('v1/devices/me/telemetry', 'v1/devices/me/attributes', 'v1/设备/x'),
      fc.integer({ min: 1, max: 65_535 }),
      fc.string({ maxLength: 300 }),
      fc.constantFrom<0 | 1 | 2>(0, 1, 2),
      fc.boolean(),
    )
    .map(([topic, id, payload, qos, dup]) => publishPacket(topic, id, payload, qos, dup && qos > 0))
  const other = fc.constantFrom(packet(0xc0), packet(0x62, [1, 2]), packet(0x82, [0, 1], [0, 1, 97], [1]))
  const ordinary = newClient()
  const direct = newClient()
  expect(readPublishesDirectly(direct.client)).toBe(true)
  fc.assert(
    fc.property(fc.array(fc.oneof(publish, other), { maxLength: 20 }), (packets) => {
      const bytes = Buffer.concat(packets)
      const got = packetsOf(direct.parser, bytes)
      expect(got).toEqual(packetsOf(ordinary.parser, bytes))
      expect(got).toHaveLength(packets.length)
    }),
  )
  ordinary.close()
  direct.close()
})

test('a client that keeps its parser elsewhere is left alone', () => {
  expect(readPublishesDirectly({})).toBe(false)
})

test('once a device is signed in, its secret is not kept, and what it says is read as before', () => {
  const { client, parser, close } = newClient()
  packetsOf(parser, connectPacket('meter-1'))
  expect(inspect(client, { depth: 4 })).toContain(Buffer.from(SECRET).toString('hex', 0, 8).match(/../g)?.join(' '))
  forgetConnect(client)
  expect(inspect(client, { depth: 4 })).not.toContain(Buffer.from(SECRET).toString('hex', 0, 8).match(/../g)?.join(' '))
  expect(packetsOf(parser, packet(0xc0))).toMatchObject([{ cmd: 'pingreq' }])
  close()
})
