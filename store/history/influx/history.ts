import { setTimeout as sleep } from 'node:timers/promises'
import type { History, HistoryMessage, RefusedReading } from '../port.ts'
import { type Circumstances, Delivery, type Retry } from './delivery.ts'
import { chunksOf } from './line.ts'
import { InfluxHistoryReader } from './reader.ts'
import { InfluxServer } from './server.ts'
import type { InfluxTarget } from './target.ts'

/** Requests to write at the same time: while InfluxDB works on one, the next is put together. */
const IN_FLIGHT = 2

export interface InfluxOptions {
  /** Told before every attempt that is made again. */
  readonly retrying?: (retry: Retry) => void
  readonly circumstances?: Circumstances
  /** One request to write, and one call that reads, ms. */
  readonly writeDeadlineMs?: number
  readonly readDeadlineMs?: number
}

const REAL: Circumstances = {
  elapsed: () => performance.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  random: Math.random,
}

/** Writes to and reads from an InfluxDB. Opens without asking it: it may be away, and calls then reject. */
export function openInfluxHistory(target: InfluxTarget, options: InfluxOptions = {}): InfluxHistory {
  return new InfluxHistory(target, options)
}

export class InfluxHistory extends InfluxHistoryReader implements History {
  private readonly delivery: Delivery

  constructor(target: InfluxTarget, options: InfluxOptions) {
    super(new InfluxServer(target, options.writeDeadlineMs), options.readDeadlineMs)
    this.delivery = new Delivery(this.server, options.retrying ?? (() => undefined), options.circumstances ?? REAL)
  }

  async write(messages: readonly HistoryMessage[]): Promise<readonly RefusedReading[]> {
    const refused: RefusedReading[] = []
    const inFlight: Promise<readonly RefusedReading[]>[] = []
    const settleOldest = async (): Promise<void> => {
      for (const one of (await inFlight.shift()) ?? []) refused.push(one)
    }
    try {
      for (const chunk of chunksOf(messages)) {
        const sending = this.delivery.deliver(chunk.texts, () => chunk.lines())
        // It is awaited below, perhaps after another one has failed.
        sending.catch(() => undefined)
        inFlight.push(sending)
        if (inFlight.length >= IN_FLIGHT) await settleOldest()
      }
      while (inFlight.length > 0) await settleOldest()
    } finally {
      await Promise.allSettled(inFlight)
    }
    return refused
  }
}
