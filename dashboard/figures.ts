import { certificateFigures } from '../store/tls/certificate-figures.ts'
import type { CertificateWatch } from '../store/tls/certificate-watch.ts'

/** Upper bounds of the latency histogram, seconds: from a cached answer to one that a person notices. */
const BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

interface Latencies {
  readonly buckets: number[]
  count: number
  sum: number
}

/** What the dashboard measures of itself. Names as in Prometheus, without the `hydrant_` prefix. */
export class Figures {
  /** Open sockets, set by the live layer. */
  sockets = 0
  /** Events passed on, and device changes sent, since the start. */
  eventsSent = 0
  changesSent = 0
  /** Sockets whose client read too slowly and was switched to catching up. */
  slowSockets = 0
  private readonly certificate: CertificateWatch | undefined
  private readonly counters = new Map<string, number>()
  private readonly requests = new Map<string, Latencies>()

  /** @param certificate what the console shows; absent where it speaks plain HTTP */
  constructor(certificate: CertificateWatch | undefined) {
    this.certificate = certificate
  }

  /** Adds one to a counter of that full name. */
  count(name: string): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + 1)
  }

  /** One answered request. `route` is the pattern, never the address, so that labels stay few. */
  answered(method: string, route: string, status: number, seconds: number): void {
    const key = `method="${method}",route="${route}",status="${Math.floor(status / 100)}xx"`
    let latencies = this.requests.get(key)
    if (latencies === undefined) {
      latencies = { buckets: BUCKETS_S.map(() => 0), count: 0, sum: 0 }
      this.requests.set(key, latencies)
    }
    const bucket = BUCKETS_S.findIndex((bound) => seconds <= bound)
    if (bucket >= 0) latencies.buckets[bucket] = (latencies.buckets[bucket] ?? 0) + 1
    latencies.count += 1
    latencies.sum += seconds
  }

  /** Every figure by its full name with labels. */
  read(): Record<string, number> {
    const figures: Record<string, number> = {
      dashboard_sockets: this.sockets,
      dashboard_events_sent_total: this.eventsSent,
      dashboard_device_changes_sent_total: this.changesSent,
      dashboard_slow_sockets_total: this.slowSockets,
      dashboard_memory_bytes: process.memoryUsage.rss(),
      ...(this.certificate === undefined ? {} : certificateFigures('http', this.certificate)),
      ...Object.fromEntries(this.counters),
    }
    for (const [labels, { buckets, count, sum }] of this.requests) {
      let below = 0
      for (const [i, bound] of BUCKETS_S.entries()) {
        below += buckets[i] ?? 0
        figures[`http_request_duration_seconds_bucket{${labels},le="${bound}"}`] = below
      }
      figures[`http_request_duration_seconds_bucket{${labels},le="+Inf"}`] = count
      figures[`http_request_duration_seconds_count{${labels}}`] = count
      figures[`http_request_duration_seconds_sum{${labels}}`] = sum
    }
    return figures
  }
}
