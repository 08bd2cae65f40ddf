/** What ingest says of itself, for /metrics. Names as in the port of role metrics: Prometheus, without `hydrant_`. */

/** Newest latencies that the quantiles are taken from. */
const SAMPLES = 1024

export class Figures {
  private readonly values = new Map<string, number>()
  private readonly latencies: number[] = []
  private next = 0

  add(name: string, by = 1): void {
    this.values.set(name, (this.values.get(name) ?? 0) + by)
  }

  set(name: string, value: number): void {
    this.values.set(name, value)
  }

  /** From a message's arrival to the commit of the alarm it raised, ms. */
  alarmLatency(ms: number): void {
    this.add('ingest_alarm_latency_seconds_count')
    this.add('ingest_alarm_latency_seconds_sum', ms / 1000)
    this.latencies[this.next] = ms
    this.next = (this.next + 1) % SAMPLES
  }

  read(): Readonly<Record<string, number>> {
    const sorted = this.latencies.toSorted((a, b) => a - b)
    const quantile = (q: number): number =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) / 1000
    const all = Object.fromEntries(this.values)
    if (sorted.length === 0) return all
    return {
      ...all,
      'ingest_alarm_latency_seconds{quantile="0.5"}': quantile(0.5),
      'ingest_alarm_latency_seconds{quantile="0.99"}': quantile(0.99),
    }
  }
}
