import type { Readings } from '../../contract/readings.ts'
import { Columns } from './columns.ts'
import { Complaints } from './complaints.ts'
import { type FormResult, markOf } from './form.ts'
import { isObject, type JsonObject, kindOf, own, Unreadable } from './json.ts'
import { addStamped, addValues } from './plain.ts'

/** `[ { "ts": …, "values": {…} }, … ]`; an entry without `values` is a plain one. Bad entries leave the good ones. */
export function decodeSeveral(entries: readonly unknown[], arrivedAt: number): FormResult {
  const together = new Columns()
  const complaints = new Complaints()
  const readings: Readings[] = []
  const keep = (columns: Columns, mark: { readonly seq?: number; readonly id?: string }): void => {
    const block = columns.finish(mark)
    if (block !== undefined) readings.push(block)
  }
  for (const [i, entry] of entries.entries()) {
    if (!isObject(entry)) {
      complaints.add('payload.shape', `entry ${i + 1} is ${kindOf(entry)}, not { "ts": …, "values": {…} }`)
      continue
    }
    try {
      const mark = markOf(entry, complaints)
      // An entry with a mark of its own is a message of its own: a retry may bring it in other company.
      const alone = mark.seq !== undefined || mark.id !== undefined
      const columns = alone ? new Columns() : together
      addEntry(columns, complaints, entry, arrivedAt)
      if (alone) keep(columns, mark)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      complaints.add(error.complaint.reason, `entry ${i + 1}: ${error.complaint.detail}`)
    }
  }
  keep(together, {})
  if (readings.length === 0 && complaints.size === 0)
    throw new Unreadable('payload.empty', 'there is no reading in the list')
  return { readings, complaints: complaints.list() }
}

function addEntry(columns: Columns, complaints: Complaints, entry: JsonObject, arrivedAt: number): void {
  if (Object.hasOwn(entry, 'values')) addStamped(columns, complaints, entry, arrivedAt)
  else if (own(entry, 'ts') !== undefined) throw new Unreadable('payload.shape', '"ts" without "values"')
  else addValues(columns, complaints, arrivedAt, entry, true)
}
