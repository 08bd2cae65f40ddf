import { setTimeout as sleep } from 'node:timers/promises'
import { stateFile } from '../../store/files.ts'
import type { HistoryReader } from '../../store/history/port.ts'
import { openViews } from '../../store/state/sqlite.ts'
import type { Views } from '../../store/state/views-port.ts'
import { caughtUp } from '../caught-up.ts'
import { randomOf } from '../random.ts'
import type { System } from '../system.ts'
import { PatientDispatcher } from './dispatcher.ts'
import { burn, SmokeDetector } from './fire.ts'
import { type FleetDevice, numbered } from './fleet.ts'
import { Meter, speak } from './meters.ts'
import { Publisher } from './publisher.ts'
import { type Alarms, checkAlarms, checkReadings, type Readings, type Truthful } from './verdict.ts'

/**
 * A load that knows the truth: meters and gateways that send each message until it is acknowledged, detectors that burn,
 * a dispatcher who acknowledges each alarm. Whatever is done to the system meanwhile, in the end every acknowledged
 * reading must be in history, and every fire must have been raised, counted and acknowledged exactly once.
 */
export interface WorkloadSize {
  readonly meters: number
  readonly gateways: number
  /** Meters behind each gateway. */
  readonly children: number
  readonly detectors: number
}

/** What the devices of a load are called, for those who register them. */
export class Cast {
  readonly meters: readonly string[]
  readonly gateways: readonly string[]
  readonly detectors: readonly string[]
  private readonly size: WorkloadSize

  constructor(name: string, size: WorkloadSize) {
    this.size = size
    this.meters = numbered(`${name}-meter`, size.meters)
    this.gateways = numbered(`${name}-gateway`, size.gateways)
    this.detectors = numbered(`${name}-smoke`, size.detectors)
  }

  childrenOf(gateway: string): readonly string[] {
    return numbered(`${gateway}-child`, this.size.children)
  }

  get devices(): readonly FleetDevice[] {
    return [
      ...this.meters.map((id) => ({ id, kind: 'water-meter' as const })),
      ...this.gateways.map((id) => ({ id, kind: 'gateway' as const })),
      ...this.gateways.flatMap((gatewayId) =>
        this.childrenOf(gatewayId).map((id) => ({ id, kind: 'water-meter' as const, gatewayId })),
      ),
      ...this.detectors.map((id) => ({ id, kind: 'smoke-detector' as const })),
    ]
  }
}

export interface WorkloadOptions {
  readonly cast: Cast
  readonly secrets: ReadonlyMap<string, string>
  /** A dispatcher's bearer token. */
  readonly token: string
  readonly seed: number
  /** Where the devices find the broker; the default is the loopback. */
  readonly brokerHost?: string
  readonly brokerPort?: number
}

export interface Verdict extends Readings, Alarms {
  readonly messages: number
  /** Messages that had to be sent again. */
  readonly resent: number
}

/** What the last alarms may take to be over once the load ends, and ingest to be through. */
const CATCH_UP_MS = 120_000
/** Longer than any device waits between two tries. */
const RECOVERY_LIMIT_MS = 60_000
const POLL_MS = 20

export class Workload {
  readonly views: Views
  /** Every device with readings, and what it said that was acknowledged. */
  readonly devices: readonly Truthful[]
  private readonly system: System
  private readonly publishers: readonly Publisher[]
  private readonly steady: readonly Publisher[]
  private readonly detectors: readonly SmokeDetector[]
  private readonly dispatcher: PatientDispatcher
  private readonly broken: AbortController
  private readonly enough: AbortController
  private readonly load: Promise<readonly number[]>
  private messages = 0

