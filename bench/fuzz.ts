import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Kind } from '../contract/kinds.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openAccounts, openRegistry, openViews } from '../store/state/sqlite.ts'
import { caughtUp } from './caught-up.ts'
import { type Attack, type Credential, mutateFrames, mutatePackets, mutatePayloads } from './fuzz/attackers.ts'
import { mutateRequests } from './fuzz/requests.ts'
import { processFigures } from './herd/process-figures.ts'
import { randomOf } from './random.ts'
import { type RoleName, type System, startSystem } from './system.ts'

/**
 * Mutated MQTT packets, WebSocket frames, payloads and HTTP requests against the real roles. Nothing of it may end a
 * process, be acknowledged and lost, or make memory grow without bound.
 */
const ROLES: readonly RoleName[] = ['broker', 'ingest', 'dashboard']
/** Memory is compared from here on: before it, code is compiled and caches fill. Share of the run. */
const WARM_UP = 0.25
const LOOK_MS = 500
const CATCH_UP_MS = 120_000
const PAGE = 5000
const MB = 1024 * 1024
/** All forms of payload, and who may send them. */
const SENDERS: readonly { readonly id: string; readonly kind: Kind; readonly forms: readonly string[] }[] = [
  { id: 'meter-7', kind: 'water-meter', forms: ['telemetry', 'raw/cjt188'] },
  { id: 'smoke-1', kind: 'smoke-detector', forms: ['telemetry', 'raw/cjt188'] },
  { id: 'gateway-1', kind: 'gateway', forms: ['gateway', 'telemetry'] },
]

const HELP = `npm run bench -- fuzz [--seconds 60] [--seed 1] [--json]

Sends mutated MQTT packets, WebSocket frames, payloads and HTTP requests to real roles. Exit code 1 when a role ended, an
acknowledged payload is not stored, or the dashboard answered 500.`

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(flags.seconds)
  const seed = Number(flags.seed)
  if (flags.help || !(seconds > 0) || !Number.isInteger(seed)) {
    process.stdout.write(`${HELP}\n`)
    return flags.help ? 0 : 2
  }
  const result = await fuzz(seconds, seed)
  process.stdout.write(`${flags.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`)
  return result.crashes === 0 && result.lost === 0 && result.serverErrors === 0 ? 0 : 1
}

async function fuzz(seconds: number, seed: number) {
  // Held back for its rate, a device would send twenty inputs and wait.
  const system = await startSystem({ env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'error' } })
  const watch = new Watch(system)
  try {
    const devices = await register(system)
    const token = await addToken(system)
    // The broker looks at the registry twice a second.
    await sleep(2 * LOOK_MS)
    const inputs = { packets: 0, frames: 0, payloads: 0, requests: 0 }
    const ends = performance.now() + seconds * 1000
    let seeds = seed
    const attack = (port: number, what: keyof typeof inputs): Attack => ({
      port,
      random: randomOf(seeds++),
      until: () => performance.now() > ends || watch.crashes > 0,
      sent: () => inputs[what]++,
    })
    const [first] = devices
    if (first === undefined) throw new Error('nobody is registered')
    const watching = watch.run(ends, seconds)
    const [acknowledged, serverErrors] = await Promise.all([
      Promise.all(
        devices.map((device, i) =>
          mutatePayloads(attack(system.mqttPort, 'payloads'), device, SENDERS[i]?.forms ?? ['telemetry']),
        ),
      ).then((counts) => counts.reduce((sum, count) => sum + count, 0)),
      mutateRequests(attack(system.httpPort, 'requests'), token),
      mutatePackets(attack(system.mqttPort, 'packets'), { id: 'bystander', secret: first.secret }),
      mutatePackets(attack(system.mqttPort, 'packets'), first),
      mutateFrames(attack(system.mqttPort, 'frames'), first),
    ])
    await watching
    const views = openViews(stateFile(system.dataDir))
    const drainSeconds = watch.crashes > 0 ? null : await caughtUp(system, views, CATCH_UP_MS)
    const stored = await storedPayloads(system)
    const poison = (await views.rejectionTotals()).get('poison.exception') ?? 0
    await views.close()
    return {
      inputs: inputs.packets + inputs.frames + inputs.payloads + inputs.requests,
      crashes: watch.crashes,
      rssGrowthMB: watch.growthMB(),
      rssMB: watch.lastMB(),
      seconds,
      seed,
      ...inputs,
      acknowledged,
      stored,
      // Payloads of those that only mutate packets are stored too, some of them after their sender has gone.
      lost: Math.max(0, acknowledged - stored),
      poison,
      serverErrors,
      drainSeconds,
      crashed: watch.crashed,
    }
  } finally {
    await system.stop()
  }
}

