/** Over how long the rate is taken, ms. */
const WINDOW_MS = 60_000

/** Readings per minute, from the growing total that the state keeps. */
export class Throughput {
  private readonly samples: { readonly at: number; readonly total: number }[] = []

  sample(at: number, total: number): void {
    this.samples.push({ at, total })
    while (this.samples.length > 2 && (this.samples[1]?.at ?? at) <= at - WINDOW_MS) this.samples.shift()
  }

  /** 0 until two samples are there. */
  perMinute(): number {
    const first = this.samples[0]
    const last = this.samples.at(-1)
    if (first === undefined || last === undefined || last.at <= first.at) return 0
    return Math.round(((last.total - first.total) * WINDOW_MS) / (last.at - first.at))
  }
}
