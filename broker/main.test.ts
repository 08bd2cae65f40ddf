import { type ChildProcess, execFile, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { journalFile, stateFile } from '../store/files.ts'
import type { JournalRecord } from '../store/journal/port.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openRegistry, openViews } from '../store/state/sqlite.ts'
import { newDevice, SECRET, until } from './test-bench.ts'

/** The real process on a real disk. */
let dataDir: string
let port: number
let broker: ChildProcess

async function start(): Promise<void> {
  broker = fork(join(import.meta.dirname, 'main.ts'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      HYDRANT_DATA_DIR: dataDir,
      HYDRANT_MQTT_HOST: '127.0.0.1',
      HYDRANT_MQTT_PORT: String(port),
      HYDRANT_MQTT_RATE: '0',
    },
  })
  const [message] = await once(broker, 'message')
  expect(message).toEqual({ type: 'ready' })
}
async function end(signal: NodeJS.Signals): Promise<number | null> {
  if (broker.exitCode !== null || broker.signalCode !== null) return broker.exitCode
  const exited = once(broker, 'exit')
  broker.kill(signal)
  return (await exited)[0] as number | null
}
async function stored(lane: 'urgent' | 'bulk'): Promise<JournalRecord[]> {
  const reader = openJournalReader(journalFile(dataDir, lane))
  const records: JournalRecord[] = []
  for (;;) {
    const page = await reader.readAfter(records.at(-1)?.seq ?? 0, 10_000)
    if (page.length === 0) break
    records.push(...page)
  }
  await reader.close()
  return records
}
const text = (record: JournalRecord): string => Buffer.from(record.payload).toString()

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'hydrant-broker-'))
  const registry = openRegistry(stateFile(dataDir))
  await registry.put([newDevice('meter-1', 'water-meter'), newDevice('smoke-1', 'smoke-detector')], { replace: false })
  await registry.close()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as { port: number }).port
  server.close()
  await once(server, 'close')
})
afterEach(async () => {
  await end('SIGKILL')
  rmSync(dataDir, { recursive: true })
})

const client = (id: string) =>
  connectAsync({ host: '127.0.0.1', port, clientId: id, username: id, password: SECRET, reconnectPeriod: 0 })

