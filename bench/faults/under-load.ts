import { setTimeout as sleep } from 'node:timers/promises'
import { historyFile } from '../../store/files.ts'
import type { HistoryReader } from '../../store/history/port.ts'
import { openHistoryReader } from '../../store/history/sqlite.ts'
import { type Ask, askOf } from '../crash/api.ts'
import { addBearer, type FleetDevice, registerFleet } from '../crash/fleet.ts'
import { Cast, type Verdict, Workload, type WorkloadSize } from '../crash/workload.ts'
import { type RoleName, type System, type SystemOptions, startSystem } from '../system.ts'
import type { FaultContext, FaultOutcome } from './fault.ts'

/** Every role busy, neither core full: what is measured is the fault, not the load. */
const SIZE: WorkloadSize = { meters: 16, gateways: 2, children: 4, detectors: 6 }
/** Before the fault and after the recovery. */
const STEADY_MS = 1000
const ROLES: readonly RoleName[] = ['broker', 'ingest', 'dashboard']

export interface Stage {
  readonly system: System
  readonly load: Workload
  readonly secrets: ReadonlyMap<string, string>
  readonly token: string
  readonly ask: Ask
}

export interface UnderLoadOptions extends Pick<SystemOptions, 'dataDir' | 'env' | 'through'> {
  readonly size?: WorkloadSize
  /** Registered beside those of the load. */
  readonly devices?: readonly FleetDevice[]
  /** Where the load finds the broker: asked for when the system runs. */
  readonly broker?: (system: System) => { readonly host: string; readonly port: number }
  /** What holds the readings; the default is the embedded history. */
  readonly openHistory?: (system: System) => HistoryReader
}

export interface Injected {
  readonly injected: string
  readonly broken?: readonly string[]
  readonly [figure: string]: unknown
}

export interface Injection {
  /** Does the harm, and undoes it. */
  readonly inject: (stage: Stage) => Promise<Injected>
  /** Called when the load has ended and everything is acknowledged, before ingest is waited for. */
  readonly whenQuiet?: () => Promise<void>
  /** Called when the load has ended and ingest has read all. More figures, and promises that it found broken. */
  readonly after?: (stage: Stage, verdict: Verdict) => Promise<Partial<Injected>>
}

/** Runs the load, does something to the system in its middle, and counts what was acknowledged beside what is stored. */
export async function underLoad(
  context: FaultContext,
  options: UnderLoadOptions,
  { inject, whenQuiet, after }: Injection,
): Promise<FaultOutcome> {
  const system = await startSystem({
    roles: [],
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.through === undefined ? {} : { through: options.through }),
    // No limit on the rate of meters: the load is what matters here.
    env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'warn', ...options.env },
  })
  let load: Workload | undefined
  try {
    const cast = new Cast('fault', options.size ?? SIZE)
    const secrets = await registerFleet(system.dataDir, [...cast.devices, ...(options.devices ?? [])])
    const token = await addBearer(system.dataDir)
    for (const role of ROLES) await system.start(role)
    const pids = ROLES.map((role) => system.pid(role))
    const broker = options.broker?.(system)
    load = new Workload(system, {
      cast,
      secrets,
      token,
      seed: context.seed,
      ...(broker === undefined ? {} : { brokerHost: broker.host, brokerPort: broker.port }),
    })
    const stage: Stage = { system, load, secrets, token, ask: askOf(system, token) }
    await sleep(STEADY_MS)
    const injected = await inject(stage)
    const recoverySeconds = await load.recovered()
    await sleep(STEADY_MS)
    await load.end()
    await whenQuiet?.()
    const drainSeconds = await load.caughtUp()
    const history = options.openHistory?.(system) ?? openHistoryReader(historyFile(system.dataDir))
    const verdict = await load.verdict(history).finally(() => history.close())
    const more = await after?.(stage, verdict)
    const ended = ROLES.filter((role, i) => system.pid(role) !== pids[i])
    return {
      ...judged(verdict),
      recoverySeconds,
      drainSeconds,
      messages: verdict.messages,
      resent: verdict.resent,
      fires: verdict.episodes,
      ...injected,
      ...more,
      broken: [
        ...judged(verdict).broken,
        ...ended.map((role) => `${role} ended by itself: ${lastWords(system.output(role))}`),
        ...(injected.broken ?? []),
        ...(more?.broken ?? []),
      ],
    }
  } catch (error) {
    const said = ROLES.map((role) => `${role}: ${lastWords(system.output(role))}`).join('\n')
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said}`)
  } finally {
    await load?.close()
    await system.stop()
  }
}

function judged(verdict: Verdict) {
  const { acked, stored, lost, duplicateAlarms, missedAlarms, miscountedAlarms, invented } = verdict
  const broken: string[] = []
  if (acked === 0) broken.push('nothing was acknowledged at all')
  if (lost > 0) broken.push(`${lost} acknowledged readings are not stored`)
  if (invented > 0) broken.push(`${invented} readings are stored that nobody sent`)
  if (duplicateAlarms > 0) broken.push(`${duplicateAlarms} alarms were raised more than once`)
  if (missedAlarms > 0) broken.push(`${missedAlarms} fires have no alarm`)
  if (miscountedAlarms > 0) broken.push(`${miscountedAlarms} alarms were not counted or acknowledged exactly once`)
  return { acked, stored, lost, duplicateAlarms, broken }
}

const LAST_WORDS = 300
const lastWords = (output: string): string => output.trimEnd().slice(-LAST_WORDS)
