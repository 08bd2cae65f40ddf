import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Quantity, Value } from '../contract/quantities.ts'
import { historyFile, stateFile } from '../store/files.ts'
import { openHistoryReader } from '../store/history/sqlite.ts'
import { hashSecret, makeSecret } from '../store/identity.ts'
import type { NewDevice, Views } from '../store/state/port.ts'
import { openAccounts, openRegistry, openViews } from '../store/state/sqlite.ts'
import { caughtUp } from './caught-up.ts'
import { PatientDispatcher } from './crash/dispatcher.ts'
import { burn, SmokeDetector } from './crash/fire.ts'
import { Meter, speak } from './crash/meters.ts'
import { Publisher } from './crash/publisher.ts'
import { apiAgrees, checkAlarms, checkReadings } from './crash/verdict.ts'
import { between, oneOf, randomOf } from './random.ts'
import { type System, startSystem } from './system.ts'

/**
 * kill -9 under load. Real roles, real MQTT: publishers that send each message until it is acknowledged, a dispatcher who
 * acknowledges each alarm; one role after the other is killed at random moments and started again. In the end every
 * acknowledged reading must be in history, and every fire must have been raised, counted and acknowledged exactly once.
 */
const ROLES = ['broker', 'ingest', 'dashboard'] as const
type Role = (typeof ROLES)[number]

const METERS = 40
const GATEWAYS = 4
const CHILDREN = 5
const DETECTORS = 16
/** Milliseconds from when a role serves again to the next kill: also while the others still catch up. */
const KILL_AFTER_MS = { least: 50, most: 2200 } as const
/** Milliseconds that a killed role stays dead. */
const DEAD_MS = { least: 0, most: 300 } as const
/** One of so many killed roles is killed again while it starts: recovering must survive it too. */
const RELAPSE_ONE_IN = 5
/** Milliseconds from its start: a role serves after 500 to 2,000. */
const RELAPSE_MS = { least: 20, most: 700 } as const
/** Before the first kill and after the last restart. */
const STEADY_MS = 1000
/** What ingest and the last alarms may take to be through, once nothing new comes. */
const CATCH_UP_MS = 120_000
/** Devices whose readings are also asked for over HTTP, as many as one answer holds. */
const API_SAMPLE = 5
const API_LIMIT = 10_000

const HELP = `npm run bench -- crash [--kills 20] [--roles ${ROLES.join(',')}] [--seed 1] [--json]

Kills roles with SIGKILL at random moments under load. Exit code 1 when an acknowledged reading is missing or a fire was
not raised exactly once.`

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      kills: { type: 'string', default: '20' },
      roles: { type: 'string', default: ROLES.join(',') },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (flags.help) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const kills = Number(flags.kills)
  const seed = Number(flags.seed)
  const roles = flags.roles.split(',').filter((role): role is Role => (ROLES as readonly string[]).includes(role))
  if (
    !Number.isInteger(kills) ||
    kills < 1 ||
    !Number.isInteger(seed) ||
    roles.length !== flags.roles.split(',').length
  ) {
    process.stderr.write(`${HELP}\n`)
    return 2
  }
  const result = await crash({ kills, seed, roles, say: (line) => process.stderr.write(`${line}\n`) })
  process.stdout.write(`${flags.json ? JSON.stringify(result) : JSON.stringify(result, null, 2)}\n`)
  return isGood(result) ? 0 : 1
}

export type CrashResult = Awaited<ReturnType<typeof crash>>

export const isGood = (result: CrashResult): boolean =>
  result.lost === 0 &&
  result.duplicateAlarms === 0 &&
  result.missedAlarms === 0 &&
  result.miscountedAlarms === 0 &&
  result.apiMissing === 0 &&
  result.apiAgrees

export interface CrashOptions {
  readonly kills: number
  readonly seed: number
  readonly roles: readonly Role[]
  /** Told how it goes. */
  readonly say: (line: string) => void
}

