import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { historyFile, stateFile } from '../store/files.ts'
import { openHistoryReader } from '../store/history/sqlite.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import type { NewDevice } from '../store/state/registry-port.ts'
import { openAccounts, openRegistry, openViews } from '../store/state/sqlite.ts'
import { caughtUp } from './caught-up.ts'
import { type Fire, Fires, fireId } from './herd/fires.ts'
import { type FromHerd, herdId, type ToHerd } from './herd/meters.ts'
import { probed } from './herd/probe.ts'
import { openFileLimit, processFigures, settledMemory } from './herd/process-figures.ts'
import { percentile } from './percentile.ts'
import { freePort, type System, startSystem } from './system.ts'

/**
 * Ten thousand meters that are connected, a broker that is killed, and everybody coming back in the same second, while
 * smoke detectors ring. Meters in processes of their own on bare sockets; detectors and the live stream in this one.
 */
const DEFAULTS = { devices: 10_000, kills: 3 } as const
/** Processes that the meters are spread over: each reads its own share of the answers. */
const HERDS = 2
const FIRES = 900
/** Alarms on a quiet system with everybody connected, to compare with. */
const QUIET_FIRES = 60
const FIRE_EVERY_MS = 120
const PUBLISH_EVERY_S = 60
/** As the supervisor does: the first pause before a role that ended is started again. */
const RESTART_PAUSE_MS = 300
/** A herd that is not back after this long never will be. */
const BACK_LIMIT_MS = 300_000
/** Between "everybody is connected" and a look at the memory, and between a herd and the next kill. */
const STEADY_MS = 3000
const CATCH_UP_MS = 120_000
/** Files that a broker has open beside its connections: databases, threads, the runtime's own. */
const OTHER_FILES = 300
/** Ports that Linux gives out for connections from one address to one port (net.ipv4.ip_local_port_range), with room. */
const PORTS_PER_ADDRESS = 2500
const KB = 1024
const MB = KB * KB

const HELP = `npm run bench -- herd [--devices ${DEFAULTS.devices}] [--kills ${DEFAULTS.kills}] [--shared] [--json]

Memory per connection, connections a second, and how long everybody takes to be back after kill -9 of the broker, with
smoke alarms all the while, by the port for fire devices (HYDRANT_MQTT_FIRE_PORT; --shared: by the meters' own). Exit code 1 when somebody does not come back, an acknowledged reading is missing or an alarm
was raised twice or not at all; 2 when this machine cannot hold so many connections.`

const now = (): number => performance.timeOrigin + performance.now()

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      devices: { type: 'string', default: String(DEFAULTS.devices) },
      kills: { type: 'string', default: String(DEFAULTS.kills) },
      shared: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const devices = Number(flags.devices)
  const kills = Number(flags.kills)
  if (flags.help || !Number.isInteger(devices) || devices < HERDS || !Number.isInteger(kills) || kills < 0) {
    console.log(HELP)
    return flags.help ? 0 : 2
  }
  const limit = openFileLimit()
  const needed = devices + FIRES + OTHER_FILES
  if (limit !== undefined && limit < needed) {
    console.error(
      `${devices} devices need ${needed} open files in one process, and the limit here is ${limit}. Raise it (ulimit -n ${needed}), or say --devices ${Math.max(HERDS, limit - FIRES - OTHER_FILES)}.`,
    )
    return 2
  }
  const result = await herd(devices, kills, flags.shared, (line) => process.stderr.write(`${line}\n`))
  if (flags.json) console.log(JSON.stringify(result))
  else print(result)
  return result.good ? 0 : 1
}

