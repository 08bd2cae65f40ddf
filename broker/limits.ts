import type { Lane } from '../contract/kinds.ts'

/**
 * How much more a fire or care device may send than a meter: enough that no detector ever meets the limit (4,000 messages
 * at once, then 200 a second, with the defaults), little enough that one gone wild holds up everybody else's alarms for a
 * fifth of a second at most.
 * Without it, two seconds of one detector's loop (250,000 messages a second, detection does 22,000) delayed the alarms of
 * all others by a minute.
 */
const URGENT_FACTOR = 200

/**
 * How much a device may send: a token bucket. `rate` tokens a second flow in, `burst` is what it holds,
 * a message takes one. Times are milliseconds of a clock that never runs backwards.
 */
export interface Allowance {
  /** Messages a second; 0: no limit. */
  readonly rate: number
  readonly burst: number
}

export class TokenBucket {
  private tokens: number
  private filledAt: number
  private allowance: Allowance

  constructor(allowance: Allowance, now: number) {
    this.allowance = allowance
    this.tokens = allowance.burst
    this.filledAt = now
  }

  /** Whether a message may pass now; takes its token. */
  take(now: number): boolean {
    this.fill(now)
    if (this.tokens < 1) return false
    this.tokens -= 1
    return true
  }

  /** Takes a token that is not there yet, up to as many as the bucket holds: the device waits for them later. */
  borrow(now: number): boolean {
    this.fill(now)
    if (this.tokens - 1 < -this.allowance.burst) return false
    this.tokens -= 1
    return true
  }

  /** Milliseconds until the next message may pass, at least 1 while the bucket is empty. */
  waitMs(now: number): number {
    this.fill(now)
    return this.tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - this.tokens) / this.allowance.rate) * 1000))
  }

  /** A full bucket remembers nothing: it can be forgotten. */
  isFull(now: number): boolean {
    this.fill(now)
    return this.tokens >= this.allowance.burst
  }

  /** A gateway that got more devices may send more. Tokens that are there stay. */
  change(allowance: Allowance, now: number): void {
    this.fill(now)
    this.allowance = allowance
    this.tokens = Math.min(this.tokens, allowance.burst)
  }

  private fill(now: number): void {
    if (now <= this.filledAt) return
    this.tokens = Math.min(this.allowance.burst, this.tokens + ((now - this.filledAt) / 1000) * this.allowance.rate)
    this.filledAt = now
  }
}

/**
 * The buckets of all devices that sent lately. They belong to the device, not to the connection: otherwise a device that
 * connects anew for every message would have no limit.
 */
export class RateLimits {
  private readonly buckets = new Map<string, TokenBucket>()
  private readonly perDevice: Allowance

  constructor(perDevice: Allowance) {
    this.perDevice = perDevice
  }

  /**
   * The bucket of a device, undefined where there is no limit.
   * @param speaksFor for how many devices it sends: 1, and for a gateway one more for each of its own
   */
  bucket(deviceId: string, lane: Lane, speaksFor: number, now: number): TokenBucket | undefined {
    if (this.perDevice.rate === 0) return undefined
    const factor = lane === 'urgent' ? speaksFor * URGENT_FACTOR : speaksFor
    const allowance = { rate: this.perDevice.rate * factor, burst: this.perDevice.burst * factor }
    const known = this.buckets.get(deviceId)
    if (known !== undefined) {
      known.change(allowance, now)
      return known
    }
    const made = new TokenBucket(allowance, now)
    this.buckets.set(deviceId, made)
    return made
  }

  /** Forgets the buckets that are full again. A bucket still in use by a connection is made anew only when that reconnects. */
  sweep(now: number): void {
    for (const [id, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(id)
  }
}
