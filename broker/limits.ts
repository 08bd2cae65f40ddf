import type { Lane } from '../contract/kinds.ts'

/**
 * How much more a fire or care device may send than a meter: enough that no detector ever meets the limit (4,000 messages
 * and 2.5 MiB at once, then 200 messages and 128 KiB a second, with the defaults), little enough that one gone wild holds up
 * everybody else's alarms for a fifth of a second at most.
 * Without it, two seconds of one detector's loop (250,000 messages a second, detection does 22,000) delayed the alarms of
 * all others by a minute.
 */
const URGENT_MESSAGES = 200
const URGENT_BYTES = 16

/**
 * A token bucket: `rate` tokens a second flow in, `burst` is what it holds. Times are milliseconds of a clock that never
 * runs backwards.
 */
interface Flow {
  readonly rate: number
  readonly burst: number
}

export class TokenBucket {
  private tokens: number
  private filledAt: number
  private flow: Flow

  constructor(flow: Flow, now: number) {
    this.flow = flow
    this.tokens = flow.burst
    this.filledAt = now
  }

  /** Whether there is enough for `cost` now. What costs more than the bucket holds passes when it is full. */
  covers(now: number, cost: number): boolean {
    this.fill(now)
    return this.tokens >= Math.min(cost, this.flow.burst)
  }

  /** As `covers`, and takes the tokens. */
  take(now: number, cost = 1): boolean {
    if (!this.covers(now, cost)) return false
    this.spend(cost)
    return true
  }

  /** As `covers`, and with tokens that are not there yet, up to as many as the bucket holds. */
  lends(now: number, cost: number): boolean {
    return this.covers(now, cost) || this.tokens - cost >= -this.flow.burst
  }

  spend(cost: number): void {
    this.tokens -= cost
  }

  /** Milliseconds until `cost` is covered, at least 1 while it is not. */
  waitMs(now: number, cost = 1): number {
    if (this.covers(now, cost)) return 0
    const missing = Math.min(cost, this.flow.burst) - this.tokens
    return Math.max(1, Math.ceil((missing / this.flow.rate) * 1000))
  }

  /** A full bucket remembers nothing: it can be forgotten. */
  isFull(now: number): boolean {
    this.fill(now)
    return this.tokens >= this.flow.burst
  }

  /** Tokens that are there stay. */
  change(flow: Flow, now: number): void {
    this.fill(now)
    this.flow = flow
    this.tokens = Math.min(this.tokens, flow.burst)
  }

  private fill(now: number): void {
    if (now <= this.filledAt) return
    this.tokens = Math.min(this.flow.burst, this.tokens + ((now - this.filledAt) / 1000) * this.flow.rate)
    this.filledAt = now
  }
}

/** What one meter may send. */
export interface MeterAllowance {
  /** Messages a second; 0: no limit, of bytes neither. */
  readonly rate: number
  /** Messages at once after a silence. */
  readonly burst: number
  /** Bytes that a message may have on average; 0: any. */
  readonly messageBytes: number
  /** A gateway may never send more than so many meters. */
  readonly gatewayMost: number
}

/** What one device may send now, in messages and in bytes. */
export class Allowance {
  private readonly messages: TokenBucket
  private readonly bytes: TokenBucket | undefined

  constructor(messages: TokenBucket, bytes: TokenBucket | undefined) {
    this.messages = messages
    this.bytes = bytes
  }

  /** Whether a message of `size` bytes may pass now; takes what it costs. */
  take(now: number, size: number): boolean {
    if (!this.messages.covers(now, 1) || this.bytes?.covers(now, size) === false) return false
    this.spend(size)
    return true
  }

  /** On credit: the device waits for it later. */
  borrow(now: number, size: number): boolean {
    if (!this.messages.lends(now, 1) || this.bytes?.lends(now, size) === false) return false
    this.spend(size)
    return true
  }

  /** Milliseconds until a message of `size` bytes may pass. */
  waitMs(now: number, size: number): number {
    return Math.max(this.messages.waitMs(now), this.bytes?.waitMs(now, size) ?? 0)
  }

  isFull(now: number): boolean {
    return this.messages.isFull(now) && this.bytes?.isFull(now) !== false
  }

  /** For a gateway that got more devices, or a device of another kind. */
  change(messages: Flow, bytes: Flow, now: number): void {
    this.messages.change(messages, now)
    this.bytes?.change(bytes, now)
  }

  private spend(size: number): void {
    this.messages.spend(1)
    this.bytes?.spend(size)
  }
}

/**
 * The allowances of all devices that sent lately. They belong to the device, not to the connection: otherwise a device that
 * connects anew for every message would have no limit.
 */
export class RateLimits {
  private readonly allowances = new Map<string, Allowance>()
  private readonly meter: MeterAllowance

  constructor(meter: MeterAllowance) {
    this.meter = meter
  }

  /**
   * The allowance of a device, undefined where there is no limit.
   * @param speaksFor for how many devices it sends: 1, and for a gateway one more for each of its own
   */
  of(deviceId: string, lane: Lane, speaksFor: number, now: number): Allowance | undefined {
    const { rate, burst, messageBytes, gatewayMost } = this.meter
    if (rate === 0) return undefined
    const most = Math.max(gatewayMost, lane === 'urgent' ? URGENT_MESSAGES : 1)
    const times = Math.min(most, lane === 'urgent' ? speaksFor * URGENT_MESSAGES : speaksFor)
    const timesBytes = Math.min(most, lane === 'urgent' ? speaksFor * URGENT_BYTES : speaksFor)
    const messages = { rate: rate * times, burst: burst * times }
    const bytes = { rate: rate * messageBytes * timesBytes, burst: burst * messageBytes * timesBytes }
    const known = this.allowances.get(deviceId)
    if (known !== undefined) {
      known.change(messages, bytes, now)
      return known
    }
    const made = new Allowance(
      new TokenBucket(messages, now),
      messageBytes === 0 ? undefined : new TokenBucket(bytes, now),
    )
    this.allowances.set(deviceId, made)
    return made
  }

  /** Forgets the allowances that are full again. One still in use by a connection is made anew only when that reconnects. */
  sweep(now: number): void {
    for (const [id, allowance] of this.allowances) if (allowance.isFull(now)) this.allowances.delete(id)
  }
}
