import type { HistoryBucket } from '../../contract/api.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'
import type { Reason } from '../../contract/reasons.ts'

/** What is written of one device. */
export interface HistoryMessage {
  readonly deviceId: string
  /** Absent where it is not known (any more): a device that has been removed. */
  readonly kind?: Kind
  readonly readings: Readings
}

/** Readings that the store will never take, however often they are sent, and why. Everything else of a write is stored. */
export interface RefusedReading {
  readonly deviceId: string
  readonly quantity: Quantity
  readonly at: number
  readonly reason: Reason
  /** The store's own words. */
  readonly detail: string
}

/**
 * The store cannot be reached or cannot be used as it is; nothing is wrong with what was asked. The message is for an
 * operator: what is the matter, and what to do where waiting does not help. It holds no address and no secret.
 */
export class HistoryUnavailable extends Error {
  override name = 'HistoryUnavailable'
}

/**
 * The history: every understood reading, by device, quantity and time of measurement. Writing the same reading again
 * changes nothing; writing another value for the same (device, quantity, time) replaces it.
 */
export interface History {
  /**
   * Resolves when everything is durable, with what the store refuses for good. Idempotent. Rejects with HistoryUnavailable
   * where the same can be written later; some of it may then be stored.
   */
  write(messages: readonly HistoryMessage[]): Promise<readonly RefusedReading[]>
  /** Every reading with `from` ≤ at < `to`, ascending, at most `limit` rows (the oldest). */
  range(
    deviceId: string,
    from: number,
    to: number,
    limit: number,
  ): Promise<{
    readonly at: readonly number[]
    readonly fields: ReadonlyMap<Quantity, readonly (Value | null)[]>
    readonly truncated: boolean
  }>
  /**
   * Buckets of `stepMs` from `from`; only those that hold a reading of this numeric quantity. `consumption` is the
   * register's growth over the bucket, with the register interpolated linearly at the bucket's edges where readings lie
   * within one bucket on either side; null for what is no register, and where it cannot be known.
   */
  buckets(
    deviceId: string,
    quantity: Quantity,
    from: number,
    to: number,
    stepMs: number,
  ): Promise<readonly HistoryBucket[]>
  /** Newest measured value of each quantity. */
  latest(deviceId: string): Promise<ReadonlyMap<Quantity, { readonly value: Value; readonly at: number }>>
  close(): Promise<void>
}

/** What the dashboard reads of it. */
export type HistoryReader = Omit<History, 'write'>