async function herd(devices: number, kills: number, shared: boolean, say: (line: string) => void) {
  const firePort = await freePort()
  const system = await startSystem({
    roles: [],
    env: {
      ...probed(),
      HYDRANT_MQTT_MAX_CONNECTIONS: String(devices + FIRES + 100),
      HYDRANT_MQTT_FIRE_PORT: String(firePort),
      HYDRANT_LOG_LEVEL: 'warn',
    },
  })
  const secret = makeSecret()
  const herds = Array.from({ length: HERDS }, () => new HerdProcess())
  const fires = new Fires(system, shared ? system.mqttPort : firePort, secret, FIRES)
  try {
    const token = await register(system, secret, devices)
    await Promise.all([system.start('broker'), system.start('ingest'), system.start('dashboard')])
    const broker = (): number => system.pid('broker') ?? 0
    await settledMemory(broker(), system.dataDir)
    const before = processFigures(broker())
    const heapBefore = await settledMemory(broker(), system.dataDir)

    const addresses = Array.from(
      { length: Math.max(4, Math.ceil(devices / PORTS_PER_ADDRESS)) },
      (_, i) => `127.0.0.${i + 2}`,
    )
    const began = now()
    await Promise.all(
      herds.map((each, i) =>
        each.connect({
          port: system.mqttPort,
          secret,
          from: Math.floor((devices * i) / HERDS),
          to: Math.floor((devices * (i + 1)) / HERDS),
          addresses,
          publishEveryS: PUBLISH_EVERY_S,
        }),
      ),
    )
    const connectedSeconds = (now() - began) / 1000
    say(`${devices} devices are connected after ${connectedSeconds.toFixed(1)} s`)
    await sleep(STEADY_MS)
    const raw = processFigures(broker())
    await settledMemory(broker(), system.dataDir)
    const heapAfter = await settledMemory(broker(), system.dataDir)
    const after = processFigures(broker())
    const perConnection = (bytes: number): number => round(bytes / devices / KB)

    await fires.begin(token)
    const enough = new AbortController()
    const quiet = fires.burn(FIRE_EVERY_MS, enough.signal)
    await sleep(QUIET_FIRES * FIRE_EVERY_MS)
    enough.abort()
    const quietFires = await quiet
    const rounds: Round[] = []
    for (let kill = 1; kill <= kills; kill++) {
      const round_ = await killOnce(system, herds, fires)
      rounds.push(round_)
      say(
        `${kill}/${kills} serving after ${round_.downSeconds} s, everybody back ${round_.lastSeconds} s later, ${round_.fires.length} alarms meanwhile`,
      )
      await sleep(STEADY_MS)
    }
    const refused = await refusedFigures(system)
    const said = await Promise.all(herds.map((each) => each.finish()))
    fires.end()
    const views = openViews(stateFile(system.dataDir))
    const catchUpSeconds = await caughtUp(system, views, CATCH_UP_MS)
    await views.close()
    const stored = await checkStored(system, said)

    const during = rounds.flatMap((each) =>
      each.fires.map((fire) => ({ ...fire, from: startOf(fire, each.servingAt) })),
    )
    const missedAlarms = [...quietFires, ...during].filter((fire) => fire.seenAt === undefined).length
    const duplicateAlarms = [...fires.raised.values()].reduce((sum, count) => sum + count - 1, 0)
    const back = rounds.flatMap((each) => each.backSeconds)
    const latencies = (of: readonly (Fire & { from: number })[], raw = false): number[] =>
      of.flatMap(({ seenAt, from, begunAt }) => (seenAt === undefined ? [] : [seenAt - (raw ? begunAt : from)]))
    return {
      devices,
      firesBy: shared ? "the meters' port" : 'their own port',
      connectedSeconds: round(connectedSeconds),
      connectsPerSecond: Math.round(devices / connectedSeconds),
      kBPerConnection: perConnection(after.rssBytes - before.rssBytes),
      kBPerConnectionBeforeCollection: perConnection(raw.rssBytes - before.rssBytes),
      heapKBPerConnection: perConnection(heapAfter.heapUsed - heapBefore.heapUsed),
      externalKBPerConnection: perConnection(heapAfter.external - heapBefore.external),
      brokerMB: { before: round(before.rssBytes / MB), after: round(after.rssBytes / MB) },
      reconnect: {
        kills,
        downSeconds: rounds.map((each) => each.downSeconds),
        p50Seconds: percentile(back, 0.5),
        p99Seconds: percentile(back, 0.99),
        lastSeconds: percentile(back, 1),
        tries: rounds.reduce((sum, each) => sum + each.tries, 0),
        failures: merged(rounds.map((each) => each.failures)),
      },
      refused,
      alarm: {
        ...figures(latencies(during.filter((fire) => !fire.sleeper))),
        sleeping: figures(latencies(during.filter((fire) => fire.sleeper))),
        raw: figures(latencies(during, true)),
        quiet: figures(latencies(quietFires.map((fire) => ({ ...fire, from: fire.begunAt })))),
      },
      readings: stored.readings,
      lost: stored.lost,
      duplicates: stored.duplicates + duplicateAlarms,
      missedAlarms,
      catchUpSeconds,
      good: stored.lost === 0 && stored.duplicates === 0 && duplicateAlarms === 0 && missedAlarms === 0,
    }
  } finally {
    for (const each of herds) each.kill()
    fires.end()
    await system.stop()
  }
}

