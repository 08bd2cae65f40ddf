import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { command, decodeFrame, encodeFrame, type Gb26875Frame } from '../contract/gb26875/frame.ts'
import { decodeObjects } from '../contract/gb26875/objects.ts'
import { FrameSplitter } from '../contract/gb26875/splitter.ts'
import type { StoredDownlink } from '../store/state/downlink-port.ts'
import { newDevice, startTestBench, type TestBench, type TestBenchOptions, until } from './test-bench.ts'

const EXAMPLES = JSON.parse(
  readFileSync(new URL('../../shared/data/frames/gb26875.json', import.meta.url), 'utf8'),
) as readonly { readonly name: string; readonly hex: string }[]
const example = (words: string): Buffer =>
  Buffer.from(EXAMPLES.find(({ name }) => name.includes(words))?.hex ?? '', 'hex')
const FIRE = example('smoke detector fire')
const ACKNOWLEDGED = example('acknowledge from centre')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The fire frame of the examples with something else in it. */
const fire = (more: Partial<Gb26875Frame> = {}): Buffer => Buffer.from(encodeFrame({ ...decodeFrame(FIRE), ...more }))
const heartbeat = (sequence: number, source = 889): Buffer => fire({ sequence, source, data: new Uint8Array(0) })
const changed = (bytes: Buffer, at: number, value: number): Buffer => {
  const other = Buffer.from(bytes)
  other[at < 0 ? bytes.length + at : at] = value
  return other
}

/** A transmission device at the other end of a socket: what it was sent, apart into answers and questions. */
class Device {
  readonly socket: Socket
  readonly answers: Gb26875Frame[] = []
  readonly questions: Gb26875Frame[] = []
  readonly raw: Uint8Array[] = []
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    const splitter = new FrameSplitter()
    socket.on('data', (chunk) => {
      for (const piece of splitter.push(chunk)) {
        if (piece.kind !== 'frame') throw new Error(piece.bad.message)
        this.raw.push(piece.bytes)
        const isAnswer = piece.frame.command === command.acknowledge || piece.frame.command === command.deny
        ;(isAnswer ? this.answers : this.questions).push(piece.frame)
      }
    })
    socket.on('close', () => {
      this.closed = true
    })
    socket.on('error', () => undefined)
  }

  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames))
  }

  /** Acknowledges, or denies, the question that is open. */
  reply(question: Gb26875Frame, said: number = command.acknowledge, data = new Uint8Array(0)): void {
    const { source, destination } = question
    this.send(encodeFrame({ ...question, command: said, source: destination, destination: source, data }))
  }

  get said(): string[] {
    return this.answers.map((answer) => `${answer.command === command.deny ? 'denied' : 'ok'} ${answer.sequence}`)
  }
}

let bench: TestBench
let devices: Device[]
const panel = (id: string, gbAddress: number, gbFrom: readonly string[] = []) => ({
  ...newDevice(id, 'fire-panel'),
  gbAddress,
  gbFrom,
})
const fleet = [
  panel('panel-1', 889),
  panel('panel-2', 2 ** 48 - 1),
  panel('far-panel', 7, ['10.1.2.0/24']),
  newDevice('smoke-1', 'smoke-detector'),
]
const requests: StoredDownlink[] = []
const table = {
  waiting: async () => requests.filter(({ outcome }) => outcome === null),
  sent: async (n: number, sentAt: number) => void write(n, { sentAt }),
  settled: async (n: number, settledAt: number, outcome: StoredDownlink['outcome']) =>
    void write(n, { settledAt, outcome }),
}
function write(n: number, news: Partial<StoredDownlink>): void {
  const i = requests.findIndex((request) => request.n === n)
  requests[i] = { ...(requests[i] as StoredDownlink), ...news }
}

