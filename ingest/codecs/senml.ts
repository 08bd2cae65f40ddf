import { isQuantity, type Quantity, type Value } from '../../contract/quantities.ts'
import { Columns } from './columns.ts'
import { Complaints } from './complaints.ts'
import type { FormResult } from './form.ts'
import { isObject, type JsonObject, kindOf, own, quoted, Unreadable } from './json.ts'
import { toOwnUnit } from './senml-units.ts'
import { checkValue, factsOf, knownPart } from './values.ts'

/** RFC 8428 §4.5.3: smaller times are relative to now. 2^28 s is in 1978. */
const RELATIVE_BELOW_S = 2 ** 28
/** RFC 8428 §4.4: the version this understands. */
const VERSION = 10
const MS = 1000

/** Labels of RFC 8428 and RFC 8798 that make a list of objects SenML. */
const LABELS = ['bn', 'bt', 'bu', 'bv', 'bs', 'bver', 'n', 'u', 'v', 'vs', 'vb', 'vd', 's', 't', 'ut'] as const
/** Labels that would change the meaning and that the contract does not use. */
const UNSUPPORTED = ['vd', 's', 'bs'] as const

export const isSenml = (first: JsonObject): boolean => LABELS.some((label) => Object.hasOwn(first, label))

interface Base {
  name: string
  time: number
  unit: string | undefined
  value: number
}

/** A SenML pack (RFC 8428). Base fields hold from their record on; bad records leave the good ones. */
export function decodeSenml(records: readonly unknown[], arrivedAt: number): FormResult {
  const columns = new Columns()
  const complaints = new Complaints()
  const base: Base = { name: '', time: 0, unit: undefined, value: 0 }
  for (const [i, record] of records.entries()) {
    if (!isObject(record)) throw new Unreadable('payload.shape', `record ${i + 1} is ${kindOf(record)}, not an object`)
    takeBase(base, record)
    try {
      addRecord(columns, complaints, base, record, arrivedAt)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      complaints.add(error.complaint.reason, `record ${i + 1}: ${error.complaint.detail}`)
    }
  }
  const readings = columns.finish({})
  if (readings === undefined && complaints.size === 0)
    throw new Unreadable('payload.empty', 'there is no value in the SenML pack')
  return { readings: readings === undefined ? [] : [readings], complaints: complaints.list() }
}

/** A base field that cannot be read spoils every record behind it: the whole pack is refused. */
function takeBase(base: Base, record: JsonObject): void {
  const version = own(record, 'bver')
  if (version !== undefined && (typeof version !== 'number' || version > VERSION))
    throw new Unreadable('senml.unsupported', `"bver" ${kindOf(version)}: this understands version ${VERSION}`)
  // RFC 8428 §4.4: a label that ends in "_" must be understood or the pack be refused.
  const must = Object.keys(record).find((name) => name.endsWith('_'))
  if (must !== undefined) throw new Unreadable('senml.unsupported', `${quoted(must)} must be understood and is not`)
  base.name = text(record, 'bn') ?? base.name
  base.unit = text(record, 'bu') ?? base.unit
  base.time = number(record, 'bt') ?? base.time
  base.value = number(record, 'bv') ?? base.value
}

function addRecord(columns: Columns, complaints: Complaints, base: Base, record: JsonObject, arrivedAt: number): void {
  const unsupported = UNSUPPORTED.find((label) => Object.hasOwn(record, label))
  if (unsupported !== undefined) throw new Unreadable('senml.unsupported', `"${unsupported}" is not used here`)
  const raw = rawValue(record, base)
  const name = text(record, 'n')
  // A record of base fields only.
  if (raw === undefined && name === undefined) return
  if (raw === undefined) throw new Unreadable('payload.shape', 'no value: one of v, vb, vs')
  const quantity = quantityOf(base.name, name ?? '')
  if (quantity === undefined) {
    complaints.add('value.unknown-quantity', `${quoted(base.name + (name ?? ''))} names no quantity`)
    return
  }
  const at = timeOf(base.time + (number(record, 't') ?? 0), arrivedAt)
  const value = converted(quantity, raw, text(record, 'u') ?? base.unit)
  const bad = checkValue(quantity, value)
  if (bad !== undefined) complaints.add(bad.reason, bad.detail)
  const good = bad === undefined ? (value as Value) : knownPart(quantity, value)
  if (good !== undefined && !columns.add(at, quantity, good))
    complaints.add('order.duplicate', `${quantity} stands twice for the time ${at}; the first one counts`)
}

function rawValue(record: JsonObject, base: Base): unknown {
  const present = (['v', 'vb', 'vs'] as const).filter((label) => Object.hasOwn(record, label))
  if (present.length > 1)
    throw new Unreadable('payload.shape', `${present.join(' and ')} in one record: only one may be`)
  const label = present[0]
  if (label === undefined) return undefined
  const value = own(record, label)
  return label === 'v' && typeof value === 'number' ? base.value + value : value
}

/**
 * The quantity of a concatenated name: what the record itself names, or the last part of the whole name
 * (`urn:dev:ow:10e2073a01080063/volume`). Which device it is, the connection says; a name cannot claim another one.
 */
function quantityOf(baseName: string, name: string): Quantity | undefined {
  if (isQuantity(name)) return name
  const whole = baseName + name
  const last = whole.slice(Math.max(whole.lastIndexOf('/'), whole.lastIndexOf(':')) + 1)
  return isQuantity(last) ? last : undefined
}

const timeOf = (seconds: number, arrivedAt: number): number =>
  Math.round(seconds < RELATIVE_BELOW_S ? arrivedAt + seconds * MS : seconds * MS)

function converted(quantity: Quantity, raw: unknown, unit: string | undefined): unknown {
  const facts = factsOf(quantity)
  if (facts.type === 'words') return typeof raw === 'string' ? raw.split(/[\s,;]+/).filter((word) => word !== '') : raw
  if (facts.type !== 'number' || typeof raw !== 'number' || unit === undefined || unit === facts.unit) return raw
  const value = toOwnUnit(quantity, raw, unit)
  if (value === undefined)
    throw new Unreadable(
      'senml.unit',
      `${quantity} is measured in ${facts.unit}; ${quoted(unit)} does not convert to it`,
    )
  return value
}

function text(record: JsonObject, label: string): string | undefined {
  const value = own(record, label)
  if (value === undefined || typeof value === 'string') return value
  throw new Unreadable('payload.shape', `"${label}" must be a text, not ${kindOf(value)}`)
}

function number(record: JsonObject, label: string): number | undefined {
  const value = own(record, label)
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value
  const reason = label === 't' || label === 'bt' ? 'time.invalid' : 'payload.shape'
  throw new Unreadable(reason, `"${label}" must be a number, not ${kindOf(value)}`)
}