/** Throws where a role does not come back, or ingest does not catch up. */
export async function crash({ kills, seed, roles, say }: CrashOptions) {
  const began = performance.now()
  // No limit on the rate of meters: the load is what matters here.
  const system = await startSystem({ roles: [], env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'warn' } })
  const broken = new AbortController()
  const enough = new AbortController()
  let views: Views | undefined
  try {
    const { secrets, token } = await register(system)
    for (const role of ROLES) await system.start(role)
    views = openViews(stateFile(system.dataDir))
    const dispatcher = new PatientDispatcher(views, system.httpUrl, token, broken.signal)
    const following = dispatcher.follow()
    following.catch((error: unknown) => broken.abort(error))

    const publishers: Publisher[] = []
    const publisher = (id: string): Publisher => {
      const made = new Publisher(system.mqttPort, id, secrets.get(id) ?? '', broken.signal)
      publishers.push(made)
      return made
    }
    const meters = METER_IDS.map((id, i) => new Meter(id, i))
    const children = GATEWAY_IDS.map((gateway, i) =>
      childrenOf(gateway).map((id, j) => new Meter(id, 1000 * (i + 1) + j)),
    )
    const detectors = DETECTOR_IDS.map((id) => new SmokeDetector(id))
    const random = (n: number): (() => number) => randomOf(seed * 1000 + n)
    const load = Promise.all([
      ...meters.map((meter, i) => speak(publisher(meter.id), [meter], false, random(i), enough.signal)),
      ...children.map((each, i) =>
        speak(publisher(GATEWAY_IDS[i] as string), each, true, random(METERS + i), enough.signal),
      ),
      ...detectors.map((detector, i) =>
        burn(publisher(detector.id), detector, dispatcher, random(METERS + GATEWAYS + i), enough.signal),
      ),
    ])
    load.catch((error: unknown) => broken.abort(error))

    await sleep(STEADY_MS)
    const restartSeconds = await killAll(system, { kills, roles, random: randomOf(seed), signal: broken.signal, say })
    await sleep(STEADY_MS)
    enough.abort()
    const limit = setTimeout(
      () => broken.abort(new Error(`the last alarms were not over after ${CATCH_UP_MS / 1000} s`)),
      CATCH_UP_MS,
    )
    const messages = (await load).reduce((sum, each) => sum + each, 0)
    clearTimeout(limit)
    for (const each of publishers) each.end()
    say(`${messages} messages acknowledged; ingest catches up`)
    const catchUpSeconds = await caughtUp(system, views, CATCH_UP_MS)

    const devices = [...meters, ...children.flat(), ...detectors]
    const history = openHistoryReader(historyFile(system.dataDir))
    const readings = await checkReadings(devices, (id) => history.range(id, 0, Number.MAX_SAFE_INTEGER, Infinity))
    await history.close()
    const alarms = await checkAlarms(views, detectors)
    const ask = async (path: string): Promise<unknown> => {
      const answer = await fetch(`${system.httpUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
      if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`)
      return answer.json()
    }
    const sample = sampleOf(devices, randomOf(seed))
    const overHttp = await checkReadings(sample, async (id) => readAll(ask, id))
    const totals = await views.rejectionTotals()
    return {
      kills,
      acked: readings.acked,
      stored: readings.stored,
      lost: readings.lost,
      ...alarms,
      invented: readings.invented,
      messages,
      resent: publishers.reduce((sum, each) => sum + each.retries, 0),
      apiReadings: overHttp.acked,
      apiMissing: overHttp.lost,
      apiAgrees: await apiAgrees(views, ask),
      restartSeconds,
      catchUpSeconds,
      setAside: Object.fromEntries(totals),
      roles,
      seed,
      seconds: round((performance.now() - began) / 1000),
    }
  } finally {
    broken.abort(new Error('the bench is over'))
    await views?.close()
    await system.stop()
  }
}

