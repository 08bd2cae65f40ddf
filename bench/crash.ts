import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { historyFile } from '../store/files.ts'
import { openHistoryReader } from '../store/history/sqlite.ts'
import { askOf, readAll } from './crash/api.ts'
import { addBearer, numbered, registerFleet } from './crash/fleet.ts'
import { apiAgrees, checkReadings } from './crash/verdict.ts'
import { Cast, Workload, type WorkloadSize } from './crash/workload.ts'
import { between, oneOf, randomOf } from './random.ts'
import { type System, startSystem } from './system.ts'

/**
 * kill -9 under load. Real roles, real MQTT: publishers that send each message until it is acknowledged, a dispatcher who
 * acknowledges each alarm; one role after the other is killed at random moments and started again. In the end every
 * acknowledged reading must be in history, and every fire must have been raised, counted and acknowledged exactly once.
 */
const ROLES = ['broker', 'ingest', 'dashboard'] as const
type Role = (typeof ROLES)[number]

const SIZE: WorkloadSize = { meters: 40, gateways: 4, children: 5, detectors: 16 }
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
/** Devices whose readings are also asked for over HTTP. */
const API_SAMPLE = 5

const HELP = `npm run bench -- crash [--kills 20] [--roles ${ROLES.join(',')}] [--devices 0] [--seed 1] [--json]

Kills roles with SIGKILL at random moments under load. Exit code 1 when an acknowledged reading is missing or a fire was
not raised exactly once. --devices: as many meters are registered besides, which a role reads when it starts.`

export async function run(argv: readonly string[]): Promise<number> {
  const { values: flags } = parseArgs({
    args: [...argv],
    options: {
      kills: { type: 'string', default: '20' },
      roles: { type: 'string', default: ROLES.join(',') },
      devices: { type: 'string', default: '0' },
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
  const devices = Number(flags.devices)
  const roles = flags.roles.split(',').filter((role): role is Role => (ROLES as readonly string[]).includes(role))
  if (
    !Number.isInteger(kills) ||
    kills < 1 ||
    !Number.isInteger(seed) ||
    !Number.isInteger(devices) ||
    devices < 0 ||
    roles.length !== flags.roles.split(',').length
  ) {
    process.stderr.write(`${HELP}\n`)
    return 2
  }
  const result = await crash({ kills, seed, roles, devices, say: (line) => process.stderr.write(`${line}\n`) })
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
  /** Meters that are registered besides and never heard of: what a role has to read when it starts. */
  readonly devices: number
  /** Told how it goes. */
  readonly say: (line: string) => void
}

/** Throws where a role does not come back, or ingest does not catch up. */
export async function crash({ kills, seed, roles, devices, say }: CrashOptions) {
  const began = performance.now()
  // No limit on the rate of meters: the load is what matters here.
  const system = await startSystem({ roles: [], env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'warn' } })
  let load: Workload | undefined
  try {
    const cast = new Cast('crash', SIZE)
    const others = numbered('idle-meter', devices).map((id) => ({ id, kind: 'water-meter' as const }))
    const secrets = await registerFleet(system.dataDir, [...cast.devices, ...others])
    const token = await addBearer(system.dataDir)
    for (const role of ROLES) await system.start(role)
    load = new Workload(system, { cast, secrets, token, seed })

    await sleep(STEADY_MS)
    const restartSeconds = await killAll(system, { kills, roles, random: randomOf(seed), signal: load.signal, say })
    await sleep(STEADY_MS)
    await load.end()
    say(`${load.pubacks} messages acknowledged; ingest catches up`)
    const catchUpSeconds = await load.caughtUp()

    const history = openHistoryReader(historyFile(system.dataDir))
    const verdict = await load.verdict(history)
    await history.close()
    const ask = askOf(system, token)
    const sample = sampleOf(load.devices, randomOf(seed))
    const overHttp = await checkReadings(sample, async (id) => readAll(ask, id))
    return {
      kills,
      ...verdict,
      apiReadings: overHttp.acked,
      apiMissing: overHttp.lost,
      apiAgrees: await apiAgrees(load.views, ask),
      restartSeconds,
      catchUpSeconds,
      setAside: Object.fromEntries(await load.views.rejectionTotals()),
      roles,
      devices,
      seed,
      seconds: round((performance.now() - began) / 1000),
    }
  } finally {
    await load?.close()
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

function sampleOf<T>(all: readonly T[], random: () => number): T[] {
  return Array.from({ length: API_SAMPLE }, () => oneOf(random, all))
}

const round = (value: number): number => Math.round(value * 100) / 100
