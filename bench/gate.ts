import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { journalFile, stateFile } from '../store/files.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openRegistry } from '../store/state/sqlite.ts'
import { processFigures } from './herd/process-figures.ts'
import { deviceId, type LoadMessage, type LoadOrder, type LoadResult } from './load/publishers.ts'
import { freePort } from './system.ts'

/**
 * How many QoS 1 publishes a second the broker acknowledges when each is on disk first, with identity, access rules and
 * limits on: 50 devices, 200 bytes. Debian's mosquitto takes the same load in the same run, in turns, because figures
 * drift with what else the machine does; it is not asked to be durable, to know its clients or to check their topics.
 */
const DEFAULTS = { publishers: 50, window: 256, payloadBytes: 200, seconds: 4, rounds: 3 } as const
const WARM_UP_SECONDS = 1
/** Debian puts it where a user's PATH does not look. */
const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto']
const START_TIMEOUT_MS = 10_000
const MILLION = 1_000_000
/** Records read at once when the journal is counted. */
const PAGE = 10_000
/** The young generation: with less, half the messages of a commit group are copied once more. MiB. */
const SEMI_SPACE = 64

const HELP = `npm run bench -- gate [--seconds ${DEFAULTS.seconds}] [--rounds ${DEFAULTS.rounds}] [--publishers ${DEFAULTS.publishers}] [--window ${DEFAULTS.window}] [--bytes ${DEFAULTS.payloadBytes}] [--cpu-prof DIR] [--json]

Durable QoS 1 acknowledgements a second, beside mosquitto in the same run. Exit code 1 when an acknowledged
publish is not in the journal, 2 when mosquitto is not installed.`

interface Round {
  readonly acksPerSecond: number
  readonly cpuSecondsPerMillion: number
}

interface Target {
  readonly port: number
  readonly child: ChildProcess
  /** Called after the load: what must hold of what was stored. */
  check(result: LoadResult): Promise<void>
  stop(): Promise<void>
}

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: String(DEFAULTS.seconds) },
      rounds: { type: 'string', default: String(DEFAULTS.rounds) },
      publishers: { type: 'string', default: String(DEFAULTS.publishers) },
      window: { type: 'string', default: String(DEFAULTS.window) },
      bytes: { type: 'string', default: String(DEFAULTS.payloadBytes) },
      'cpu-prof': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const mosquitto = MOSQUITTO.find((path) => existsSync(path)) ?? onPath('mosquitto')
  if (mosquitto === undefined) {
    console.error(
      'mosquitto is not installed, and without it there is nothing to compare with: apt-get install mosquitto',
    )
    return 2
  }
  const order = {
    publishers: Number(values.publishers),
    window: Number(values.window),
    payloadBytes: Number(values.bytes),
    warmUpSeconds: WARM_UP_SECONDS,
    seconds: Number(values.seconds),
    secret: makeSecret(),
  }
  const targets: Record<string, () => Promise<Target>> = {
    hydrant: () => startHydrant(order, values['cpu-prof']),
    mosquitto: () => startMosquitto(mosquitto, false),
    mosquittoPersistent: () => startMosquitto(mosquitto, true),
  }
  const rounds: Record<string, Round[]> = {}
  try {
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, start] of Object.entries(targets)) {
        rounds[name] ??= []
        rounds[name].push(await measure(start, order))
      }
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
  const figures = (name: string): Round => ({
    acksPerSecond: median((rounds[name] ?? []).map((round) => round.acksPerSecond)),
    cpuSecondsPerMillion: median((rounds[name] ?? []).map((round) => round.cpuSecondsPerMillion)),
  })
  const hydrant = figures('hydrant')
  const plain = figures('mosquitto')
  const persistent = figures('mosquittoPersistent')
  const result = {
    acksPerSecond: Math.round(hydrant.acksPerSecond),
    cpuSecondsPerMillion: rounded(hydrant.cpuSecondsPerMillion),
    ratioToMosquitto: rounded(hydrant.acksPerSecond / plain.acksPerSecond),
    mosquitto: {
      acksPerSecond: Math.round(plain.acksPerSecond),
      cpuSecondsPerMillion: rounded(plain.cpuSecondsPerMillion),
    },
    mosquittoPersistent: {
      acksPerSecond: Math.round(persistent.acksPerSecond),
      cpuSecondsPerMillion: rounded(persistent.cpuSecondsPerMillion),
    },
    ratioToMosquittoPersistent: rounded(hydrant.acksPerSecond / persistent.acksPerSecond),
    acksPerSecondByRound: (rounds.hydrant ?? []).map((round) => Math.round(round.acksPerSecond)),
    publishers: order.publishers,
    window: order.window,
    payloadBytes: order.payloadBytes,
    seconds: order.seconds,
    cores: cpus().length,
  }
  if (values.json) console.log(JSON.stringify(result))
  else {
    const row = (name: string, round: Round): string =>
      `${name.padEnd(34)}${Math.round(round.acksPerSecond).toLocaleString('en').padStart(10)} acks/s${round.cpuSecondsPerMillion.toFixed(2).padStart(9)} CPU s per million`
    console.log(row('Hydrant, every ack after its fsync', hydrant))
    console.log(row('mosquitto, in memory', plain))
    console.log(row('mosquitto, persistence on', persistent))
    console.log(
      `Hydrant to mosquitto: ${result.ratioToMosquitto}. The load generator ran on the same ${result.cores} cores.`,
    )
  }
  return 0
}

