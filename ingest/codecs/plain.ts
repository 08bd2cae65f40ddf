import { isQuantity } from '../../contract/quantities.ts'
import { Columns } from './columns.ts'
import { Complaints } from './complaints.ts'
import { type FormResult, isEnvelopeName, markOf, timeOf } from './form.ts'
import { isObject, type JsonObject, kindOf, own, quoted, Unreadable } from './json.ts'
import { checkValue, knownPart } from './values.ts'

/** `{ "volume": 12.345 }`: measured now, which is the time of arrival. */
export function decodePlain(object: JsonObject, arrivedAt: number): FormResult {
  const columns = new Columns()
  const complaints = new Complaints()
  addValues(columns, complaints, arrivedAt, object, true)
  return finish(columns, complaints, object)
}

/** `{ "ts": …, "values": { … } }`: one reading; without `ts` it was measured now. */
export function decodeStamped(object: JsonObject, arrivedAt: number): FormResult {
  const columns = new Columns()
  const complaints = new Complaints()
  addStamped(columns, complaints, object, arrivedAt)
  return finish(columns, complaints, object)
}

/** Adds the readings of one `{ ts, values }`. A time that cannot be read leaves the entry out with a complaint. */
export function addStamped(columns: Columns, complaints: Complaints, entry: JsonObject, arrivedAt: number): void {
  const values = own(entry, 'values')
  if (!isObject(values)) throw new Unreadable('payload.shape', `"values" must be an object, not ${kindOf(values)}`)
  const ts = own(entry, 'ts')
  const at = ts === undefined ? arrivedAt : timeOf(ts)
  if (at === undefined) complaints.add('time.invalid', `"ts" must be a number of milliseconds, not ${kindOf(ts)}`)
  else addValues(columns, complaints, at, values, false)
}

/** Adds every value of `values` at `at`; null means "no reading". */
export function addValues(
  columns: Columns,
  complaints: Complaints,
  at: number,
  values: JsonObject,
  envelopeNames: boolean,
): void {
  for (const name of Object.keys(values)) {
    const value = values[name]
    if (value === null) continue
    if (!isQuantity(name)) {
      if (!envelopeNames || !isEnvelopeName(name))
        complaints.add('value.unknown-quantity', `${quoted(name)} is no quantity`)
      continue
    }
    const bad = checkValue(name, value)
    if (bad !== undefined) complaints.add(bad.reason, bad.detail)
    const good = bad === undefined ? (value as number) : knownPart(name, value)
    if (good !== undefined && !columns.add(at, name, good))
      complaints.add('order.duplicate', `${name} stands twice for the time ${at}; the first one counts`)
  }
}

function finish(columns: Columns, complaints: Complaints, envelope: JsonObject): FormResult {
  const readings = columns.finish(markOf(envelope, complaints))
  if (readings === undefined && complaints.size === 0)
    throw new Unreadable('payload.empty', 'there is no reading in the payload')
  return { readings: readings === undefined ? [] : [readings], complaints: complaints.list() }
}
