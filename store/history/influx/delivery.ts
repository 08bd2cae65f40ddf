import type { RefusedReading } from '../port.ts'
import { HistoryUnavailable } from '../port.ts'
import type { Refusal } from './answer.ts'
import { type Line, singleReadings } from './line.ts'
import type { InfluxServer } from './server.ts'

/** Attempts at one request before the caller is told; a short fault is over by then, and a long one is the caller's. */
const MAX_ATTEMPTS = 5
const FIRST_WAIT_MS = 250
const MAX_WAIT_MS = 5000
/** A longer `Retry-After` is told to the caller at once, and kept by its next call. */
const PATIENCE_MS = 10_000
/** A `Retry-After` beyond this is a mistake of somebody's. */
const MAX_RETRY_AFTER_MS = 300_000

export interface Retry {
  readonly cause: string
  readonly waitMs: number
}

/** Time and chance, as arguments. */
export interface Circumstances {
  /** Ms, never jumping. */
  elapsed(): number
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** 0 to 1. */
  random(): number
}

/** Sends points until each is stored or known to be refused for good. */
export class Delivery {
  private readonly server: InfluxServer
  private readonly retrying: (retry: Retry) => void
  private readonly circumstances: Circumstances
  /** Elapsed time before which the server does not want to hear from us. */
  private notBefore = Number.NEGATIVE_INFINITY

  constructor(server: InfluxServer, retrying: (retry: Retry) => void, circumstances: Circumstances) {
    this.server = server
    this.retrying = retrying
    this.circumstances = circumstances
  }

  /** @throws HistoryUnavailable where the rest can be sent later */
  async deliver(texts: readonly string[], lines: () => readonly Line[]): Promise<readonly RefusedReading[]> {
    const refusal = await this.send(texts)
    return refusal === undefined ? [] : this.sift(lines(), refusal)
  }

  /**
   * What is left of lines that the server has refused as a whole or in part: halves, then points, then single readings.
   * Sending again what is stored already changes nothing.
   */
  private async sift(lines: readonly Line[], refusal: Refused): Promise<readonly RefusedReading[]> {
    const isAll = lines.length === 1 || (refusal.type === 'data' && refusal.dropped === lines.length)
    if (!isAll) {
      const middle = lines.length >> 1
      return this.siftParts([lines.slice(0, middle), lines.slice(middle)])
    }
    // Readings of one point are of one time: what is too old for one is too old for all.
    const isTooOld = refusal.type === 'data' && refusal.reason === 'history.beyond-retention'
    const readings = isTooOld ? lines : lines.flatMap(singleReadings)
    return readings.length > lines.length ? this.siftParts([readings]) : lines.flatMap((line) => refused(line, refusal))
  }

  private async siftParts(parts: readonly (readonly Line[])[]): Promise<readonly RefusedReading[]> {
    const all: RefusedReading[] = []
    for (const part of parts) {
      const texts = part.map((line) => line.text)
      for (const one of await this.deliver(texts, () => part)) all.push(one)
    }
    return all
  }

  private async send(texts: readonly string[]): Promise<Refused | undefined> {
    const { elapsed, random } = this.circumstances
    for (let attempt = 1; ; attempt++) {
      await this.pause(this.notBefore - elapsed())
      const refusal = await this.server.write(texts)
      if (refusal === undefined || refusal.type === 'data' || refusal.type === 'too-large') return refusal
      if (refusal.type === 'operator') throw new HistoryUnavailable(refusal.detail)
      const retryAfterMs = Math.min(refusal.retryAfterMs, MAX_RETRY_AFTER_MS)
      const waitMs = Math.max(retryAfterMs, backoff(attempt, random()))
      this.notBefore = elapsed() + waitMs
      if (attempt === MAX_ATTEMPTS || retryAfterMs > PATIENCE_MS) throw new HistoryUnavailable(refusal.detail)
      this.retrying({ cause: refusal.detail, waitMs })
    }
  }

  private async pause(ms: number): Promise<void> {
    const { closing } = this.server
    if (ms > 0) await this.circumstances.pause(ms, closing)
    if (closing.aborted) throw new HistoryUnavailable('The history is being closed')
  }
}

type Refused = Extract<Refusal, { readonly type: 'data' | 'too-large' }>

/** Milliseconds: doubles with every attempt, half of it by chance, so that many writers do not come back in step. */
const backoff = (attempt: number, random: number): number =>
  Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.5 + random / 2)

const refused = ({ message, row, quantities }: Line, refusal: Refused): RefusedReading[] =>
  quantities.map((quantity) => ({
    deviceId: message.deviceId,
    quantity,
    at: message.readings.at[row] as number,
    reason: refusal.type === 'data' ? refusal.reason : 'history.refused',
    detail: refusal.detail,
  }))
