import { afterEach, describe, expect, test } from 'vitest'
import { field, startTestBench, type TestBench, type TestBenchOptions, until } from '../test-bench.ts'
import {
  answer,
  connect,
  connectKept,
  DISCONNECT,
  FLAG,
  PINGREQ,
  publish,
  RawClient,
  subscribe,
  unsubscribe,
} from './raw-client.ts'

/** What MQTT 3.1.1 asks of a server that answers: chapters 3 and 4 of the specification, against the real broker. */

const TOPIC = 'v1/devices/me/telemetry'
const COMMANDS = 'v1/devices/me/rpc/request/+'
const OWN_COMMANDS = 'v1/devices/meter-1/rpc/request/+'
const ACCEPTED = '200000'
const RESUMED = '200100'
const SECRET_FIELDS = 0xc0

let bench: TestBench
afterEach(() => bench.stop())
const start = async (options: TestBenchOptions = {}): Promise<void> => {
  bench = await startTestBench(options)
}
const dial = async (): Promise<RawClient> => new RawClient(await bench.socket())
/** A device that is connected. */
const device = async (connectBytes = connect()): Promise<RawClient> => {
  const client = (await dial()).send(connectBytes)
  await client.got(1)
  return client
}
const command = (n: number, text = 'x'): Promise<boolean> => bench.broker.sendCommand('meter-1', n, Buffer.from(text))
const texts = (): string[] => bench.journal.of('telemetry').map((record) => record.text)
const gone = (): Promise<void> => until(() => bench.broker.sessions.size === 0)
/** The PUBLISH packets that came, as [first byte, topic, identifier, payload]. */
const published = (client: RawClient): [string, string, number, string][] =>
  client.packets
    .filter(({ first }) => first >> 4 === 3)
    .map(({ first, body }) => {
      const end = 2 + body.readUInt16BE(0)
      const hasId = (first & 6) !== 0
      return [
        first.toString(16),
        body.toString('utf8', 2, end),
        hasId ? body.readUInt16BE(end) : 0,
        body.toString('utf8', hasId ? end + 2 : end),
      ]
    })

