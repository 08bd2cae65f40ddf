interface Job {
  readonly start: () => void
}

/**
 * A few pieces of heavy work at a time, taken in turn from the lanes they wait in: who queues a hundred waits a hundred
 * turns, who queues one waits one. Preferred lanes go before all others.
 */
export class FairQueue {
  private readonly atOnce: number
  private running = 0
  private readonly preferred = new Map<string, Job[]>()
  private readonly others = new Map<string, Job[]>()

  constructor(atOnce: number) {
    this.atOnce = atOnce
  }

  async run<T>(lane: { readonly key: string; readonly known: boolean }, work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      const lanes = lane.known ? this.preferred : this.others
      // The turn is handed over: `running` stays as it is.
      await new Promise<void>((start) => {
        const jobs = lanes.get(lane.key)
        if (jobs === undefined) lanes.set(lane.key, [{ start }])
        else jobs.push({ start })
      })
    } else this.running += 1
    try {
      return await work()
    } finally {
      const next = take(this.preferred) ?? take(this.others)
      if (next === undefined) this.running -= 1
      else next.start()
    }
  }
}

/** The first job of the lane that has waited longest; the lane goes to the end of the line. */
function take(lanes: Map<string, Job[]>): Job | undefined {
  for (const [key, jobs] of lanes) {
    lanes.delete(key)
    const job = jobs.shift()
    if (jobs.length > 0) lanes.set(key, jobs)
    return job
  }
  return undefined
}
