import type { FormResult } from './form.ts'
import { isObject, kindOf, own, Unreadable } from './json.ts'
import { decodePlain, decodeStamped } from './plain.ts'
import { decodeSenml, isSenml } from './senml.ts'
import { decodeSeries } from './series.ts'
import { decodeSeveral } from './several.ts'

/** Readings of one device in one message: 104 days of quarter-hours. */
const MAX_ROWS = 10_000

/** One device's payload in any of the five forms. Throws Unreadable. */
export function decodeForm(value: unknown, arrivedAt: number): FormResult {
  const result = formOf(value, arrivedAt)
  for (const { at } of result.readings)
    if (at.length > MAX_ROWS)
      throw new Unreadable('payload.too-many', `${at.length} times in one message; at most ${MAX_ROWS}`)
  return result
}

function formOf(value: unknown, arrivedAt: number): FormResult {
  if (Array.isArray(value)) {
    const first: unknown = value[0]
    if (first === undefined) throw new Unreadable('payload.empty', 'the list is empty')
    return isObject(first) && isSenml(first) && !Object.hasOwn(first, 'values')
      ? decodeSenml(value, arrivedAt)
      : decodeSeveral(value, arrivedAt)
  }
  if (!isObject(value)) throw new Unreadable('payload.shape', `a payload is an object or a list, not ${kindOf(value)}`)
  if (Object.hasOwn(value, 'values'))
    return Object.hasOwn(value, 'step') ? decodeSeries(value) : stampedOrSeries(value, arrivedAt)
  if (Object.hasOwn(value, 'ts'))
    throw new Unreadable('payload.shape', '"ts" without "values": write { "ts": …, "values": { … } }')
  return decodePlain(value, arrivedAt)
}

/** A list where one number belongs is a series whose step was forgotten: said so, instead of "wrong type". */
function stampedOrSeries(value: Readonly<Record<string, unknown>>, arrivedAt: number): FormResult {
  const values = own(value, 'values')
  if (isObject(values))
    for (const name of Object.keys(values))
      if (name !== 'flags' && Array.isArray(values[name]))
        throw new Unreadable('series.step', 'lists of values need a "step" in milliseconds')
  return decodeStamped(value, arrivedAt)
}
