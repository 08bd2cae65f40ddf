import type { Quantity, Value } from './quantities.ts'
import type { Reason } from './reasons.ts'

/**
 * Decoded readings of one device, column by column: `values[i]` of every field was measured at `at[i]`. Columns, not an
 * object per reading, because a city's day is 28.5 million of them.
 */
export interface Readings {
  /** Event time, ms since 1970 UTC, ascending. */
  readonly at: readonly number[]
  readonly fields: readonly Field[]
  /** The device's own counter or id of this message, when it sends one: makes retries recognisable. */
  readonly seq?: number
  readonly id?: string
}

export interface Field {
  readonly quantity: Quantity
  /** Same length as `at`; null where there is no reading. */
  readonly values: readonly (Value | null)[]
}

/** Why (a part of) a payload was not understood. `detail` names the place and value in plain words. */
export interface Complaint {
  readonly reason: Reason
  readonly detail: string
  /** The device it concerns, where that is not the sender (a gateway's child). */
  readonly deviceId?: string
  /** How many readings it concerns; absent: one. */
  readonly count?: number
}

export interface DecodedMessage {
  readonly blocks: readonly { readonly deviceId: string; readonly readings: Readings }[]
  readonly complaints: readonly Complaint[]
}
