import type { Operation } from './gb26875/states.ts'
import type { Kind } from './kinds.ts'
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

/** What the message says about its readings beyond them: told with whatever is found in them. */
export interface Evidence {
  readonly en: string
  readonly zh: string
}

/**
 * A device that speaks only through the sender and that the sender itself names: a point of a fire panel. It is registered
 * when it is first heard of.
 */
export interface AnnouncedDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  /** The name it has until the sender says a better one; the same as `name` where it has not. */
  readonly provisionalName: string
  readonly model: string
}

/** What a person did at a fire panel or at its transmission device. */
export interface PanelOperation {
  /** The sender: the transmission device. */
  readonly panelId: string
  /** The system it was done to; undefined: the transmission device itself. */
  readonly systemId: string | undefined
  /** `confirm` without a system is the answer to a duty check. */
  readonly operation: Operation
  /** The operator's number as the panel knows it; undefined: it does not say. */
  readonly operator: number | undefined
  /** Arrival, ms since 1970. */
  readonly at: number
}

export interface DecodedBlock {
  readonly deviceId: string
  readonly readings: Readings
  readonly evidence?: Evidence
}

export interface DecodedMessage {
  readonly blocks: readonly DecodedBlock[]
  readonly complaints: readonly Complaint[]
  /** Of a panel's message. */
  readonly announced?: readonly AnnouncedDevice[]
  readonly attributes?: readonly { readonly deviceId: string; readonly attributes: Readonly<Record<string, unknown>> }[]
  readonly operations?: readonly PanelOperation[]
}
