import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { expect } from 'vitest'
import type { Kind, Lane } from '../contract/kinds.ts'
import { stateFile } from '../store/files.ts'
import { hashSecret } from '../store/identity.ts'
import type { JournalWriter, RecordKind } from '../store/journal/port.ts'
import type { NewDevice, Registry } from '../store/state/registry-port.ts'
import { openRegistry } from '../store/state/sqlite.ts'
import { type Broker, type BrokerParts, startBroker } from './broker.ts'
import { readConfig } from './config.ts'

/** What the tests of the broker stand on: a broker on a free port, a registry, and a journal that the test commands. */

export const SECRET = 'a secret of 256 bits, or so we say'

interface KeptRecord {
  readonly lane: Lane
  readonly kind: RecordKind
  readonly deviceId: string
  readonly arg: string
  readonly text: string
  readonly payload: Uint8Array
}

/** A journal in memory. While it is `holding`, nothing is on disk; while it is `failing`, nothing can be stored. */
class TestJournal {
  readonly stored: KeptRecord[] = []
  holding = false
  failing = false
  private readonly waiting: (() => void)[] = []
  private held = 0

  writer(lane: Lane): JournalWriter {
    const journal = this
    return {
      get pendingBytes() {
        return journal.held
      },
      append: (kind, deviceId, arg, _at, payload, done) => {
        const text = Buffer.from(payload).toString()
        journal.held += payload.length + 1
        const commit = (): void => {
          journal.held -= payload.length + 1
          if (!journal.failing) journal.stored.push({ lane, kind, deviceId, arg, text, payload })
          done(journal.failing ? new Error('disk full') : undefined)
        }
        if (journal.holding) journal.waiting.push(commit)
        else setImmediate(commit)
      },
      prune: async () => 0,
      tidy: async () => false,
      close: async () => {
        journal.release()
        while (journal.held > 0) await new Promise((resolve) => setImmediate(resolve))
      },
    }
  }

  /** What was held back reaches the disk. */
  release(): void {
    this.holding = false
    for (const commit of this.waiting.splice(0)) commit()
  }

  get waitingCount(): number {
    return this.waiting.length
  }

  of(kind: RecordKind): KeptRecord[] {
    return this.stored.filter((record) => record.kind === kind)
  }
}

export interface TestBench {
  readonly broker: Broker
  readonly journal: TestJournal
  readonly registry: Registry
  /** Connects a device with its own secret; the client is closed with the bench. */
  device(id: string, options?: IClientOptions): MqttClient
  /** As `device`, and waits for CONNACK. */
  connected(id: string, options?: IClientOptions): Promise<MqttClient>
  socket(): Promise<Socket>
  stop(): Promise<void>
}

export const newDevice = (id: string, kind: Kind, gatewayId: string | null = null): NewDevice => ({
  id,
  kind,
  name: id,
  model: null,
  placeId: null,
  gatewayId,
  lon: null,
  lat: null,
  rhythmS: null,
  secretHash: hashSecret(SECRET),
})

export interface TestBenchOptions
  extends Pick<BrokerParts, 'certificate' | 'masterKey' | 'drainTimeoutMs' | 'guard' | 'pruning' | 'downlink'> {
  readonly devices?: readonly NewDevice[]
  readonly config?: Partial<BrokerParts['config']>
  /** Changes what the settings' defaults say of the fire panels' port. */
  readonly gb26875?: Partial<BrokerParts['config']['gb26875']>
  /** Changes what the settings' defaults say, 0 messages a second except: no limit. */
  readonly allowance?: Partial<BrokerParts['config']['allowance']>
}

export async function startTestBench(options: TestBenchOptions = {}): Promise<TestBench> {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-broker-'))
  const registry = openRegistry(stateFile(dir))
  const devices = options.devices ?? [
    newDevice('meter-1', 'water-meter'),
    newDevice('meter-2', 'water-meter'),
    newDevice('smoke-1', 'smoke-detector'),
    newDevice('smoke-2', 'smoke-detector'),
  ]
  await registry.put(devices, { replace: false })
  const journal = new TestJournal()
  const broker = await startBroker({
    ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
    ...(options.masterKey === undefined ? {} : { masterKey: options.masterKey }),
    config: {
      ...readConfig({ HYDRANT_MQTT_PORT: '0', HYDRANT_MQTTS_PORT: '0', HYDRANT_GB26875_PORT: '0' }),
      ...options.config,
      gb26875: { ...readConfig({ HYDRANT_GB26875_PORT: '0' }).gb26875, ...options.gb26875 },
      allowance: { ...readConfig({}).allowance, rate: 0, ...options.allowance },
    },
    log: pino({ level: 'silent' }),
    registry,
    openWriter: async (lane) => journal.writer(lane),
    ...(options.drainTimeoutMs === undefined ? {} : { drainTimeoutMs: options.drainTimeoutMs }),
    ...(options.guard === undefined ? {} : { guard: options.guard }),
    ...(options.pruning === undefined ? {} : { pruning: options.pruning }),
    ...(options.downlink === undefined ? {} : { downlink: options.downlink }),
  })
  const clients: MqttClient[] = []
  const sockets: Socket[] = []
  const device = (id: string, more: IClientOptions = {}): MqttClient => {
    const client = connect({
      protocol: 'mqtt',
      host: '127.0.0.1',
      port: broker.port,
      clientId: id,
      username: id,
      password: SECRET,
      reconnectPeriod: 0,
      ...more,
    })
    client.on('error', () => undefined)
    clients.push(client)
    return client
  }
  return {
    broker,
    journal,
    registry,
    device,
    connected: async (id, more) => {
      const client = device(id, more)
      await new Promise((resolve) => client.once('connect', resolve))
      return client
    },
    socket: async () => {
      const socket = connectSocket(broker.port, '127.0.0.1')
      socket.on('error', () => undefined)
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    },
    stop: async () => {
      for (const client of clients) client.end(true)
      for (const socket of sockets) socket.destroy()
      journal.release()
      await broker.stop()
      await registry.close()
      rmSync(dir, { recursive: true })
    },
  }
}

/** Waits until something is so; the test's own time limit ends it. */
export const until = (what: () => unknown): Promise<void> =>
  expect.poll(() => Boolean(what()), { timeout: 10_000, interval: 5 }).toBe(true)

export const uint16 = (n: number): Buffer => Buffer.from([n >> 8, n & 0xff])
/** A length-prefixed field. */
export const field = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value as Uint8Array)
  return Buffer.concat([uint16(bytes.length), bytes])
}

/** An MQTT packet by hand: first byte, body. */
export function packet(first: number, ...body: (Uint8Array | readonly number[])[]): Buffer {
  const bytes = Buffer.concat(body.map((part) => Buffer.from(part)))
  const length: number[] = []
  let rest = bytes.length
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>= 7
  } while (rest > 0)
  return Buffer.concat([Buffer.from([first, ...length]), bytes])
}

export const connectPacket = (id: string, secret = SECRET, keepaliveS = 0): Buffer =>
  packet(0x10, field('MQTT'), [4, 0xc2, ...uint16(keepaliveS)], field(id), field(id), field(secret))

export const publishPacket = (topic: string, id: number, payload: string, qos: 0 | 1 | 2 = 1, dup = false): Buffer =>
  packet(0x30 | (qos << 1) | (dup ? 8 : 0), field(topic), qos > 0 ? uint16(id) : [], Buffer.from(payload))

/** Resolves when the client's connection has ended, whatever came before. */
export const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => client.once('close', () => resolve()))
