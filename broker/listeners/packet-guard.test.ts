import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectPacket, field, packet, publishPacket } from '../test-bench.ts'
import { PacketGuard } from './packet-guard.ts'
import type { Violation } from './packet-rules.ts'

const LIMITS = { maxPayload: 1000, maxConnect: 1024, maxTopic: 256, maxFilters: 8 }
const TOPIC = 'v1/devices/me/telemetry'
const CONNECT = connectPacket('meter-1', 'secret')

/** What gets through, and what ended it, when `bytes` arrive in pieces of `sizes`. */
function pass(bytes: Buffer, sizes: readonly number[] = [bytes.length]): { through: Buffer; violation?: Violation } {
  const through: Buffer[] = []
  const guard = new PacketGuard(LIMITS, (packets) => through.push(Buffer.from(packets)))
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1)
    // A socket's chunk is its own piece of memory.
    let violation = guard.push(Buffer.from(bytes.subarray(at, at + size)))
    while (violation === undefined && guard.surplus !== undefined) {
      const surplus = guard.surplus
      guard.surplus = undefined
      violation = guard.push(surplus)
    }
    if (violation !== undefined) return { through: Buffer.concat(through), violation }
    at += size
  }
  return { through: Buffer.concat(through) }
}
const afterConnect = (...packets: Buffer[]) => pass(Buffer.concat([CONNECT, ...packets])).violation

describe('what keeps to the protocol passes', () => {
  test.each(['#', '+', '/', '+/#', '/+', 'a/+/b', '+/+/c', '$SYS/#', '$share/g/#'])('the filter %s', (filter) => {
    expect(afterConnect(packet(0x82, [0, 1], field(filter), [0]))).toBeUndefined()
  })

  const session = Buffer.concat([
    CONNECT,
    packet(0x82, [0, 1], field('v1/devices/me/rpc/request/+'), [1]),
    publishPacket(TOPIC, 0, '{"volume":1}', 0),
    publishPacket(TOPIC, 1, 'x'.repeat(1000), 1),
    publishPacket(TOPIC, 2, '', 2),
    publishPacket('v1/设备', 3, 'any UTF-8 topic is MQTT', 1, true),
    packet(0x62, [0, 2]),
    packet(0x40, [0, 3]),
    packet(0xa2, [0, 4], field('v1/devices/me/rpc/request/+')),
    packet(0xc0),
    packet(0xe0),
  ])

  test('unchanged, however the network cuts it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const result = pass(session, sizes)
        expect(result.violation).toBeUndefined()
        expect(result.through.equals(session)).toBe(true)
      }),
    )
  })

  test('and nothing behind a DISCONNECT does', () => {
    const result = pass(Buffer.concat([session, Buffer.from([0xff, 0xff])]))
    expect(result.violation).toBeUndefined()
    expect(result.through.equals(session)).toBe(true)
  })

  test('until the client is known, nothing but its CONNECT', () => {
    const through: Buffer[] = []
    const guard = new PacketGuard(LIMITS, (packets) => through.push(packets))
    guard.push(Buffer.concat([CONNECT, publishPacket(TOPIC, 1, 'x')]))
    expect(Buffer.concat(through).equals(CONNECT)).toBe(true)
    expect(guard.surplus?.equals(publishPacket(TOPIC, 1, 'x'))).toBe(true)
  })
})

