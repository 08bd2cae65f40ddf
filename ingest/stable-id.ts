import { createHash } from 'node:crypto'

/** What was decided on: a record, as it lies in the journal, or the passing of time. */
export interface Cause {
  /** Distinguishes causes of the same time: lane and number of the journal record. */
  readonly key: string
  readonly arrivedAt: number
}

/** Hexadecimal digits of a time in ms: eleven last until the year 2527. */
const TIME_DIGITS = 11
/** 48 bits tell the alarms of one millisecond apart. */
const HASH_DIGITS = 12

/** Sorts by arrival, and is the same whenever the same record is decided again. */
export function stableId(cause: Cause, ...parts: readonly string[]): string {
  const time = cause.arrivedAt.toString(16).padStart(TIME_DIGITS, '0')
  const hash = createHash('sha256')
    .update([cause.key, ...parts].join(' '))
    .digest('hex')
    .slice(0, HASH_DIGITS)
  return `${time}-${hash}`
}