describe('the broker as a process', () => {
  test('killed under load, three times: whatever was acknowledged is in the journal, once, in order', async () => {
    const acknowledged: string[] = []
    for (let life = 0; life < 3; life++) {
      await start()
      const device = await client(life === 1 ? 'smoke-1' : 'meter-1')
      device.on('error', () => undefined)
      const before = acknowledged.length
      let next = 0
      const publishNext = (): void => {
        const reading = `${life}-${next++}`
        device.publish('v1/devices/me/telemetry', reading, { qos: 1 }, (error) => {
          if (error) return
          acknowledged.push(reading)
          publishNext()
        })
      }
      for (let i = 0; i < 50; i++) publishNext()
      await until(() => acknowledged.length - before > 2000)
      await end('SIGKILL')
      device.end(true)
    }
    const kept = [...(await stored('bulk')), ...(await stored('urgent'))]
      .filter((r) => r.kind === 'telemetry')
      .map(text)
    const keptOnce = new Set(kept)
    expect(kept).toHaveLength(keptOnce.size)
    expect(acknowledged.filter((reading) => !keptOnce.has(reading))).toEqual([])
    for (const life of [0, 1, 2]) {
      const numbers = kept.filter((r) => r.startsWith(`${life}-`)).map((r) => Number(r.slice(2)))
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    }
  })

  test('asked to stop, it tells who was connected, ends with 0, and starts again at the next number', async () => {
    await start()
    const device = await client('smoke-1')
    await device.publishAsync('v1/devices/me/telemetry', '{"smoke":0}', { qos: 1 })
    expect(await end('SIGTERM')).toBe(0)
    await start()
    await end('SIGTERM')
    expect((await stored('urgent')).map((record) => [record.seq, record.kind])).toEqual([
      [1, 'brokerStarted'],
      [2, 'connected'],
      [3, 'telemetry'],
      [4, 'disconnected'],
      [5, 'brokerStarted'],
    ])
    device.end(true)
  })

  test('publishes its figures for the console', async () => {
    await start()
    const device = await client('smoke-1')
    await device.publishAsync('v1/devices/me/telemetry', '{"smoke":0}', { qos: 1 })
    const views = openViews(stateFile(dataDir))
    let figures: Map<string, number> = new Map()
    await expect
      .poll(
        async () => {
          figures = new Map((await views.roleMetrics()).map((metric) => [metric.name, metric.value]))
          return figures.get('mqtt_devices_connected')
        },
        { timeout: 10_000 },
      )
      .toBe(1)
    expect(figures.get('gate_accepted_total{lane="urgent"}')).toBe(3)
    await views.close()
    device.end(true)
  })

  test('says in one sentence what is wrong with its environment, and ends with 2', async () => {
    const run = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      env: { ...process.env, HYDRANT_MQTT_PORT: 'the usual one' },
      encoding: 'utf8',
    })
    expect(run.status).toBe(2)
    expect(run.stderr).toBe(
      'HYDRANT_MQTT_PORT is "the usual one", but it must be a port from 1 to 65535, or 0 for any free one.\n',
    )
  })

  test('says that its port is taken', async () => {
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    const run = await new Promise<{ code: unknown; out: string }>((resolve) =>
      execFile(
        process.execPath,
        [join(import.meta.dirname, 'main.ts')],
        { env: { ...process.env, HYDRANT_DATA_DIR: dataDir, HYDRANT_MQTT_PORT: String(port) } },
        (error, out) => resolve({ code: error?.code, out }),
      ),
    )
    expect(run.code).toBe(1)
    expect(run.out).toContain('HYDRANT_MQTT_PORT')
    // Somebody's broker may be using the port and this journal: nothing is written into it.
    expect(await stored('urgent')).toEqual([])
    other.close()
  })
})

const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined
describe.skipIf(!hasMosquitto && process.env.CI !== 'true')('Debian’s mosquitto_pub', () => {
  const publish = (id: string, secret: string, topic: string, message: string): Promise<number> =>
    new Promise((resolve) =>
      execFile(
        'mosquitto_pub',
        [
          '-h',
          '127.0.0.1',
          '-p',
          String(port),
          '-i',
          id,
          '-u',
          id,
          '-P',
          secret,
          '-q',
          '1',
          '-t',
          topic,
          '-m',
          message,
        ],
        { timeout: 10_000 },
        (error) => resolve(error === null ? 0 : Number(error.code)),
      ),
    )

  test('publishes for its own device; another’s topic and a wrong secret are refused and recorded', async () => {
    await start()
    expect(await publish('smoke-1', SECRET, 'v1/devices/me/telemetry', '{"smoke":3.1,"alarm":true}')).toBe(0)
    expect(await publish('meter-1', SECRET, 'v1/devices/smoke-1/telemetry', '{"smoke":0}')).not.toBe(0)
    expect(await publish('meter-1', 'wrong', 'v1/devices/me/telemetry', '{}')).not.toBe(0)
    await end('SIGTERM')
    expect((await stored('urgent')).filter((r) => r.kind === 'telemetry').map(text)).toEqual([
      '{"smoke":3.1,"alarm":true}',
    ])
    expect((await stored('bulk')).filter((r) => r.kind === 'telemetry')).toEqual([])
    const refused = (await stored('bulk')).filter((r) => r.kind === 'refused').map((r) => JSON.parse(text(r)))
    expect(refused).toMatchObject([
      { reason: 'acl.publish', deviceId: 'meter-1', count: 1 },
      { reason: 'auth.unknown-or-wrong', deviceId: 'meter-1', count: 1 },
    ])
  })
})