interface Killing {
  readonly kills: number
  readonly roles: readonly Role[]
  readonly random: () => number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** @returns per role the longest time from its start to serving, seconds, and how often it was killed */
async function killAll(
  system: System,
  { kills, roles, random, signal, say }: Killing,
): Promise<Partial<Record<Role, { readonly kills: number; readonly max: number }>>> {
  const taken: Partial<Record<Role, { kills: number; max: number }>> = {}
  let left: Role[] = []
  for (let kill = 1; kill <= kills; kill++) {
    await sleep(between(random, KILL_AFTER_MS.least, KILL_AFTER_MS.most))
    signal.throwIfAborted()
    // At random, but each as often as the others.
    if (left.length === 0) left = [...roles]
    const role = oneOf(random, left)
    left = left.filter((other) => other !== role)
    if (system.pid(role) === undefined) throw new Error(`${role} ended by itself. It printed:\n${system.output(role)}`)
    const figures = taken[role] ?? { kills: 0, max: 0 }
    taken[role] = figures
    await system.end(role, 'SIGKILL')
    figures.kills++
    await sleep(between(random, DEAD_MS.least, DEAD_MS.most))
    if (kill < kills && random() * RELAPSE_ONE_IN < 1) {
      const starting = system.start(role).catch(() => undefined)
      await sleep(between(random, RELAPSE_MS.least, RELAPSE_MS.most))
      await system.end(role, 'SIGKILL')
      await starting
      figures.kills++
      kill++
    }
    const began = performance.now()
    await system.start(role)
    const seconds = round((performance.now() - began) / 1000)
    figures.max = Math.max(figures.max, seconds)
    say(`${kill}/${kills} ${role} killed, serving again after ${seconds} s`)
  }
  return taken
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${name}-${String(i).padStart(2, '0')}`)
const METER_IDS = numbered('crash-meter', METERS)
const GATEWAY_IDS = numbered('crash-gateway', GATEWAYS)
const DETECTOR_IDS = numbered('crash-smoke', DETECTORS)
const childrenOf = (gateway: string): string[] => numbered(`${gateway}-child`, CHILDREN)

async function register(system: System): Promise<{ secrets: ReadonlyMap<string, string>; token: string }> {
  const secrets = new Map<string, string>()
  const device = (id: string, kind: NewDevice['kind'], gatewayId: string | null = null): NewDevice => {
    const secret = makeSecret()
    secrets.set(id, secret)
    return {
      id,
      kind,
      name: id,
      model: null,
      placeId: null,
      gatewayId,
      lon: null,
      lat: null,
      rhythmS: null,
      secretHash: hashSecret(secret),
    }
  }
  const registry = openRegistry(stateFile(system.dataDir))
  const accounts = openAccounts(stateFile(system.dataDir))
  const token = makeSecret()
  try {
    await registry.put(
      [
        ...METER_IDS.map((id) => device(id, 'water-meter')),
        ...GATEWAY_IDS.map((id) => device(id, 'gateway')),
        ...GATEWAY_IDS.flatMap((gateway) => childrenOf(gateway).map((id) => device(id, 'water-meter', gateway))),
        ...DETECTOR_IDS.map((id) => device(id, 'smoke-detector')),
      ],
      { replace: false },
    )
    await accounts.addToken({ name: 'crash', role: 'dispatcher', tokenHash: hashSecret(token), createdAt: Date.now() })
  } finally {
    await registry.close()
    await accounts.close()
  }
  return { secrets, token }
}

function sampleOf<T>(all: readonly T[], random: () => number): T[] {
  return Array.from({ length: API_SAMPLE }, () => oneOf(random, all))
}

/** All readings of a device over HTTP, page by page. */
async function readAll(
  ask: (path: string) => Promise<unknown>,
  deviceId: string,
): Promise<{ at: number[]; fields: Map<Quantity, (Value | null)[]> }> {
  const at: number[] = []
  const fields = new Map<Quantity, (Value | null)[]>()
  for (let from = 0, more = true; more; from = (at[at.length - 1] ?? 0) + 1) {
    const to = Date.now()
    const page = (await ask(`/api/devices/${deviceId}/readings?from=${from}&to=${to}&limit=${API_LIMIT}`)) as {
      at: number[]
      fields: Record<Quantity, (Value | null)[]>
      truncated: boolean
    }
    for (const [quantity, values] of Object.entries(page.fields) as [Quantity, (Value | null)[]][]) {
      const column = fields.get(quantity) ?? []
      while (column.length < at.length) column.push(null)
      column.push(...values)
      fields.set(quantity, column)
    }
    at.push(...page.at)
    more = page.truncated
  }
  return { at, fields }
}

const round = (value: number): number => Math.round(value * 100) / 100
