import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Lane } from '../contract/kinds.ts'
import { certificateFigures } from '../store/tls/certificate-figures.ts'
import type { CertificateWatch } from '../store/tls/certificate-watch.ts'
import type { Admission } from './admission.ts'
import type { Gate } from './gate.ts'
import type { JournalLane } from './journal-lane.ts'
import type { FrontDoor } from './listeners/front-door.ts'
import type { RefusalPace } from './refusal-pace.ts'
import type { Refusals } from './refusals.ts'
import type { Sessions } from './sessions.ts'

const LOOP_RESOLUTION_MS = 10
/** Histograms hold whole microseconds, the event loop's nanoseconds. */
const US_PER_MS = 1000
const NS_PER_MS = 1_000_000

export interface MetricSources {
  readonly lanes: Readonly<Record<Lane, JournalLane>>
  readonly gate: Gate
  readonly sessions: Sessions
  readonly refusals: Refusals
  readonly door: Pick<FrontDoor, 'connections' | 'pacedTotal'>
  readonly admission: Pick<Admission, 'figures'>
  readonly certificate: CertificateWatch | undefined
  readonly pace: Pick<RefusalPace, 'slowed'>
}

/**
 * The broker's figures by their Prometheus names (without `hydrant_`). Latencies are of the time since the last look, and
 * a sample: one publish in sixteen.
 */
export class Metrics {
  private readonly sources: MetricSources
  private readonly ackMicroseconds = createHistogram()
  private readonly loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })

  constructor(sources: MetricSources) {
    this.sources = sources
    for (const lane of Object.values(sources.lanes))
      lane.onTimed = (ms) => this.ackMicroseconds.record(Math.max(1, Math.round(ms * US_PER_MS)))
  }

  start(): void {
    this.loopDelay.enable()
  }

  stop(): void {
    this.loopDelay.disable()
  }

  read(): Record<string, number> {
    const { lanes, gate, sessions, refusals, door, admission, certificate, pace } = this.sources
    const values: Record<string, number> = {
      mqtt_connections: door.connections,
      mqtt_devices_connected: sessions.size,
      mqtt_paced_total: door.pacedTotal,
      mqtt_refusals_slowed_total: pace.slowed,
      gate_held: gate.heldNow,
      gate_held_total: gate.heldTotal,
      ...admission.figures(),
      event_loop_delay_ms: this.loopDelay.percentile(99) / NS_PER_MS || 0,
    }
    if (certificate !== undefined) Object.assign(values, certificateFigures('mqtt', certificate))
    for (const [name, lane] of Object.entries(lanes)) {
      values[`gate_accepted_total{lane="${name}"}`] = lane.figures.accepted
      values[`gate_failed_total{lane="${name}"}`] = lane.figures.failed
      values[`journal_pending_bytes{lane="${name}"}`] = lane.pendingBytes
      values[`mqtt_stalled_connections{lane="${name}"}`] = lane.stalledConnections
    }
    for (const [reason, count] of refusals.totals) values[`refused_total{reason="${reason}"}`] = count
    for (const [reason, count] of sessions.ends) values[`mqtt_disconnects_total{reason="${reason}"}`] = count
    const timed = this.ackMicroseconds.count > 0
    values['gate_ack_ms{quantile="0.5"}'] = timed ? this.ackMicroseconds.percentile(50) / US_PER_MS : 0
    values['gate_ack_ms{quantile="0.99"}'] = timed ? this.ackMicroseconds.percentile(99) / US_PER_MS : 0
    this.ackMicroseconds.reset()
    this.loopDelay.reset()
    return values
  }
}
