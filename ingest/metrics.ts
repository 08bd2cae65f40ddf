/** What ingest says of itself, for /metrics. Names as in the port of role metrics: Prometheus, without `hydrant_`. */

/** Newest latencies that the quantiles are taken from. */
const SAMPLES = 1024
const QUANTILES = [0.5, 0.99] as const

export class Figures {
  private readonly values = new Map<string, number>()
  private readonly latencies = new Map<string, { readonly newest: number[]; next: number }>()

  add(name: string, by = 1): void {
    this.values.set(name, (this.values.get(name) ?? 0) + by)
  }

  set(name: string, value: number): void {
    this.values.set(name, value)
  }

  /** From a message's arrival to the commit of the alarm it raised, ms. */
  alarmLatency(ms: number): void {
    this.latency('ingest_alarm_latency_seconds', ms)
  }

  /** One more duration of that name; read as count, sum and quantiles of the newest. */
  latency(name: string, ms: number): void {
    this.add(`${name}_count`)
    this.add(`${name}_sum`, ms / 1000)
    let known = this.latencies.get(name)
    if (known === undefined) {
      known = { newest: [], next: 0 }
      this.latencies.set(name, known)
    }
    known.newest[known.next] = ms
    known.next = (known.next + 1) % SAMPLES
  }

  read(): Readonly<Record<string, number>> {
    const all = Object.fromEntries(this.values)
    for (const [name, { newest }] of this.latencies) {
      const sorted = newest.toSorted((a, b) => a - b)
      for (const q of QUANTILES)
        all[`${name}{quantile="${q}"}`] =
          (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0) / 1000
    }
    return all
  }
}