interface Round {
  /** Until the new broker serves. */
  readonly downSeconds: number
  readonly servingAt: number
  /** Of every device: from when the broker serves until its CONNACK. */
  readonly backSeconds: readonly number[]
  readonly lastSeconds: number
  readonly tries: number
  readonly failures: Readonly<Record<string, number>>
  readonly fires: readonly Fire[]
}

/**
 * Since when an alarm could come through: while nothing serves, nothing can, and a detector that was turned away then has
 * its own pause until it tries again. The port for fire opens before the others: the try that came through counts.
 */
const startOf = (fire: Fire, servingAt: number): number =>
  fire.begunAt >= servingAt ? fire.begunAt : Math.max(fire.begunAt, fire.triedAt ?? servingAt)

async function killOnce(system: System, herds: readonly HerdProcess[], fires: Fires): Promise<Round> {
  const back = herds.map((each) => each.killed())
  const over = new AbortController()
  const killedAt = now()
  await system.end('broker', 'SIGKILL')
  const burning = fires.burn(FIRE_EVERY_MS, over.signal)
  await sleep(RESTART_PAUSE_MS)
  await system.start('broker')
  const servingAt = now()
  const returned = await Promise.all(back)
  over.abort()
  const backSeconds = returned.flatMap(({ upAt }) => upAt.map((at) => Math.max(0, at - servingAt) / 1000))
  return {
    downSeconds: round((servingAt - killedAt) / 1000),
    servingAt,
    backSeconds,
    lastSeconds: round(Math.max(...backSeconds)),
    tries: returned.reduce((sum, { tries }) => sum + tries, 0),
    failures: merged(returned.map(({ failures }) => failures)),
    fires: await burning,
  }
}

type Message<T extends FromHerd['type']> = Extract<FromHerd, { type: T }>

class HerdProcess {
  private readonly child: ChildProcess = fork(join(import.meta.dirname, 'herd/meters.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })

  async connect(order: Extract<ToHerd, { type: 'order' }>['order']): Promise<void> {
    await this.ask('connected', { type: 'order', order })
  }

  /** Resolves when all of them are back. */
  killed(): Promise<Message<'back'>> {
    return this.ask('back', { type: 'killed' })
  }

  finish(): Promise<Message<'said'>> {
    return this.ask('said', { type: 'finish' })
  }

  kill(): void {
    this.child.kill()
  }

  private ask<T extends FromHerd['type']>(answer: T, message: ToHerd): Promise<Message<T>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.child.off('message', onMessage)
        this.child.off('disconnect', onGone)
      }
      const onMessage = (said: FromHerd): void => {
        if (said.type !== answer) return
        settle()
        resolve(said as Message<T>)
      }
      const onGone = (): void => {
        settle()
        reject(new Error('a part of the herd ended by itself'))
      }
      const timer = setTimeout(() => {
        settle()
        reject(new Error(`the herd was not "${answer}" after ${BACK_LIMIT_MS / 1000} s`))
      }, BACK_LIMIT_MS)
      this.child.on('message', onMessage)
      this.child.on('disconnect', onGone)
      this.child.send(message)
    })
  }
}

