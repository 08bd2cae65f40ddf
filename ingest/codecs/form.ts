import type { Complaint, Readings } from '../../contract/readings.ts'
import type { Complaints } from './complaints.ts'
import { type JsonObject, kindOf, own } from './json.ts'

/** One device's message as a form's codec understood it. */
export interface FormResult {
  readonly readings: readonly Readings[]
  readonly complaints: readonly Complaint[]
}

/** Names that stand beside quantities. */
export const isEnvelopeName = (name: string): boolean => name === 'seq' || name === 'id'

/** A device's id of a message; longer ones are no ids but payload. Characters. */
const MAX_ID = 64

/** The device's own mark of a message. An unusable one is complained of; the readings count all the same. */
export function markOf(object: JsonObject, complaints: Complaints): { readonly seq?: number; readonly id?: string } {
  const mark: { seq?: number; id?: string } = {}
  const seq = own(object, 'seq')
  if (typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0) mark.seq = seq
  else if (seq !== undefined && seq !== null)
    complaints.add('payload.shape', `"seq" must be a whole number from 0 up, not ${kindOf(seq)}`)
  const id = own(object, 'id')
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID) mark.id = id
  else if (id !== undefined && id !== null)
    complaints.add('payload.shape', `"id" must be a text of 1 to ${MAX_ID} characters, not ${kindOf(id)}`)
  return mark
}

/** Milliseconds since 1970, or undefined where it is none. Fractions (a clock in floating point) are rounded. */
export const timeOf = (ts: unknown): number | undefined =>
  typeof ts === 'number' && Number.isFinite(ts) && Math.abs(ts) <= Number.MAX_SAFE_INTEGER ? Math.round(ts) : undefined