async function register(system: System): Promise<readonly Credential[]> {
  const registry = openRegistry(stateFile(system.dataDir))
  const devices = SENDERS.map(({ id }) => ({ id, secret: makeSecret() }))
  const facts = { model: null, placeId: null, lon: null, lat: null, rhythmS: null }
  const children = ['child-1', 'child-2'].map((id) => ({ id, kind: 'smoke-detector' as const, gatewayId: 'gateway-1' }))
  await registry.put(
    [
      ...SENDERS.map(({ id, kind }, i) => ({
        ...facts,
        id,
        kind,
        name: id,
        gatewayId: null,
        secretHash: hashSecret(devices[i]?.secret ?? ''),
      })),
      ...children.map((child) => ({ ...facts, ...child, name: child.id, secretHash: hashSecret(makeSecret()) })),
    ],
    { replace: true },
  )
  await registry.close()
  return devices
}

async function addToken(system: System): Promise<string> {
  const accounts = openAccounts(stateFile(system.dataDir))
  const token = makeSecret()
  await accounts.addToken({ name: 'fuzz', role: 'admin', tokenHash: hashSecret(token), createdAt: Date.now() })
  await accounts.close()
  return token
}

/** Payloads in the journal, whatever they hold. */
async function storedPayloads(system: System): Promise<number> {
  let stored = 0
  for (const lane of ['urgent', 'bulk'] as const) {
    const journal = openJournalReader(journalFile(system.dataDir, lane))
    for (let seq = 0; ; ) {
      const records = await journal.readAfter(seq, PAGE)
      const last = records.at(-1)
      if (last === undefined) break
      stored += records.filter(({ kind }) => kind === 'telemetry' || kind === 'gateway' || kind === 'raw').length
      seq = last.seq
    }
    await journal.close()
  }
  return stored
}

/** Looks whether the roles live, and what they hold. */
class Watch {
  crashes = 0
  readonly crashed: string[] = []
  private readonly system: System
  private readonly pids: ReadonlyMap<RoleName, number | undefined>
  private readonly samples: ReadonlyMap<RoleName, number>[] = []

  constructor(system: System) {
    this.system = system
    this.pids = new Map(ROLES.map((role) => [role, system.pid(role)]))
  }

  async run(ends: number, seconds: number): Promise<void> {
    const from = ends - seconds * 1000 * (1 - WARM_UP)
    while (performance.now() < ends && this.crashes === 0) {
      await sleep(LOOK_MS)
      for (const [role, pid] of this.pids)
        if (this.system.pid(role) !== pid) {
          this.crashes++
          this.crashed.push(`${role}: ${this.system.output(role).slice(-1000)}`)
        }
      if (performance.now() > from) this.samples.push(this.look())
    }
  }

  /** Median of the last quarter above that of the first: one collection of garbage more or less is no growth. */
  growthMB(): number {
    const sums = this.samples.map((sample) => [...sample.values()].reduce((sum, mb) => sum + mb, 0))
    const quarter = Math.max(1, Math.floor(sums.length / 4))
    return Math.round((median(sums.slice(-quarter)) - median(sums.slice(0, quarter))) * 10) / 10
  }

  /** What each role holds at the end. */
  lastMB(): Readonly<Record<string, number>> {
    return Object.fromEntries([...(this.samples.at(-1) ?? [])].map(([role, mb]) => [role, Math.round(mb)]))
  }

  private look(): ReadonlyMap<RoleName, number> {
    return new Map([...this.pids].map(([role, pid]) => [role, residentMB(pid)]))
  }
}

function residentMB(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : processFigures(pid).rssBytes / MB
  } catch {
    // It has ended; that is counted elsewhere.
    return 0
  }
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