  constructor(system: System, { cast, secrets, token, seed, brokerHost, brokerPort }: WorkloadOptions) {
    this.system = system
    const broken = new AbortController()
    const enough = new AbortController()
    this.broken = broken
    this.enough = enough
    this.views = openViews(stateFile(system.dataDir))
    const dispatcher = new PatientDispatcher(this.views, system.httpUrl, token, broken.signal)
    this.dispatcher = dispatcher
    dispatcher.follow().catch((error: unknown) => broken.abort(error))

    const publisher = (id: string): Publisher =>
      new Publisher({
        host: brokerHost ?? '127.0.0.1',
        port: brokerPort ?? system.mqttPort,
        id,
        secret: secrets.get(id) ?? '',
        signal: broken.signal,
      })
    const random = (n: number): (() => number) => randomOf(seed * 1000 + n)
    const meters = cast.meters.map((id, i) => new Meter(id, i))
    const behind = cast.gateways.map((gateway, i) =>
      cast.childrenOf(gateway).map((id, j) => new Meter(id, 1000 * (i + 1) + j)),
    )
    this.detectors = cast.detectors.map((id) => new SmokeDetector(id))
    const steady = [...cast.meters, ...cast.gateways].map(publisher)
    const burning = cast.detectors.map(publisher)
    this.steady = steady
    this.publishers = [...steady, ...burning]
    this.devices = [...meters, ...behind.flat(), ...this.detectors]
    this.load = Promise.all([
      ...steady.map((each, i) => {
        const meter = meters[i]
        return meter === undefined
          ? speak(each, behind[i - meters.length] ?? [], true, random(i), enough.signal)
          : speak(each, [meter], false, random(i), enough.signal)
      }),
      ...this.detectors.map((detector, i) =>
        burn(burning[i] as Publisher, detector, dispatcher, random(steady.length + i), enough.signal),
      ),
    ])
    this.load.catch((error: unknown) => broken.abort(error))
  }

  /** Fires, with the reason, when the load itself has failed. */
  get signal(): AbortSignal {
    return this.broken.signal
  }

  /** PUBACKs so far. */
  get pubacks(): number {
    return this.publishers.reduce((sum, each) => sum + each.acked.length, 0)
  }

  /** Milliseconds from PUBLISH to PUBACK of those that came after `since` (performance.now()). */
  pubackTimes(since = 0): readonly number[] {
    return this.publishers.flatMap((each) => each.acked.filter(({ at }) => at > since).map(({ ms }) => ms))
  }

  /** Milliseconds from the first word of a fire to the decision, of fires that began after `since` (ms since 1970). */
  alarmTimes(since = 0): readonly number[] {
    return this.dispatcher.raised.flatMap(({ from, ms }) => (from > since ? [ms] : []))
  }

  /**
   * Resolves when every meter and gateway has had a PUBACK since the call, and a fire that began since then has been
   * raised. @returns seconds
   */
  async recovered(): Promise<number> {
    const since = performance.now()
    const firesFrom = Date.now()
    const served = (publisher: Publisher): boolean => (publisher.acked.at(-1)?.at ?? 0) > since
    while (!this.steady.every(served) || !this.dispatcher.raised.some(({ from }) => from >= firesFrom)) {
      this.broken.signal.throwIfAborted()
      if (performance.now() - since > RECOVERY_LIMIT_MS)
        throw new Error(
          `not recovered after ${RECOVERY_LIMIT_MS / 1000} s: ${this.steady.filter(served).length} of ${this.steady.length} meters and gateways are served again`,
        )
      await sleep(POLL_MS)
    }
    return round((performance.now() - since) / 1000)
  }

  /** Ends the load: every message is acknowledged, every fire is out and its alarm over. */
  async end(): Promise<void> {
    this.enough.abort()
    const limit = setTimeout(
      () => this.broken.abort(new Error(`the last alarms were not over after ${CATCH_UP_MS / 1000} s`)),
      CATCH_UP_MS,
    )
    try {
      this.messages = (await this.load).reduce((sum, each) => sum + each, 0)
    } finally {
      clearTimeout(limit)
      for (const each of this.publishers) each.end()
    }
  }

  /** Waits until both cursors have read all. @returns seconds */
  caughtUp(): Promise<number> {
    return caughtUp(this.system, this.views, CATCH_UP_MS)
  }

  /** What was acknowledged beside what is stored. To be asked for when ingest has caught up. */
  async verdict(history: HistoryReader): Promise<Verdict> {
    const range = (id: string) => history.range(id, 0, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY)
    return {
      ...(await checkReadings(this.devices, range)),
      ...(await checkAlarms(this.views, this.detectors)),
      messages: this.messages,
      resent: this.publishers.reduce((sum, each) => sum + each.retries, 0),
    }
  }

  async close(): Promise<void> {
    this.broken.abort(new Error('the load is over'))
    for (const each of this.publishers) each.end()
    await this.views.close()
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
