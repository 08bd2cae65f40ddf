import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Broker } from '../broker.ts'
import { field, packet, startTestBench, type TestBench } from '../test-bench.ts'
import { answer, connect, DISCONNECT, FLAG, PINGREQ, publish, RawClient, subscribe, unsubscribe } from './raw-client.ts'

/**
 * Every packet for which MQTT 3.1.1 says that the server must close the connection, over TCP against the real broker. A
 * row: clause, what is wrong, the bytes. Behind each comes a PINGREQ: an answer to it would mean that the connection stands.
 */
type Row = readonly [clause: string, what: string, bytes: Buffer]

const TOPIC = 'v1/devices/me/telemetry'
const COMMANDS = 'v1/devices/me/rpc/request/+'
const LATIN1 = Buffer.from([0x61, 0xff])
const OVERLONG = Buffer.from([0xc0, 0x80])
const SURROGATE = Buffer.from([0xed, 0xa0, 0x80])
const BEYOND_UNICODE = Buffer.from([0xf4, 0x90, 0x80, 0x80])
const HALF_CHARACTER = Buffer.from([0x61, 0xe6, 0xb0])
const NUL = 'a\0b'
const id = field('meter-1')
const secret = field('x')

/** Sent instead of a CONNECT. Nothing may be answered (MQTT-3.1.4-1), except where a return code is due. */
const INSTEAD_OF_CONNECT: readonly Row[] = [
  ['3.1.0-1', 'PUBLISH first', publish(TOPIC)],
  ['3.1.0-1', 'SUBSCRIBE first', subscribe(1, [COMMANDS, 0])],
  ['3.1.0-1', 'PINGREQ first', PINGREQ],
  ['3.1.0-1', 'DISCONNECT first', DISCONNECT],
  ['2.2.2-2', 'CONNECT with DUP', connect({ first: 0x18 })],
  ['2.2.2-2', 'CONNECT with QoS 1', connect({ first: 0x12 })],
  ['2.2.2-2', 'CONNECT with RETAIN', connect({ first: 0x11 })],
  ['2.2.3', 'a remaining length of five bytes', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])],
  ['3.1.2-1', 'protocol name HTTP', connect({ name: 'HTTP' })],
  ['3.1.2-1', 'protocol name mqtt', connect({ name: 'mqtt' })],
  ['3.1.2-1', 'no protocol name', connect({ name: '' })],
  ['1.5.3-1', 'protocol name not UTF-8', connect({ name: Buffer.from([0x4d, 0x51, 0x54, 0xff]) })],
  ['3.1.2-3', 'the reserved connect flag', connect({ flags: 0xc2 | FLAG.reserved })],
  ['3.1.2-11', 'will QoS without a will', connect({ flags: 0xc2 | FLAG.willQos1 })],
  ['3.1.2-13', 'will QoS 1 and a will flag of 0', connect({ flags: FLAG.clean | FLAG.willQos1, payload: [id] })],
  [
    '3.1.2-14',
    'will QoS 3',
    connect({ flags: FLAG.clean | FLAG.will | FLAG.willQos3, payload: [id, field(TOPIC), field('x')] }),
  ],
  ['3.1.2-15', 'will retain without a will', connect({ flags: FLAG.clean | FLAG.willRetain, payload: [id] })],
  ['3.1.2-9', 'a will flag and no will', connect({ flags: FLAG.clean | FLAG.will, payload: [id] })],
  [
    '3.1.2-9',
    'a will topic and no will message',
    connect({ flags: FLAG.clean | FLAG.will, payload: [id, field(TOPIC)] }),
  ],
  ['3.1.2-18', 'a user name and a flag of 0', connect({ flags: FLAG.clean, payload: [id, id] })],
  ['3.1.2-19', 'a user name flag and no user name', connect({ flags: FLAG.clean | FLAG.user, payload: [id] })],
  ['3.1.2-20', 'a password and a flag of 0', connect({ flags: FLAG.clean | FLAG.user, payload: [id, id, secret] })],
  ['3.1.2-21', 'a password flag and no password', connect({ flags: 0xc2, payload: [id, id] })],
  ['3.1.2-22', 'a password without a user name', connect({ flags: FLAG.clean | FLAG.password, payload: [id, secret] })],
  ['3.1.3-3', 'no client id field', connect({ flags: FLAG.clean, payload: [] })],
  ['3.1.3-4', 'a client id that is not UTF-8', connect({ flags: FLAG.clean, payload: [field(LATIN1)] })],
  ['1.5.3-2', 'U+0000 in the client id', connect({ flags: FLAG.clean, payload: [field(NUL)] })],
  ['3.1.3-11', 'a user name that is not UTF-8', connect({ payload: [id, field(OVERLONG), secret] })],
  ['1.5.3-2', 'U+0000 in the user name', connect({ payload: [id, field(NUL), secret] })],
  [
    '3.1.3-10',
    'a will topic that is not UTF-8',
    connect({ flags: FLAG.clean | FLAG.will, payload: [id, field(SURROGATE), field('x')] }),
  ],
  [
    '1.5.3-2',
    'U+0000 in the will topic',
    connect({ flags: FLAG.clean | FLAG.will, payload: [id, field(NUL), field('x')] }),
  ],
  [
    '3.1.4-1',
    'a client id longer than its packet',
    connect({ flags: FLAG.clean, payload: [Buffer.from([0, 9, 0x61])] }),
  ],
  ['3.1.4-1', 'half a length', connect({ flags: FLAG.clean, payload: [Buffer.from([0])] })],
  ['3.1.4-1', 'bytes behind the last field', connect({ payload: [id, id, secret, Buffer.from([0])] })],
  ['3.1.4-1', 'a CONNECT that ends behind the protocol name', packet(0x10, field('MQTT'))],
  ['3.1.4-1', 'a CONNECT that ends behind the level', packet(0x10, field('MQTT'), [4])],
  ['3.1.4-1', 'an empty CONNECT', packet(0x10)],
]