describe('what breaks it ends the connection', () => {
  const connectFlags = (flags: number, ...rest: (Uint8Array | number[])[]) =>
    pass(packet(0x10, field('MQTT'), [4, flags, 0, 0], ...rest)).violation?.detail

  test.each([
    ['another packet before CONNECT', pass(publishPacket(TOPIC, 1, 'x')).violation, 'MQTT-3.1.0-1'],
    ['a second CONNECT', afterConnect(CONNECT), 'MQTT-3.1.0-2'],
    ['a packet that only a server sends', afterConnect(packet(0x20, [0, 0])), 'only a server'],
    ['a reserved type', afterConnect(packet(0xf0)), 'only a server'],
    ['wrong flags', afterConnect(packet(0x80, [0, 1], field('a'), [0])), 'MQTT-2.2.2-2'],
    ['QoS 3', afterConnect(packet(0x36, field(TOPIC), [0, 1])), 'MQTT-3.3.1-4'],
    ['DUP with QoS 0', afterConnect(packet(0x38, field(TOPIC))), 'MQTT-3.3.1-2'],
    ['packet identifier 0', afterConnect(publishPacket(TOPIC, 0, 'x', 1)), 'MQTT-2.3.1-1'],
    ['PUBREL with identifier 0', afterConnect(packet(0x62, [0, 0])), 'MQTT-2.3.1-1'],
    ['SUBSCRIBE with identifier 0', afterConnect(packet(0x82, [0, 0], field('a'), [0])), 'MQTT-2.3.1-1'],
    ['a NUL in the topic', afterConnect(publishPacket('v1/\0', 1, 'x')), 'MQTT-1.5.3-2'],
    ['a wildcard in the topic', afterConnect(publishPacket('v1/+', 1, 'x')), 'MQTT-3.3.2-2'],
    ['an empty topic', afterConnect(publishPacket('', 1, 'x')), 'MQTT-4.7.3-1'],
    ['a topic that is not UTF-8', afterConnect(packet(0x32, field(Buffer.from([0xc0, 0x80])), [0, 1])), 'MQTT-1.5.3-1'],
    [
      'a surrogate in the topic',
      afterConnect(packet(0x32, field(Buffer.from([0xed, 0xa0, 0x80])), [0, 1])),
      'MQTT-1.5.3-1',
    ],
    ['a topic longer than its packet', afterConnect(packet(0x32, [0, 50, 97], [0, 1])), 'ends before'],
    ['SUBSCRIBE without a filter', afterConnect(packet(0x82, [0, 1])), 'MQTT-3.8.3-3'],
    ['a filter with QoS 3', afterConnect(packet(0x82, [0, 1], field('a'), [3])), 'MQTT-3.8.3-4'],
    ['a filter that is not UTF-8', afterConnect(packet(0x82, [0, 1], field(Buffer.from([0xff])), [0])), 'MQTT-1.5.3-1'],
    ['PUBACK of one byte', afterConnect(packet(0x40, [1])), 'ends before'],
    ['PINGREQ with a payload', afterConnect(packet(0xc0, [1])), 'behind the last field'],
    [
      'a remaining length of five bytes',
      pass(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])).violation,
      'MQTT-2.2.3',
    ],
    ['another protocol name', pass(packet(0x10, field('HTTP'), [4, 2, 0, 0], field('a'))).violation, 'MQTT-3.1.2-1'],
    [
      'bytes behind a CONNECT’s fields',
      pass(packet(0x10, field('MQTT'), [4, 2, 0, 0], field('a'), [0])).violation,
      'behind',
    ],
  ])('%s', (_what, violation, clause) => {
    expect(violation?.reason).toBe('protocol.violation')
    expect(violation?.detail).toContain(clause)
  })

  test.each([
    ['MQTT 5', 'MQTT', 5],
    ['MQTT 3.1 under the new name', 'MQTT', 3],
    ['the bridge level of another broker', 'MQTT', 0x84],
    ['3.1.1 under the old name', 'MQIsdp', 4],
  ])('%s is answered with return code 1 before the connection is closed', (_what, name, level) => {
    const { violation } = pass(packet(0x10, field(name), [level, 0xc2, 0, 0, 0], field('m'), field('m'), field('s')))
    expect(violation).toMatchObject({ reason: 'protocol.version', connack: 1 })
  })

  test('no client id in a session that is to be kept is answered with return code 2', () => {
    const { violation } = pass(packet(0x10, field('MQTT'), [4, 0, 0, 0], field('')))
    expect(violation).toMatchObject({ reason: 'protocol.violation', connack: 2 })
  })

  test.each(['a#', '#/a', 'a/#/b', 'a+', '+a', 'a+/b', 'a/b+c', '##', '++'])('the filter %s', (filter) => {
    expect(afterConnect(packet(0x82, [0, 1], field(filter), [0]))?.detail).toContain('MQTT-4.7.1-2')
    expect(afterConnect(packet(0xa2, [0, 1], field(filter)))?.detail).toContain('MQTT-4.7.1-2')
  })

  test('flags of CONNECT that contradict each other', () => {
    expect(connectFlags(0x03, field('a'))).toContain('MQTT-3.1.2-3')
    expect(connectFlags(0x1e, field('a'), field('t'), field('p'))).toContain('will QoS 3')
    expect(connectFlags(0x22, field('a'))).toContain('without a will')
    expect(connectFlags(0x42, field('a'), field('p'))).toContain('MQTT-3.1.2-22')
  })
})

describe('limits', () => {
  const nine = Array.from({ length: 9 }, (_, i) => Buffer.concat([field(`t${i}`), Buffer.from([0])]))
  test.each([
    ['a payload above the limit', afterConnect(publishPacket(TOPIC, 1, 'x'.repeat(1001))), 'limit.packet-size'],
    ['a CONNECT above 1 KiB', pass(connectPacket('m', 'x'.repeat(1024))).violation, 'limit.packet-size'],
    ['a topic above 256 bytes', afterConnect(publishPacket('t'.repeat(257), 1, '')), 'limit.topic-length'],
    ['nine filters', afterConnect(packet(0x82, [0, 1], ...nine)), 'limit.filters'],
  ])('%s', (_what, violation, reason) => expect(violation?.reason).toBe(reason))

  test('a packet of 10 MB is refused by its first four bytes, before anything of it is kept', () => {
    const guard = new PacketGuard({ ...LIMITS, maxPayload: 65_536 }, () => undefined)
    guard.push(CONNECT)
    expect(guard.push(Buffer.from([0x32, 0x80, 0xad, 0xe2, 0x04]))?.reason).toBe('limit.packet-size')
    expect(guard.heldBytes).toBe(0)
  })

  test('whatever bytes come, no exception, and never more than a packet is held', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.uint8Array({ maxLength: 2000 }),
        fc.integer({ min: 1, max: 700 }),
        (known, noise, size) => {
          const guard = new PacketGuard(LIMITS, () => undefined)
          if (known) guard.push(CONNECT)
          guard.surplus = undefined
          for (let at = 0; at < noise.length; at += size) {
            if (guard.push(Buffer.from(noise.subarray(at, at + size))) !== undefined) break
            expect(guard.heldBytes).toBeLessThan(3000)
          }
        },
      ),
    )
  })
})