const start = async (gb26875: NonNullable<TestBenchOptions['gb26875']> = {}): Promise<void> => {
  bench = await startTestBench({ devices: fleet, downlink: table, gb26875 })
}
beforeEach(() => {
  devices = []
  requests.length = 0
})
afterEach(async () => {
  for (const { socket } of devices) socket.destroy()
  await bench.stop()
})
async function device(): Promise<Device> {
  const socket = connect(bench.broker.gb26875Port ?? 0, '127.0.0.1')
  const made = new Device(socket)
  devices.push(made)
  await once(socket, 'connect')
  return made
}
const refused = (reason: string): number => bench.broker.refusals.totals.get(reason as never) ?? 0
const frames = (): string[] => bench.journal.of('raw').map(({ payload }) => hex(payload))

describe('a fire panel over TCP', () => {
  beforeEach(() => start())

  test('is acknowledged as the standard says, and its frame lies in the urgent lane as it came', async () => {
    const one = await device()
    one.send(FIRE)
    await until(() => one.answers.length === 1)
    // The example was answered three seconds later by its own clock; its note, and the standard's clients, want the tag back.
    expect({ ...one.answers[0], time: null }).toEqual({ ...decodeFrame(ACKNOWLEDGED), time: null })
    expect(one.answers[0]?.time).toEqual(decodeFrame(FIRE).time)
    expect(bench.journal.stored.map(({ lane, kind, deviceId, arg }) => [lane, kind, deviceId, arg])).toContainEqual([
      'urgent',
      'raw',
      'panel-1',
      'gb26875',
    ])
    expect(frames()).toEqual([hex(FIRE)])
    expect(bench.journal.of('connected').map(({ text }) => JSON.parse(text))).toEqual([
      { transport: 'gb26875-tcp', address: '127.0.0.1' },
    ])
  })

  test('hears nothing while its frame is not on disk; what cannot be stored is not acknowledged, and the line ends', async () => {
    const one = await device()
    bench.journal.holding = true
    one.send(FIRE)
    await until(() => bench.journal.waitingCount === 2)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(one.raw).toEqual([])
    bench.journal.release()
    await until(() => one.answers.length === 1)

    bench.journal.failing = true
    one.send(fire({ sequence: 2 }))
    await until(() => one.closed)
    expect(one.answers).toHaveLength(1)
    expect(refused('journal.unavailable')).toBeGreaterThan(0)

    bench.journal.failing = false
    const again = await device()
    again.send(fire({ sequence: 2 }))
    await until(() => again.answers.length === 1)
    expect(frames()).toEqual([hex(FIRE), hex(fire({ sequence: 2 }))])
  })

  test('gets its answers in order, whatever the network glued together, tore apart or put between', async () => {
    const one = await device()
    const stream = Buffer.concat([
      heartbeat(1),
      fire({ sequence: 2 }),
      Buffer.from('@@ noise'),
      fire({ sequence: 3 }),
      heartbeat(4),
    ])
    for (let at = 0; at < stream.length; at += 7) {
      one.socket.write(stream.subarray(at, at + 7))
      if (at % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await until(() => one.answers.length >= 5)
    expect(one.said.filter((word) => word.startsWith('ok'))).toEqual(['ok 1', 'ok 2', 'ok 3', 'ok 4'])
    expect(refused('gb26875.bad-frame')).toBe(1)
  })

  test('is denied what is damaged, by its sequence, and heard all the same afterwards', async () => {
    const one = await device()
    const at = (sequence: number) => fire({ sequence })
    one.send(
      changed(at(10), 0, 9),
      changed(at(11), 30, 9),
      fire({ sequence: 12, command: 7 }),
      changed(at(13), -1, 9),
      changed(at(14), 25, 9),
    )
    await until(() => one.answers.length === 5)
    expect(one.said).toEqual(['denied 10', 'denied 11', 'denied 12', 'denied 13', 'denied 14'])
    one.send(at(16))
    await until(() => one.answers.length === 6)
    expect(one.said.at(-1)).toBe('ok 16')
    expect(frames()).toEqual([hex(at(16))])
    expect(refused('gb26875.bad-frame')).toBe(5)
  })

  test('that nobody registered is denied and counted, and nothing of it is stored', async () => {
    const stranger = await device()
    stranger.send(heartbeat(1, 890))
    await until(() => stranger.answers.length === 1)
    expect(stranger.said).toEqual(['denied 1'])
    expect(refused('gb26875.unknown-address')).toBe(1)
    expect(bench.journal.of('raw')).toEqual([])
    await bench.registry.put([panel('panel-9', 890)], { replace: false })
    stranger.send(heartbeat(2, 890))
    await until(() => stranger.answers.length === 2)
    expect(stranger.said).toEqual(['denied 1', 'ok 2'])
  })

  test('speaks from its own network only, and not any more once it is disabled', async () => {
    const one = await device()
    one.send(heartbeat(1, 7))
    await until(() => one.answers.length === 1)
    expect([one.said, refused('gb26875.network')]).toEqual([['denied 1'], 1])

    const known = await device()
    known.send(heartbeat(1))
    await until(() => known.answers.length === 1)
    await bench.registry.setDisabled('panel-1', true)
    await bench.broker.pollRegistry()
    await until(() => known.closed)
    expect(bench.journal.of('disconnected').map(({ text }) => text)).toEqual(['{"reason":"disabled"}'])
  })

  test('that did not hear the acknowledgement sends again: acknowledged twice, stored once, also over a new connection', async () => {
    const one = await device()
    one.send(FIRE, FIRE)
    await until(() => one.answers.length === 2)
    one.socket.destroy()
    const again = await device()
    again.send(FIRE)
    await until(() => again.answers.length === 1)
    expect(frames()).toEqual([hex(FIRE)])
    // Another frame of the same sequence is another frame; and a heartbeat counts each time.
    const other = fire({ data: decodeFrame(example('mains power')).data })
    again.send(other, FIRE, heartbeat(5), heartbeat(5))
    await until(() => again.answers.length === 5)
    expect(frames()).toEqual([FIRE, other, FIRE, heartbeat(5), heartbeat(5)].map(hex))
  })

  test('may share its connection with others behind a concentrator', async () => {
    const one = await device()
    one.send(heartbeat(1), heartbeat(2, 2 ** 48 - 1), heartbeat(3, 5), heartbeat(4))
    await until(() => one.answers.length === 4)
    expect(one.said).toEqual(['ok 1', 'ok 2', 'denied 3', 'ok 4'])
    expect(bench.journal.of('raw').map(({ deviceId }) => deviceId)).toEqual(['panel-1', 'panel-2', 'panel-1'])
    one.socket.destroy()
    await until(() => bench.journal.of('disconnected').length === 2)
  })

  test('that comes anew takes the place of its dead connection', async () => {
    const one = await device()
    one.send(heartbeat(1))
    await until(() => one.answers.length === 1)
    const again = await device()
    again.send(heartbeat(2))
    await until(() => again.answers.length === 1 && one.closed)
    expect(bench.broker.sessions.size).toBe(1)
    expect(bench.journal.stored.map(({ kind }) => kind).filter((kind) => kind.includes('conn'))).toEqual([
      'connected',
      'disconnected',
      'connected',
    ])
  })

  test('that sends and hangs up at once has been heard', async () => {
    const one = await device()
    one.socket.end(FIRE)
    await until(() => frames().length === 1 && bench.journal.of('disconnected').length === 1)
  })

  test('is taken in while a flood of a stranger goes on', async () => {
    const flood = await device()
    for (let n = 0; n < 20_000; n += 1) flood.socket.write(heartbeat(n % 65_536, 5))
    const one = await device()
    one.send(FIRE)
    await until(() => one.answers.length === 1)
    expect(refused('gb26875.unknown-address')).toBeLessThan(20_000)
  })
})

describe('a fire panel is asked', () => {
  const duty: StoredDownlink = {
    n: 1,
    id: 'd1',
    deviceId: 'panel-1',
    request: { kind: 'duty-check', minutes: 10 },
    at: Date.now(),
    expiresAt: Date.now() + 600_000,
    sentAt: null,
    settledAt: null,
    outcome: null,
  }
  const names = (one: Device): string[] => one.questions.map(({ data }) => decodeObjects(data).name)
  beforeEach(() => start())

  test('the time, then what burns, one question after the other, once it has been acknowledged', async () => {
    const one = await device()
    one.send(FIRE)
    await until(() => one.questions.length === 1)
    expect(one.answers).toHaveLength(1)
    expect(one.questions[0]).toMatchObject({ command: command.control, source: 88888, destination: 889 })
    expect(names(one)).toEqual(['setDeviceTime'])
    one.reply(one.questions[0] as Gb26875Frame)
    await until(() => one.questions.length === 2)
    // A response is stored as it came, because it says what burns, and is not acknowledged: it is an answer itself.
    const state = decodeFrame(example('mains power')).data
    one.reply(one.questions[1] as Gb26875Frame, command.response, Uint8Array.from(state))
    await until(() => one.questions.length === 3)
    expect(names(one)).toEqual(['setDeviceTime', 'readDeviceState', 'readSystemState'])
    expect(bench.journal.of('raw')).toHaveLength(2)
    expect(one.answers).toHaveLength(1)
  })

  test('for its control room at once, also while it owes an answer to something else', async () => {
    const one = await device()
    one.send(heartbeat(1))
    await until(() => one.questions.length === 1)
    requests.push(duty)
    await until(() => one.questions.length === 2)
    const [, check] = one.questions
    expect(hex(check?.data ?? FIRE)).toBe('5b010a')
    expect(requests[0]?.sentAt).not.toBeNull()
    one.reply(check as Gb26875Frame)
    await until(() => requests[0]?.outcome === 'answered')
    await until(() => one.questions.length === 3)
  })

  test('a denial is an outcome; who is not there is asked when he is back, or not in time', async () => {
    requests.push(duty, { ...duty, n: 2, id: 'd2', expiresAt: Date.now() - 1 })
    await until(() => requests[1]?.outcome === 'expired')
    const gone = await device()
    gone.send(heartbeat(1))
    await until(() => names(gone).includes('dutyCheck'))
    gone.socket.destroy()
    await until(() => bench.journal.of('disconnected').length === 1)
    expect(requests[0]?.outcome).toBeNull()
    const back = await device()
    back.send(heartbeat(2))
    await until(() => names(back).includes('dutyCheck'))
    back.reply(back.questions.find(({ data }) => data[0] === 91) as Gb26875Frame, command.deny)
    await until(() => requests[0]?.outcome === 'denied')
  })

  test('and a detector over MQTT the same way, by an RPC request', async () => {
    const smoke = await bench.connected('smoke-1')
    await smoke.subscribeAsync('v1/devices/me/rpc/request/+', { qos: 1 })
    const asked: [string, string][] = []
    smoke.on('message', (topic, payload) => asked.push([topic, payload.toString()]))
    requests.push({ ...duty, n: 17, deviceId: 'smoke-1' })
    await until(() => asked.length === 1)
    expect(asked).toEqual([['v1/devices/me/rpc/request/17', '{"method":"dutyCheck","params":{"minutes":10}}']])
    await until(() => requests[0]?.sentAt !== null)
    await smoke.publishAsync('v1/devices/me/rpc/response/17', '{"ok":true}', { qos: 1 })
    await until(() => requests[0]?.outcome === 'answered')
    expect(asked).toHaveLength(1)
  })
})

test('a panel that has fallen silent is asked, then disconnected; who never said who it is goes too', async () => {
  await start({ idleMs: 600 })
  const one = await device()
  const stranger = await device()
  one.send(heartbeat(1))
  for (let n = 1; n <= 4; n += 1) {
    await until(() => one.questions.length >= n)
    if (n <= 3) one.reply(one.questions[n - 1] as Gb26875Frame)
  }
  expect(decodeObjects(one.questions[3]?.data ?? FIRE).name).toBe('readDeviceState')
  await until(() => one.closed && stranger.closed)
  expect(bench.journal.of('disconnected').map(({ text }) => text)).toEqual(['{"reason":"keepalive"}'])
  expect(refused('limit.connect-time')).toBe(1)
})

describe('a fire panel over UDP', () => {
  beforeEach(() => start())

  test('has the same answers, each to where its datagram came from', async () => {
    const ports = [createSocket('udp4'), createSocket('udp4')] as const
    const heard: [number, string][] = []
    for (const [i, port] of ports.entries())
      port.on('message', (bytes) => {
        const { command: said, sequence } = decodeFrame(bytes)
        if (said === command.acknowledge || said === command.deny) heard.push([i, `${said} ${sequence}`])
      })
    const send = (i: 0 | 1, bytes: Uint8Array): void => ports[i].send(bytes, bench.broker.gb26875Port ?? 0, '127.0.0.1')
    send(0, FIRE)
    await until(() => heard.length === 1)
    send(1, FIRE)
    await until(() => heard.length === 2)
    send(1, changed(fire({ sequence: 3 }), 40, 9))
    await until(() => heard.length === 3)
    send(0, heartbeat(4, 5))
    await until(() => heard.length === 4)
    expect(heard).toEqual([
      [0, '3 1'],
      [1, '3 1'],
      [1, '6 3'],
      [0, '6 4'],
    ])
    expect(frames()).toEqual([hex(FIRE)])
    expect(bench.journal.of('connected').map(({ text }) => text)).toEqual([
      '{"transport":"gb26875-udp","address":"127.0.0.1"}',
    ])
    // Too short to be answered: the sender's address may be forged.
    send(0, Buffer.from('@@'))
    send(0, heartbeat(5))
    await until(() => heard.length === 5)
    expect([heard.at(-1), refused('gb26875.bad-frame')]).toEqual([[0, '3 5'], 2])
    for (const port of ports) port.close()
  })

  test('an answer is never answered: two centres that are made to hear each other do not talk for ever', async () => {
    const port = createSocket('udp4')
    const heard: number[] = []
    port.on('message', (bytes) => heard.push(decodeFrame(bytes).sequence))
    const send = (bytes: Uint8Array): void => port.send(bytes, bench.broker.gb26875Port ?? 0, '127.0.0.1')
    const stranger = { source: 4711, data: new Uint8Array(0) }
    for (const said of [command.acknowledge, command.response, command.deny]) send(fire({ ...stranger, command: said }))
    const damaged = fire({ ...stranger, command: command.deny })
    send(changed(damaged, -3, (damaged.at(-3) ?? 0) ^ 1))
    send(fire({ ...stranger, sequence: 9 }))
    await until(() => heard.length > 0)
    expect(heard).toEqual([9])
    expect([refused('gb26875.unknown-address'), refused('gb26875.bad-frame')]).toEqual([4, 1])
    port.close()
  })

  test('is let in while another address invents source addresses', async () => {
    const [flood, panel] = [createSocket('udp4'), createSocket('udp4')]
    const heard: number[] = []
    panel.on('message', (bytes) => heard.push(decodeFrame(bytes).sequence))
    const to = (): number => bench.broker.gb26875Port ?? 0
    for (let i = 0; i < 6000; i += 1) {
      flood.send(fire({ source: 10_000 + i, data: new Uint8Array(0) }), to(), '127.0.0.1')
      if (i % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    panel.bind(0, '127.0.0.2')
    await until(() => {
      // As a device does, which is not answered: the machine itself may drop a datagram of so many.
      if (heard.length === 0) panel.send(FIRE, to(), '127.0.0.1')
      return heard.length > 0
    })
    expect(heard[0]).toBe(1)
    expect(refused('limit.rate')).toBeGreaterThan(0)
    for (const port of [flood, panel]) port.close()
  })
})
