import { isObject, kindOf, parseJson, quoted, Unreadable } from './json.ts'

/** A device's slowly changing facts are a label, not a store: so many names in one message, characters per name and text. */
const MAX_NAMES = 64
const MAX_NAME = 64
const MAX_TEXT = 256

/** `{ "firmware": "1.4", "caliber": 15 }`: names with plain values. Throws Unreadable for anything else. */
export function decodeAttributes(payload: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parseJson(payload)
  if (!isObject(value)) throw new Unreadable('payload.shape', `attributes are an object, not ${kindOf(value)}`)
  const names = Object.keys(value)
  if (names.length === 0) throw new Unreadable('payload.empty', 'there is no attribute in the payload')
  if (names.length > MAX_NAMES)
    throw new Unreadable('payload.too-many', `${names.length} attributes in one message; at most ${MAX_NAMES}`)
  const attributes: Record<string, unknown> = {}
  for (const name of names) {
    const fact = value[name]
    if (name === '' || name.length > MAX_NAME || name in Object.prototype)
      throw new Unreadable('payload.shape', `${quoted(name)} cannot name an attribute`)
    if (typeof fact === 'object' && fact !== null)
      throw new Unreadable(
        'payload.shape',
        `${quoted(name)} must be a text, a number, true or false, not ${kindOf(fact)}`,
      )
    if (typeof fact === 'string' && fact.length > MAX_TEXT)
      throw new Unreadable('payload.shape', `${quoted(name)} is longer than ${MAX_TEXT} characters`)
    attributes[name] = fact
  }
  return attributes
}
