/**
 * After a restart everybody comes back in the same second. What a CONNECT costs (a look into the registry, a hash, a
 * journal record, a hundred microseconds in all) is paid in the event loop that every other device's publishes pass
 * through, so CONNECTs stand in line here and are let in a few in every turn of the loop, and so many in a second.
 *
 * Who is next: fire and care devices before meters; within each of the two, one address after the other. A client id can be
 * claimed by anybody, and is not proved before its turn: so the urgent line has three turns of four at most while somebody
 * else waits, holds each id once, and goes round the addresses like the other.
 */

/** A share of turns for those who are not urgent, whoever claims to be: one of four. */
const URGENT_IN_A_ROW = 3
/** What a pause (a long turn, an idle second) leaves to be made up for: a burst longer than this would be a herd again. */
const BURST_MS = 20

interface Standing<T> {
  readonly item: T
  readonly since: number
  readonly id: string
  behind: Standing<T> | undefined
}

/** First in, first out for each subscriber, and one subscriber after the other. */
class Line<T> {
  private readonly subscribers = new Map<string, { first: Standing<T>; last: Standing<T> }>()
  size = 0

  push(subscriber: string, standing: Standing<T>): void {
    this.size += 1
    const queue = this.subscribers.get(subscriber)
    if (queue === undefined) this.subscribers.set(subscriber, { first: standing, last: standing })
    else {
      queue.last.behind = standing
      queue.last = standing
    }
  }

  shift(): Standing<T> | undefined {
    for (const [subscriber, queue] of this.subscribers) {
      const { first } = queue
      this.size -= 1
      // To the end of the round, where more of it wait.
      this.subscribers.delete(subscriber)
      if (first.behind !== undefined) this.subscribers.set(subscriber, { first: first.behind, last: queue.last })
      return first
    }
    return undefined
  }
}

export interface Arrival {
  /** Whom its address stands for. */
  readonly subscriber: string
  /** What it says it is; '' where that is not known yet. */
  readonly id: string
  readonly urgent: boolean
}

/** Who waits to be let in, and who is next. Times are ms of a clock that never runs backwards. */
export class AcceptQueue<T> {
  private readonly urgent = new Line<T>()
  private readonly ordinary = new Line<T>()
  private readonly urgentIds = new Set<string>()
  private readonly perMs: number
  private readonly most: number
  private tokens: number
  private filledAt: number
  private urgentInARow = 0

  /** @param rate how many a second; 0: no limit */
  constructor(rate: number, now: number) {
    this.perMs = rate === 0 ? Number.POSITIVE_INFINITY : rate / 1000
    this.most = Math.max(1, this.perMs * BURST_MS)
    this.tokens = this.most
    this.filledAt = now
  }

  get waitingUrgent(): number {
    return this.urgent.size
  }

  get waitingOrdinary(): number {
    return this.ordinary.size
  }

  get size(): number {
    return this.urgent.size + this.ordinary.size
  }

  push(item: T, { subscriber, id, urgent }: Arrival, now: number): void {
    const goesFirst = urgent && !this.urgentIds.has(id)
    if (goesFirst) this.urgentIds.add(id)
    const line = goesFirst ? this.urgent : this.ordinary
    line.push(subscriber, { item, since: now, id: goesFirst ? id : '', behind: undefined })
  }

  /** The next one, and since when it has waited; undefined when nobody waits or it is not time yet. */
  take(now: number): { readonly item: T; readonly since: number; readonly isUrgent: boolean } | undefined {
    if (this.size === 0 || this.waitMs(now) > 0) return undefined
    const isUrgent = this.urgent.size > 0 && (this.ordinary.size === 0 || this.urgentInARow < URGENT_IN_A_ROW)
    this.urgentInARow = isUrgent ? this.urgentInARow + 1 : 0
    const next = isUrgent ? this.urgent.shift() : this.ordinary.shift()
    if (next === undefined) return undefined
    this.urgentIds.delete(next.id)
    this.tokens -= 1
    return { item: next.item, since: next.since, isUrgent }
  }

  /** Until the next one may be let in. */
  waitMs(now: number): number {
    if (now > this.filledAt) {
      this.tokens = Math.min(this.most, this.tokens + (now - this.filledAt) * this.perMs)
      this.filledAt = now
    }
    return this.tokens >= 1 ? 0 : (1 - this.tokens) / this.perMs
  }
}

export interface AcceptRateOptions<T> {
  /** How many a second; 0: no limit. */
  readonly rate: number
  /** How many in one turn of the event loop. */
  readonly perTurn: number
  /**
   * Connections are being accepted as fast as it goes. Who stands behind them in the kernel's queue cannot be seen yet and
   * may be a fire detector: a turn then ends with its first ordinary one.
   */
  readonly isCrowded: () => boolean
  readonly clock: () => number
  readonly serve: (item: T) => void
  /** Nobody is there any more: its turn goes to the next. */
  readonly isGone: (item: T) => boolean
}

/** Lets in those who wait, a few in every turn of the event loop, until nobody waits. */
export class AcceptRate<T> {
  private readonly options: AcceptRateOptions<T>
  private readonly queue: AcceptQueue<T>
  private planned = false
  private stopped = false
  private timer: NodeJS.Timeout | undefined
  /** Let in, and found gone when their turn came, since the start. */
  served = 0
  gone = 0
  private longest = 0

  constructor(options: AcceptRateOptions<T>) {
    this.options = options
    this.queue = new AcceptQueue(options.rate, options.clock())
  }

  get size(): number {
    return this.queue.size
  }

  get waiting(): { readonly urgent: number; readonly ordinary: number } {
    return { urgent: this.queue.waitingUrgent, ordinary: this.queue.waitingOrdinary }
  }

  /** Whether who comes now has to wait for somebody: only then is it worth asking who it is. */
  get isBusy(): boolean {
    return this.queue.size >= this.options.perTurn
  }

  /** The longest that somebody has waited who was let in since the last call, ms. */
  takeLongestWait(): number {
    const { longest } = this
    this.longest = 0
    return longest
  }

  arrive(item: T, arrival: Arrival): void {
    this.queue.push(item, arrival, this.options.clock())
    this.plan()
  }

  /** Lets nobody in any more. */
  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private plan(): void {
    if (this.planned || this.stopped || this.queue.size === 0) return
    this.planned = true
    const wait = this.queue.waitMs(this.options.clock())
    // In the same turn, behind what the network has brought; with others waiting, the network is asked between two turns.
    if (wait === 0) setImmediate(() => this.turn())
    else this.timer = setTimeout(() => this.turn(), Math.ceil(wait))
  }

  private turn(): void {
    this.planned = false
    const { clock, perTurn, isCrowded, serve, isGone } = this.options
    const crowded = isCrowded()
    for (let left = perTurn; left > 0 && !this.stopped; ) {
      const now = clock()
      const next = this.queue.take(now)
      if (next === undefined) break
      if (isGone(next.item)) {
        this.gone += 1
        continue
      }
      left = crowded && !next.isUrgent ? 0 : left - 1
      this.served += 1
      this.longest = Math.max(this.longest, now - next.since)
      serve(next.item)
    }
    this.plan()
  }
}
