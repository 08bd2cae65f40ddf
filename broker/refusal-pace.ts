import { TokenBucket } from './limits.ts'

/** Every refused CONNECT is answered this long after it came: a lookup that took longer cannot be told from one that did not. */
const ANSWERED_AFTER_MS = 100
/** And this long when its address is refused again and again. */
const ANSWERED_LATE_AFTER_MS = 2000
/** Seconds of its rate that an address may be refused at once: a batch of meters registered too late is no attack. */
const BURST_S = 15
/** Addresses that are kept apart. Each costs about 200 bytes; what is beyond is answered in time. */
const MAX_ADDRESSES = 50_000
/** Refusals that wait for their late answer at the same time: each holds a connection, which others may need. */
const MAX_LATE = 1000

/**
 * When a refused sign-in is answered. Guessing a secret of 256 bits is hopeless, but every guess costs a look into the
 * registry: an address that is refused all the time gets its answers late. Only refusals are slowed: behind the same NAT a
 * device with the right secret gets in as fast as ever.
 */
export class RefusalPace {
  private readonly perSecond: number
  private readonly buckets = new Map<string, TokenBucket>()
  /** Refusals answered late, since the start. */
  slowed = 0
  private late = 0

  constructor(perSecond: number) {
    this.perSecond = perSecond
  }

  /** Counts a refusal of a CONNECT that came at `startedAt`, and resolves when it is to be answered. */
  async wait(subscriber: string, startedAt: number, clock: () => number): Promise<void> {
    const isLate = !this.isInTime(subscriber, startedAt) && this.late < MAX_LATE
    const after = isLate ? ANSWERED_LATE_AFTER_MS : ANSWERED_AFTER_MS
    if (isLate) {
      this.slowed += 1
      this.late += 1
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, after - (clock() - startedAt))))
    if (isLate) this.late -= 1
  }

  /** Counts a refusal. @returns whether its address may still have its answer in time */
  isInTime(subscriber: string, now: number): boolean {
    let bucket = this.buckets.get(subscriber)
    if (bucket === undefined) {
      if (this.buckets.size >= MAX_ADDRESSES) return true
      bucket = new TokenBucket({ rate: this.perSecond, burst: this.perSecond * BURST_S }, now)
      this.buckets.set(subscriber, bucket)
    }
    return bucket.take(now)
  }

  sweep(now: number): void {
    for (const [subscriber, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(subscriber)
  }
}