const onlyAServer = [0x20, 0x90, 0xb0, 0xd0]
const reservedTypes = [0x00, 0xf0]

/** Sent by a device that is connected and in good standing. */
const AFTER_CONNECT: readonly Row[] = [
  ['3.1.0-2', 'a second CONNECT', connect()],
  ...reservedTypes.map((first): Row => ['2.2.1', `the reserved type ${first >> 4}`, packet(first)]),
  ...onlyAServer.map((first): Row => ['2.2.1', `type ${first >> 4}, which only a server sends`, packet(first, [0, 1])]),
  ...[0x41, 0x42, 0x44, 0x48].map((first): Row => ['2.2.2-2', 'PUBACK with reserved flags', answer(first, 1)]),
  ...[0x51, 0x52, 0x58].map((first): Row => ['2.2.2-2', 'PUBREC with reserved flags', answer(first, 1)]),
  ...[0x60, 0x61, 0x63, 0x66, 0x6a].map((first): Row => ['3.6.1-1', 'PUBREL without 0010', answer(first, 1)]),
  ...[0x71, 0x72, 0x78].map((first): Row => ['2.2.2-2', 'PUBCOMP with reserved flags', answer(first, 1)]),
  ...[0x80, 0x81, 0x83, 0x86, 0x8a].map(
    (first): Row => ['3.8.1-1', 'SUBSCRIBE without 0010', packet(first, [0, 1], field(COMMANDS), [0])],
  ),
  ...[0xa0, 0xa1, 0xa3, 0xa6, 0xaa].map(
    (first): Row => ['3.10.1-1', 'UNSUBSCRIBE without 0010', packet(first, [0, 1], field(COMMANDS))],
  ),
  ...[0xc1, 0xc2, 0xc8].map((first): Row => ['2.2.2-2', 'PINGREQ with reserved flags', packet(first)]),
  ...[0xe1, 0xe2, 0xe8].map((first): Row => ['3.14.1-1', 'DISCONNECT with reserved flags', packet(first)]),
  ['2.2.3', 'a remaining length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])],
  ['3.3.1-2', 'PUBLISH with QoS 0 and DUP', publish(TOPIC, 'x', 0, 0, 8)],
  ['3.3.1-4', 'PUBLISH with QoS 3', packet(0x36, field(TOPIC), [0, 1])],
  ['2.3.1-1', 'PUBLISH of QoS 1 with identifier 0', publish(TOPIC, 'x', 1, 0)],
  ['2.3.1-1', 'PUBLISH of QoS 2 with identifier 0', publish(TOPIC, 'x', 2, 0)],
  ['2.3.1-1', 'SUBSCRIBE with identifier 0', subscribe(0, [COMMANDS, 0])],
  ['2.3.1-1', 'UNSUBSCRIBE with identifier 0', unsubscribe(0, COMMANDS)],
  ...[0x40, 0x50, 0x62, 0x70].map(
    (first): Row => ['2.3.1-1', `type ${first >> 4} with identifier 0`, answer(first, 0)],
  ),
  ['3.3.2-1', 'a topic that is not UTF-8', publish(LATIN1)],
  ['1.5.3-1', 'a topic with an overlong form', publish(OVERLONG)],
  ['1.5.3-1', 'a topic with half a surrogate pair', publish(SURROGATE)],
  ['1.5.3-1', 'a topic beyond Unicode', publish(BEYOND_UNICODE)],
  ['1.5.3-1', 'a topic that ends within a character', publish(HALF_CHARACTER)],
  ['1.5.3-2', 'a topic with U+0000', publish(NUL)],
  ['3.3.2-2', 'a topic with +', publish('v1/devices/+/telemetry')],
  ['3.3.2-2', 'a topic with #', publish('v1/#')],
  ['4.7.3-1', 'an empty topic', publish('')],
  ['4.8.0-1', 'PUBLISH without a topic', packet(0x32)],
  ['4.8.0-1', 'PUBLISH with half a length', packet(0x32, [0])],
  ['4.8.0-1', 'a topic longer than its packet', packet(0x32, [0, 50, 0x61], [0, 1])],
  ['4.8.0-1', 'PUBLISH of QoS 1 without an identifier', packet(0x32, field(TOPIC))],
  ['4.8.0-1', 'PUBLISH of QoS 1 with half an identifier', packet(0x32, field(TOPIC), [1])],
  ...[0x40, 0x50, 0x62, 0x70].map((first): Row => ['4.8.0-1', `type ${first >> 4} without identifier`, packet(first)]),
  ...[0x40, 0x50, 0x62, 0x70].map(
    (first): Row => ['4.8.0-1', `type ${first >> 4} with three bytes`, packet(first, [0, 1, 0])],
  ),
  ['3.8.3-3', 'SUBSCRIBE without a filter', packet(0x82, [0, 1])],
  ['3.8.3-1', 'a filter that is not UTF-8', subscribe(1, [LATIN1, 0])],
  ['1.5.3-2', 'a filter with U+0000', subscribe(1, [NUL, 0])],
  ['4.7.3-1', 'an empty filter', subscribe(1, ['', 0])],
  ['3.8.3-4', 'a requested QoS of 3', subscribe(1, [COMMANDS, 3])],
  ...[0x04, 0x10, 0x80].map(
    (bits): Row => ['3.8.3-4', 'reserved bits of a requested QoS', subscribe(1, [COMMANDS, bits])],
  ),
  ['4.8.0-1', 'a filter without a QoS', packet(0x82, [0, 1], field(COMMANDS))],
  ['4.8.0-1', 'a second filter that is cut off', packet(0x82, [0, 1], field(COMMANDS), [0], [0, 9, 0x61])],
  ...['a#', '#/a', 'a/#/b', 'a/b#'].map(
    (filter): Row => ['4.7.1-2', `the filter ${filter}`, subscribe(1, [filter, 0])],
  ),
  ...['a+', '+a', 'a/+b', 'a+/b'].map((filter): Row => ['4.7.1-3', `the filter ${filter}`, subscribe(1, [filter, 0])]),
  ['3.10.3-2', 'UNSUBSCRIBE without a filter', packet(0xa2, [0, 1])],
  ['3.10.3-1', 'UNSUBSCRIBE of a filter that is not UTF-8', unsubscribe(1, LATIN1)],
  ['4.7.3-1', 'UNSUBSCRIBE of an empty filter', unsubscribe(1, '')],
  ['4.7.1-2', 'UNSUBSCRIBE of a#', unsubscribe(1, 'a#')],
  ['4.8.0-1', 'SUBSCRIBE without an identifier', packet(0x82)],
  ['4.8.0-1', 'UNSUBSCRIBE without an identifier', packet(0xa2)],
  ['4.8.0-1', 'PINGREQ with a payload', packet(0xc0, [0])],
  ['4.8.0-1', 'DISCONNECT with a payload', packet(0xe0, [0])],
]

/** Not a violation of MQTT, but not allowed here; there is no negative PUBACK (MQTT-3.3.5-2), so the connection is closed. */
const NOT_ALLOWED: readonly Row[] = [
  ['3.3.5-2', "another device's topic", publish('v1/devices/meter-2/telemetry')],
  ['3.3.5-2', 'a topic outside the contract', publish('TopicA/B')],
  ['3.3.5-2', 'a topic of the server', publish('$SYS/broker/uptime')],
  ['3.3.5-2', 'its own command topic', publish('v1/devices/me/rpc/request/1')],
  ['3.3.1.3', 'a retained message', publish(TOPIC, 'x', 1, 1, 1)],
  ['3.3.1.3', 'a retained message that is empty', publish(TOPIC, '', 0, 0, 1)],
]

describe('the connection is closed', () => {
  let bench: TestBench
  let broker: Broker
  beforeAll(async () => {
    bench = await startTestBench()
    broker = bench.broker
  })
  afterAll(() => bench.stop())
  const dial = async (): Promise<RawClient> => new RawClient(await bench.socket())

  test.each(INSTEAD_OF_CONNECT)('[MQTT-%s] %s, and nothing is answered', async (_clause, _what, bytes) => {
    const before = broker.refusals.totals.get('protocol.violation') ?? 0
    const client = (await dial()).send(bytes, PINGREQ)
    await client.ended()
    expect(client.hex).toBe('')
    expect(broker.refusals.totals.get('protocol.violation')).toBe(before + 1)
  })

  test.each(AFTER_CONNECT)('[MQTT-%s] %s', async (_clause, _what, bytes) => {
    const client = (await dial()).send(connect())
    await client.got(1)
    const before = broker.refusals.totals.get('protocol.violation') ?? 0
    client.send(bytes, PINGREQ)
    await client.ended()
    expect(client.hex).toBe('20020000')
    expect(broker.refusals.totals.get('protocol.violation')).toBe(before + 1)
    expect(bench.journal.of('telemetry')).toEqual([])
  })

  test.each(NOT_ALLOWED)('[MQTT-%s] %s', async (_clause, _what, bytes) => {
    const client = (await dial()).send(connect())
    await client.got(1)
    client.send(bytes, PINGREQ)
    await client.ended()
    expect(client.hex).toBe('20020000')
    expect(bench.journal.of('telemetry')).toEqual([])
  })

  test.each([
    ['3.1.2-2', 'MQTT 5', connect({ level: 5 }), 1],
    ['3.1.2-2', 'level 3 of MQTT', connect({ level: 3 }), 1],
    ['3.1.2-2', 'level 0x84, which bridges use', connect({ level: 0x84 }), 1],
    ['3.1.2-2', 'level 6 with a layout of its own', packet(0x10, field('MQTT'), [6, 0xff, 0, 0, 1, 2, 3]), 1],
    ['3.1.3-8', 'no client id in a session to be kept', connect({ flags: 0xc0, id: '' }), 2],
    ['3.1.3-9', 'a client id that is not the user name', connect({ payload: [field('other'), id, secret] }), 2],
    ['3.1.4-2', 'an unknown device', connect({ id: 'nobody' }), 5],
    ['3.1.4-2', 'a wrong secret', connect({ payload: [id, id, secret] }), 5],
    ['3.1.4-2', 'no secret', connect({ flags: FLAG.clean | FLAG.user, payload: [id, id] }), 5],
  ])('[MQTT-%s] %s is told so first, and what follows is not looked at', async (_clause, _what, bytes, code) => {
    const client = (await dial()).send(bytes, publish(TOPIC, 'behind a refused CONNECT'), PINGREQ)
    await client.ended()
    // MQTT-3.2.2-4: session present is 0 beside every code but 0. MQTT-3.2.2-5: then it is closed.
    expect(client.hex).toBe(`2002000${code}`)
    expect(bench.journal.of('telemetry')).toEqual([])
  })

  test('[MQTT-3.14.4-2] after DISCONNECT, and nothing behind it is looked at', async () => {
    const client = (await dial()).send(connect())
    await client.got(1)
    client.send(DISCONNECT, publish(TOPIC), Buffer.from([0xff, 0xff]))
    await client.ended()
    expect(client.hex).toBe('20020000')
    expect(bench.journal.of('telemetry')).toEqual([])
  })

  test('[MQTT-3.1.2-24] when nothing has come for one and a half times the keep-alive, and not before', async () => {
    const client = (await dial()).send(connect({ keepaliveS: 1 }))
    await client.got(1)
    const since = performance.now()
    await client.ended()
    expect(performance.now() - since).toBeGreaterThan(1400)
    expect(broker.sessions.ends.get('keepalive')).toBe(1)
  })

  test('whatever happened above, the next device is served', async () => {
    const client = (await dial()).send(connect(), publish(TOPIC, '{}', 1, 7))
    expect(await client.got(2)).toEqual(['200000', '400007'])
  })
})
