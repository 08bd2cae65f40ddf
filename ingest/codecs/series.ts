import { isQuantity, type Quantity, type Value } from '../../contract/quantities.ts'
import type { Field } from '../../contract/readings.ts'
import { SERIES_STEP } from '../../contract/telemetry.ts'
import { Complaints } from './complaints.ts'
import { type FormResult, markOf, timeOf } from './form.ts'
import { isObject, type JsonObject, kindOf, own, quoted, Unreadable } from './json.ts'
import { checkValue, factsOf, knownPart } from './values.ts'

/**
 * `{ "ts": …, "step": …, "values": { "volume": [ … ] } }`: the hot path of a city's day. The arrays of the parsed JSON
 * become the columns as they are; nothing is made per reading.
 */
export function decodeSeries(object: JsonObject): FormResult {
  const complaints = new Complaints()
  const values = own(object, 'values')
  if (!isObject(values)) throw new Unreadable('payload.shape', `"values" must be an object, not ${kindOf(values)}`)
  const at = timesOf(own(object, 'ts'), own(object, 'step'), lengthOf(values))
  const fields: Field[] = []
  for (const name of Object.keys(values)) {
    if (!isQuantity(name)) {
      complaints.add('value.unknown-quantity', `${quoted(name)} is no quantity`)
      continue
    }
    const column = goodColumn(name, values[name] as unknown[], complaints)
    if (column !== undefined) fields.push({ quantity: name, values: column })
  }
  if (fields.length === 0 && complaints.size === 0)
    throw new Unreadable('payload.empty', 'there is no reading in the series')
  const readings = fields.length === 0 ? [] : [{ at, fields, ...markOf(object, complaints) }]
  return { readings, complaints: complaints.list() }
}

/** The one length of all arrays. */
function lengthOf(values: JsonObject): number {
  let length = -1
  let first = ''
  for (const name of Object.keys(values)) {
    const column = values[name]
    if (!Array.isArray(column))
      throw new Unreadable('payload.shape', `${quoted(name)} of a series must be a list, not ${kindOf(column)}`)
    if (length < 0) {
      length = column.length
      first = name
    } else if (column.length !== length)
      throw new Unreadable(
        'series.unequal-lengths',
        `${quoted(first)} has ${length} entries, ${quoted(name)} has ${column.length}`,
      )
  }
  if (length <= 0) throw new Unreadable('payload.empty', 'there is no reading in the series')
  return length
}

function timesOf(ts: unknown, step: unknown, length: number): number[] {
  const start = timeOf(ts)
  if (start === undefined)
    throw new Unreadable('series.step', `"ts" must be a number of milliseconds, not ${kindOf(ts)}`)
  if (typeof step !== 'number' || !Number.isInteger(step) || step < SERIES_STEP.min || step > SERIES_STEP.max)
    throw new Unreadable(
      'series.step',
      `"step" must be a whole number of milliseconds from ${SERIES_STEP.min} to ${SERIES_STEP.max}, not ${kindOf(step)}`,
    )
  const at = new Array<number>(length)
  for (let i = 0; i < length; i++) at[i] = start + i * step
  return at
}

/** The array itself where every entry is good, a copy with null for the bad ones else; undefined when nothing is left. */
function goodColumn(
  quantity: Quantity,
  column: readonly unknown[],
  complaints: Complaints,
): readonly (Value | null)[] | undefined {
  const facts = factsOf(quantity)
  let readings = 0
  let i = 0
  if (facts.type === 'number') {
    const { min, max } = facts
    for (; i < column.length; i++) {
      const value = column[i]
      // NaN cannot come from JSON, Infinity (1e999) is outside every bound.
      if (typeof value === 'number' && value >= min && value <= max) readings++
      else if (value !== null) break
    }
    if (i === column.length) return readings > 0 ? (column as readonly (number | null)[]) : undefined
  }
  const copy = column.slice(0, i) as (Value | null)[]
  for (; i < column.length; i++) {
    const value = column[i]
    const bad = value === null ? undefined : checkValue(quantity, value)
    if (bad !== undefined) complaints.add(bad.reason, bad.detail)
    const kept = bad === undefined ? (value as Value | null) : (knownPart(quantity, value) ?? null)
    copy.push(kept)
    if (kept !== null) readings++
  }
  return readings > 0 ? copy : undefined
}