describe('3.1 CONNECT, 3.2 CONNACK', () => {
  test('[MQTT-3.1.3-6] who gives no client id is known by the name it signs in with', async () => {
    await start()
    const client = await device(
      connect({ payload: [field(''), field('meter-1'), field('a secret of 256 bits, or so we say')] }),
    )
    client.send(subscribe(1, [COMMANDS, 1]), publish(TOPIC, 'x', 1, 2))
    expect(await client.got(3)).toEqual([ACCEPTED, '90000101', '400002'])
    expect(bench.journal.of('telemetry')[0]?.deviceId).toBe('meter-1')
    expect(await command(1)).toBe(true)
  })

  test('[MQTT-3.1.4-5] what comes right behind CONNECT is answered behind CONNACK, in order', async () => {
    await start()
    const client = (await dial()).send(connect(), publish(TOPIC, 'a', 1, 1), PINGREQ, subscribe(9, [COMMANDS, 1]))
    const got = await client.got(4)
    expect(got[0]).toBe(ACCEPTED)
    expect(got.slice(1).sort()).toEqual(['400001', '90000901', 'd0'])
  })

  test('a CONNECT and a PUBLISH byte by byte are what they are in one piece', async () => {
    await start()
    const client = await dial()
    client.socket.setNoDelay(true)
    for (const byte of Buffer.concat([connect(), publish(TOPIC, 'slow', 1, 3)])) {
      client.send(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.got(2)).toEqual([ACCEPTED, '400003'])
    expect(texts()).toEqual(['slow'])
  })

  test('[MQTT-3.2.2-2] a kept session is said to be there, also when nothing is in it; [MQTT-3.1.2-6] a clean one discards it', async () => {
    await start()
    for (const [connectBytes, expected] of [
      [connectKept(), ACCEPTED],
      [connectKept(), RESUMED],
      [connect(), ACCEPTED],
      [connectKept(), ACCEPTED],
      [connectKept(), RESUMED],
    ] as const) {
      const client = await device(connectBytes)
      expect(await client.got(1)).toEqual([expected])
      client.send(DISCONNECT)
      await gone()
    }
  })

  test('[MQTT-3.1.4-2] a second connection of the same device ends the first', async () => {
    await start()
    const first = await device()
    const second = await device()
    await first.ended()
    second.send(PINGREQ)
    expect(await second.got(2)).toEqual([ACCEPTED, 'd0'])
  })

  test('MQTT 3.1, the predecessor, is spoken too', async () => {
    await start()
    const client = await device(connect({ name: 'MQIsdp', level: 3 }))
    client.send(publish(TOPIC, 'old meter', 1, 5))
    expect(await client.got(2)).toEqual([ACCEPTED, '400005'])
  })
})

describe('the will', () => {
  const will = (qos = 0, topic = TOPIC): Buffer =>
    connect({
      flags: SECRET_FIELDS | FLAG.clean | FLAG.will | (qos << 3),
      payload: [
        field('meter-1'),
        field(topic),
        field('gone'),
        field('meter-1'),
        field('a secret of 256 bits, or so we say'),
      ],
    })

  test.each([0, 1, 2])('[MQTT-3.1.2-8] with QoS %i is stored when the connection is lost', async (qos) => {
    await start()
    const client = await device(will(qos))
    client.socket.destroy()
    await until(() => texts().length === 1)
    expect(texts()).toEqual(['gone'])
  })

  test('[MQTT-3.1.2-8] and when the protocol is broken, the keep-alive runs out or another takes over', async () => {
    await start()
    const broken = await device(will())
    broken.send(Buffer.from([0xf0, 0]))
    await until(() => texts().length === 1)
    await device(will())
    await device()
    await until(() => texts().length === 2)
  })

  test('[MQTT-3.14.4-3] not after a DISCONNECT', async () => {
    await start()
    const client = await device(will())
    client.send(DISCONNECT)
    await client.ended()
    await until(() => bench.journal.of('disconnected').length === 1)
    expect(texts()).toEqual([])
  })

  test('[MQTT-3.1.4-2] not when its CONNECT was refused', async () => {
    await start()
    const foreign = (await dial()).send(will(0, 'v1/devices/meter-2/telemetry'))
    await foreign.ended()
    expect(foreign.hex).toBe('20020005')
    expect(bench.broker.refusals.take(0)).toMatchObject([{ reason: 'acl.publish', deviceId: 'meter-1' }])
    expect(texts()).toEqual([])
  })

  test('is not held against a device in whose name a stranger brings one', async () => {
    await start()
    const fields = [field('meter-1'), field('foreign/topic'), field('gone'), field('meter-1'), field('wrong')]
    const stranger = (await dial()).send(
      connect({ flags: SECRET_FIELDS | FLAG.clean | FLAG.will | FLAG.willRetain, payload: fields }),
    )
    await stranger.ended()
    expect([...bench.broker.refusals.totals.keys()]).toEqual(['auth.unknown-or-wrong'])
  })
})

describe('4.3 quality of service, upwards', () => {
  test('QoS 0 is stored and not answered, QoS 1 is answered by PUBACK, QoS 2 by PUBREC and PUBCOMP', async () => {
    await start()
    const client = await device()
    client.send(publish(TOPIC, 'zero', 0), publish(TOPIC, 'one', 1, 10), publish(TOPIC, 'two', 2, 11))
    expect(await client.got(3)).toEqual([ACCEPTED, '40000a', '50000b'])
    client.send(answer(0x62, 11))
    expect((await client.got(4))[3]).toBe('70000b')
    expect(texts()).toEqual(['zero', 'one', 'two'])
  })

  test('[MQTT-4.3.3-2] a QoS 2 publish that comes again before its PUBREL is answered again and stored once', async () => {
    await start()
    const client = await device()
    client.send(publish(TOPIC, 'once', 2, 5), publish(TOPIC, 'once', 2, 5, 8))
    expect((await client.got(3)).slice(1)).toEqual(['500005', '500005'])
    client.send(answer(0x62, 5))
    await client.got(4)
    // The identifier is free again: the same bytes are a new message.
    client.send(publish(TOPIC, 'once', 2, 5))
    await client.got(5)
    expect(texts()).toEqual(['once', 'once'])
  })

  test('[MQTT-4.3.3-2] also when it comes again after the connection was lost', async () => {
    await start()
    const first = await device(connectKept())
    first.send(publish(TOPIC, 'once', 2, 5))
    await first.got(2)
    first.socket.destroy()
    await gone()
    const second = await device(connectKept())
    second.send(publish(TOPIC, 'once', 2, 5, 8), answer(0x62, 5))
    expect(await second.got(3)).toEqual([RESUMED, '500005', '700005'])
    expect(texts()).toEqual(['once'])
  })

  test('PUBREL for an identifier that nobody knows is answered all the same; other acknowledgements are passed over', async () => {
    await start()
    const client = await device()
    client.send(answer(0x62, 77), answer(0x40, 78), answer(0x70, 79), PINGREQ)
    expect((await client.got(3)).sort()).toEqual([ACCEPTED, '70004d', 'd0'])
  })

  test('[MQTT-4.6.0-2] acknowledgements come in the order of the publishes', async () => {
    await start()
    const client = await device()
    client.send(...Array.from({ length: 200 }, (_, i) => publish(TOPIC, `${i}`, 1 + (i % 2), i + 1)))
    const ids = (await client.got(201)).slice(1).map((hex) => Number.parseInt(hex.slice(2), 16))
    const of = (parity: number): number[] => ids.filter((id) => id % 2 === parity)
    expect(of(1)).toEqual([...of(1)].sort((a, b) => a - b))
    expect(of(0)).toEqual([...of(0)].sort((a, b) => a - b))
    expect(ids).toHaveLength(200)
    expect(texts()).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`))
  })
})

describe('3.8 SUBSCRIBE, 3.10 UNSUBSCRIBE', () => {
  test('[MQTT-3.8.4-5] every filter has a return code, in order, a refused one 0x80, a repeated one its own', async () => {
    await start()
    const client = await device()
    client.send(
      subscribe(1, [COMMANDS, 0], ['#', 2], [OWN_COMMANDS, 2]),
      subscribe(2, [COMMANDS, 0], [COMMANDS, 2], ['+/+', 0], ['+/+', 1]),
    )
    expect((await client.got(3)).slice(1).sort()).toEqual(['900001008002', '900002000280' + '80'])
  })

  test.each([
    '#',
    '+',
    '/#',
    '+/+',
    'TopicA/#',
    '$SYS/#',
    '$share/group/v1/devices/me/rpc/request/+',
    'v1/devices/+/rpc/request/+',
  ])('the filter %s is not granted, and the connection stands', async (filter) => {
    await start()
    const client = await device()
    client.send(subscribe(1, [filter, 2]), PINGREQ)
    expect((await client.got(3)).sort()).toEqual([ACCEPTED, '90000180', 'd0'])
  })

  test('[MQTT-3.10.4-5] UNSUBSCRIBE is answered, also of what was never subscribed to, and commands end', async () => {
    await start()
    const client = await device()
    client.send(subscribe(1, [COMMANDS, 1]))
    await client.got(2)
    expect(await command(1)).toBe(true)
    client.send(unsubscribe(2, COMMANDS, 'never/heard/of'))
    expect((await client.got(4)).at(-1)).toBe('b00002')
    expect(await command(2)).toBe(false)
  })

  test('[MQTT-3.8.4-3] the same filter again replaces the first', async () => {
    await start()
    const client = await device()
    client.send(subscribe(1, [COMMANDS, 2]))
    await client.got(2)
    client.send(subscribe(2, [COMMANDS, 0]))
    await client.got(3)
    await command(1)
    await client.got(4)
    expect(published(client)).toEqual([['30', 'v1/devices/me/rpc/request/1', 0, 'x']])
  })
})

describe('commands, downwards', () => {
  test.each([
    [0, '30'],
    [1, '32'],
    [2, '34'],
  ])('[MQTT-3.8.4-6] come with the QoS the device asked for: %i', async (qos, first) => {
    await start()
    const client = await device()
    client.send(subscribe(1, [COMMANDS, qos]))
    await client.got(2)
    expect(await command(7, 'close')).toBe(true)
    await client.got(3)
    const [came] = published(client)
    expect(came?.[0]).toBe(first)
    expect(came?.[1]).toBe('v1/devices/me/rpc/request/7')
    if (qos === 2) {
      client.send(answer(0x50, came?.[2] ?? 0))
      expect((await client.got(4)).at(-1)?.slice(0, 2)).toBe('62')
      client.send(answer(0x70, came?.[2] ?? 0), PINGREQ)
      await client.got(5)
    }
  })

  test('[MQTT-3.3.3] may have no payload, and what comes behind one is whole', async () => {
    await start()
    const client = await device()
    client.send(subscribe(1, [COMMANDS, 2]))
    await client.got(2)
    await command(1, '')
    client.send(PINGREQ)
    const got = await client.got(4)
    expect(published(client).map(([, topic, , text]) => [topic, text])).toEqual([['v1/devices/me/rpc/request/1', '']])
    expect(got.at(-1)).toBe('d0')
  })

  test('[MQTT-3.3.5-1] with two subscriptions that fit, once and with the higher QoS', async () => {
    await start()
    const client = await device()
    client.send(subscribe(1, [COMMANDS, 0], [OWN_COMMANDS, 1]))
    await client.got(2)
    await command(1)
    client.send(PINGREQ)
    await client.got(4)
    expect(published(client).map((came) => came.slice(0, 2))).toEqual([['32', 'v1/devices/meter-1/rpc/request/1']])
  })

  test('[MQTT-3.1.2-5] while the device is away are kept, and come in order behind CONNACK; QoS 0 is not kept', async () => {
    await start()
    const first = await device(connectKept())
    first.send(subscribe(1, [COMMANDS, 1]), DISCONNECT)
    await gone()
    for (const n of [1, 2, 3]) expect(await command(n, `${n}`)).toBe(true)
    const second = await device(connectKept())
    const got = await second.got(4)
    expect(got[0]).toBe(RESUMED)
    expect(published(second).map(([byte, , , text]) => [byte, text])).toEqual([
      ['32', '1'],
      ['32', '2'],
      ['32', '3'],
    ])
    second.send(...published(second).map(([, , id]) => answer(0x40, id)))
    second.send(subscribe(2, [COMMANDS, 0]), DISCONNECT)
    await gone()
    expect(await command(4)).toBe(false)
    const third = await device(connectKept())
    third.send(PINGREQ)
    expect(await third.got(2)).toEqual([RESUMED, 'd0'])
  })

  test('[MQTT-4.4.0-1] that were not acknowledged come again with DUP, the same identifiers and in the same order', async () => {
    await start()
    const first = await device(connectKept())
    first.send(subscribe(1, [COMMANDS, 2]))
    await first.got(2)
    for (const n of [1, 2, 3]) await command(n, `${n}`)
    await first.got(5)
    const sent = published(first)
    expect(sent.map(([byte]) => byte)).toEqual(['34', '34', '34'])
    // The first is done, the second received, the third unheard.
    first.send(answer(0x50, sent[0]?.[2] ?? 0), answer(0x50, sent[1]?.[2] ?? 0))
    await first.got(7)
    first.send(answer(0x70, sent[0]?.[2] ?? 0), PINGREQ)
    await first.got(8)
    first.socket.destroy()
    await gone()
    const second = await device(connectKept())
    const got = await second.got(3)
    expect(got[0]).toBe(RESUMED)
    expect(got[1]).toBe(`62${(sent[1]?.[2] ?? 0).toString(16).padStart(4, '0')}`)
    expect(published(second)).toEqual([['3c', 'v1/devices/me/rpc/request/3', sent[2]?.[2], '3']])
  })

  test('[MQTT-3.2.0-1] nothing comes before CONNACK, however early a command is sent', async () => {
    await start()
    const first = await device(connectKept())
    first.send(subscribe(1, [COMMANDS, 1]), DISCONNECT)
    await gone()
    const second = (await dial()).send(connectKept())
    for (let n = 1; n <= 50; n++) {
      await command(n, `${n}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await second.got(51))[0]).toBe(RESUMED)
    expect(published(second).map(([, , , text]) => Number(text))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(new Set(published(second).map(([, , id]) => id)).size).toBe(50)
  })

  test('no more than a hundred wait for a device that does not acknowledge, and one that is registered no more has none', async () => {
    await start()
    const client = await device(connectKept())
    client.send(subscribe(1, [COMMANDS, 1]), DISCONNECT)
    await gone()
    const taken = await Promise.all(Array.from({ length: 101 }, (_, n) => command(n)))
    expect(taken.filter(Boolean)).toHaveLength(100)
    await bench.registry.remove('meter-1')
    await bench.broker.pollRegistry()
    expect(await command(1)).toBe(false)
  })
})