/** What the broker says of those that it turned away, and of those that had to wait. */
async function refusedFigures(system: System): Promise<Record<string, number>> {
  const text = await (await fetch(`${system.httpUrl}/metrics`)).text()
  const lines = text.split('\n').filter((line) => /^hydrant_(refused_total|mqtt_connect)/.test(line))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice('hydrant_'.length, at), Number(line.slice(at + 1))]
    }),
  )
}

/** Acknowledged ⊆ stored, asked of the history. */
async function checkStored(system: System, said: readonly Message<'said'>[]) {
  const history = openHistoryReader(historyFile(system.dataDir))
  let readings = 0
  let lost = 0
  let duplicates = 0
  try {
    for (const { acked, sent } of said)
      for (const [id, count] of Object.entries(sent)) {
        const { at } = await history.range(id, 0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)
        readings += at.length
        lost += Math.max(0, (acked[id] ?? 0) - at.length)
        duplicates += Math.max(0, at.length - count)
      }
  } finally {
    await history.close()
  }
  return { readings, lost, duplicates }
}

async function register(system: System, secret: string, devices: number): Promise<string> {
  const secretHash = hashSecret(secret)
  const device = (id: string, kind: NewDevice['kind']): NewDevice => ({
    id,
    kind,
    name: id,
    model: null,
    placeId: null,
    gatewayId: null,
    lon: null,
    lat: null,
    rhythmS: null,
    secretHash,
  })
  const registry = openRegistry(stateFile(system.dataDir))
  const accounts = openAccounts(stateFile(system.dataDir))
  const token = makeSecret()
  try {
    await registry.put(
      [
        ...Array.from({ length: devices }, (_, n) => device(herdId(n), 'water-meter')),
        ...Array.from({ length: FIRES }, (_, n) => device(fireId(n), 'smoke-detector')),
      ],
      { replace: false },
    )
    await accounts.addToken({ name: 'herd', role: 'dispatcher', tokenHash: hashSecret(token), createdAt: Date.now() })
  } finally {
    await registry.close()
    await accounts.close()
  }
  return token
}

function print(result: Awaited<ReturnType<typeof herd>>): void {
  const { reconnect, alarm } = result
  const ms = ({ count, p50, p99, max }: Figures): string =>
    `${String(count).padStart(4)} alarms   p50 ${String(p50).padStart(8)} ms   p99 ${String(p99).padStart(8)} ms   max ${String(max).padStart(8)} ms`
  console.log(`${result.devices} devices connected in ${result.connectedSeconds} s, ${result.connectsPerSecond} a second
memory per connection           ${result.kBPerConnection} kB (${result.heapKBPerConnection} kB of it in the heap; ${result.kBPerConnectionBeforeCollection} kB before garbage was collected)
killed ${reconnect.kills} times, serving again   ${reconnect.downSeconds.join(', ')} s
everybody back                  p50 ${reconnect.p50Seconds} s   p99 ${reconnect.p99Seconds} s   last ${reconnect.lastSeconds} s, ${reconnect.tries} tries
alarms with the broker quiet    ${ms(alarm.quiet)}
alarms during the herd          ${ms(alarm)}
  of detectors that had slept   ${ms(alarm.sleeping)}
  all, with the time it was down${ms(alarm.raw)}
readings ${result.readings}, lost ${result.lost}, duplicates ${result.duplicates}, missed alarms ${result.missedAlarms}`)
}

interface Figures {
  readonly count: number
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
}
const figures = (ms: readonly number[]): Figures => ({
  count: ms.length,
  p50: percentile(ms, 0.5),
  p99: percentile(ms, 0.99),
  max: percentile(ms, 1),
})

function merged(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const each of counts) for (const [what, count] of Object.entries(each)) sum[what] = (sum[what] ?? 0) + count
  return sum
}

const round = (value: number): number => Math.round(value * 100) / 100
