import type { Alarm } from '../../contract/alarms.ts'
import type { Quantity } from '../../contract/quantities.ts'
import { historyFile, stateFile } from '../../store/files.ts'
import { openHistoryReader } from '../../store/history/sqlite.ts'
import { openViews } from '../../store/state/sqlite.ts'
import type { Views } from '../../store/state/views-port.ts'
import { caughtUp } from '../caught-up.ts'
import { type Ask, askOf } from '../crash/api.ts'
import { addBearer, type FleetDevice, registerFleet } from '../crash/fleet.ts'
import { Publisher } from '../crash/publisher.ts'
import { checkReadings, type Truthful } from '../crash/verdict.ts'
import { type System, type SystemOptions, startSystem } from '../system.ts'
import type { FaultOutcome } from './fault.ts'

/** A few devices that say exactly what they are told to, to the real roles; afterwards history is held against it. */
export interface Script {
  readonly system: System
  readonly views: Views
  readonly token: string
  readonly secrets: ReadonlyMap<string, string>
  readonly ask: Ask
  /** Resolves with the PUBACK. Whatever is no string or bytes goes out as JSON. */
  say(deviceId: string, payload: unknown): Promise<void>
  /** What must be in history in the end. */
  readonly expected: Expected
  /** Every alarm of the device, also those that are over. */
  alarmsOf(deviceId: string): Promise<readonly Alarm[]>
  /** Waits until both cursors have read all. */
  settled(): Promise<void>
}

export interface Played {
  readonly injected: string
  readonly duplicateAlarms: number
  readonly broken: readonly string[]
  readonly recoverySeconds?: number
  readonly [figure: string]: unknown
}

/** Readings by device, to be found again. */
class Expected {
  private readonly byDevice = new Map<string, Map<string, Reading>>()

  /** Said again with another value, the last one counts. */
  add(deviceId: string, at: number, quantity: Quantity, value: number): void {
    const readings = this.byDevice.get(deviceId) ?? new Map<string, Reading>()
    this.byDevice.set(deviceId, readings)
    readings.set(`${at} ${quantity}`, { at, quantity, value })
  }

  get devices(): readonly Truthful[] {
    return [...this.byDevice].map(([id, readings]) => ({ id, truth: () => readings.values() }))
  }
}

interface Reading {
  readonly at: number
  readonly quantity: Quantity
  readonly value: number
}

const CATCH_UP_MS = 60_000
/** A publish that is not acknowledged after this long is given up. */
const PATIENCE_MS = 60_000
const PAGE = 1000

export async function scripted(
  devices: readonly FleetDevice[],
  options: Pick<SystemOptions, 'env' | 'through'>,
  play: (script: Script) => Promise<Played>,
): Promise<FaultOutcome> {
  const system = await startSystem({
    ...options,
    roles: [],
    env: { HYDRANT_MQTT_RATE: '0', HYDRANT_LOG_LEVEL: 'warn', ...options.env },
  })
  const publishers = new Map<string, Publisher>()
  let views: Views | undefined
  try {
    const secrets = await registerFleet(system.dataDir, devices)
    const token = await addBearer(system.dataDir)
    for (const role of ['broker', 'ingest', 'dashboard'] as const) await system.start(role)
    const opened = openViews(stateFile(system.dataDir))
    views = opened
    const expected = new Expected()
    const publisherOf = (id: string): Publisher => {
      const known = publishers.get(id)
      if (known !== undefined) return known
      const secret = secrets.get(id) ?? ''
      const signal = AbortSignal.timeout(PATIENCE_MS)
      const made = new Publisher({ host: '127.0.0.1', port: system.mqttPort, id, secret, signal })
      publishers.set(id, made)
      return made
    }
    const settled = async (): Promise<void> => {
      await caughtUp(system, opened, CATCH_UP_MS)
    }
    const played = await play({
      system,
      views: opened,
      token,
      secrets,
      ask: askOf(system, token),
      say: (deviceId, payload) => {
        const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
        return publisherOf(deviceId).publish('v1/devices/me/telemetry', () => text)
      },
      expected,
      alarmsOf: async (deviceId) => (await opened.alarms({ state: 'all', deviceId, limit: PAGE })).items,
      settled,
    })
    await settled()
    const history = openHistoryReader(historyFile(system.dataDir))
    const verdict = await checkReadings(expected.devices, (id) =>
      history.range(id, 0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY),
    ).finally(() => history.close())
    const { acked, stored, lost } = verdict
    const broken = [...played.broken]
    if (lost > 0) broken.push(`${lost} acknowledged readings are not stored`)
    if (played.duplicateAlarms > 0) broken.push(`${played.duplicateAlarms} alarms were raised more than once`)
    return { recoverySeconds: null, acked, stored, lost, ...played, broken }
  } finally {
    for (const publisher of publishers.values()) publisher.end()
    await views?.close()
    await system.stop()
  }
}
