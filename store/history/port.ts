import type { HistoryBucket } from '../../contract/api.ts'
import type { Quantity, Value } from '../../contract/quantities.ts'
import type { Readings } from '../../contract/readings.ts'

/**
 * The history: every understood reading, by device, quantity and time of measurement. Writing the same reading again
 * changes nothing; writing another value for the same (device, quantity, time) replaces it.
 */
export interface History {
  /** Resolves when everything is durable. Idempotent. */
  write(messages: readonly { readonly deviceId: string; readonly readings: Readings }[]): Promise<void>
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