async function measure(start: () => Promise<Target>, order: Omit<LoadOrder, 'port'>): Promise<Round> {
  const target = await start()
  try {
    const load = fork(join(import.meta.dirname, 'load/publishers.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const cpu = { before: 0, after: 0 }
    const ended = new Promise<LoadResult>((resolve, reject) => {
      load.on('message', (message: LoadMessage) => {
        if (message.type === 'begin') {
          cpu.before = processFigures(target.child.pid as number).cpuSeconds
          setTimeout(() => {
            cpu.after = processFigures(target.child.pid as number).cpuSeconds
          }, order.seconds * 1000)
        } else resolve(message.result)
      })
      load.once('exit', () => reject(new Error('the load generator ended before it had a result')))
    })
    load.send({ ...order, port: target.port } satisfies LoadOrder)
    const result = await ended
    if (result.error !== null) throw new Error(`the load failed: ${result.error}`)
    await target.check(result)
    return {
      acksPerSecond: result.acked / result.seconds,
      cpuSecondsPerMillion: (cpu.after - cpu.before) / (result.acked / MILLION),
    }
  } finally {
    await target.stop()
  }
}

async function startHydrant(order: Omit<LoadOrder, 'port'>, cpuProf: string | undefined): Promise<Target> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hydrant-gate-'))
  const registry = openRegistry(stateFile(dataDir))
  await registry.put(
    Array.from({ length: order.publishers }, (_, n) => ({
      id: deviceId(n),
      kind: 'water-meter' as const,
      name: `bench meter ${n}`,
      model: null,
      placeId: null,
      gatewayId: null,
      lon: null,
      lat: null,
      rhythmS: null,
      secretHash: hashSecret(order.secret),
    })),
    { replace: false },
  )
  await registry.close()
  const port = await freePort()
  const profiling = cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProf}`]
  const child = fork(join(import.meta.dirname, '../broker/main.ts'), {
    execArgv: [`--max-semi-space-size=${SEMI_SPACE}`, ...profiling],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      HYDRANT_DATA_DIR: dataDir,
      HYDRANT_MQTT_HOST: '127.0.0.1',
      HYDRANT_MQTT_PORT: String(port),
      // The limit is at work, and too high for this load: a device would be held back at one message a second.
      HYDRANT_MQTT_RATE: String(MILLION),
      HYDRANT_MQTT_BURST: String(MILLION),
    },
  })
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the broker did not start'))),
  ])
  return {
    port,
    child,
    check: async (result) => {
      const stored = await storedTelemetry(journalFile(dataDir, 'bulk'))
      if (stored < result.totalAcked)
        throw new Error(`${result.totalAcked} publishes were acknowledged, but ${stored} are in the journal`)
      if (stored > result.totalSent)
        throw new Error(`${result.totalSent} publishes were sent, but ${stored} are in the journal`)
    },
    stop: async () => {
      await end(child)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function storedTelemetry(file: string): Promise<number> {
  const reader = openJournalReader(file)
  let stored = 0
  for (let after = 0; ; ) {
    const records = await reader.readAfter(after, PAGE)
    if (records.length === 0) break
    for (const record of records) if (record.kind === 'telemetry') stored += 1
    after = records.at(-1)?.seq ?? after
  }
  await reader.close()
  return stored
}

async function startMosquitto(program: string, persistence: boolean): Promise<Target> {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-mosquitto-'))
  const port = await freePort()
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'log_type none',
    `persistence ${persistence}`,
    ...(persistence ? [`persistence_location ${dir}/`] : []),
  ]
  // Started by root it would become the user mosquitto, who may not write here.
  if (process.getuid?.() === 0) lines.push('user root')
  writeFileSync(join(dir, 'mosquitto.conf'), `${lines.join('\n')}\n`)
  const child = spawn(program, ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' })
  await accepts(port)
  return {
    port,
    child,
    check: async () => {},
    stop: async () => {
      await end(child)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function accepts(port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' })
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    if (performance.now() > deadline) throw new Error('mosquitto did not start')
    await sleep(20)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

function onPath(program: string): string | undefined {
  const found = spawnSync('which', [program], { encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : undefined
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const rounded = (value: number): number => Math.round(value * 100) / 100
