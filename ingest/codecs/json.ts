import { isUtf8 } from 'node:buffer'
import type { Complaint } from '../../contract/readings.ts'
import type { Reason } from '../../contract/reasons.ts'

/** No payload form of the contract nests deeper than six levels (gateway → several → entry → values → flags → word). */
const MAX_DEPTH = 8
/** Of a parser's message or a foreign name that is repeated to a person. Characters. */
const QUOTED = 80

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** A payload that cannot be understood as a whole. Codecs throw it; only `decode…` functions catch it. */
export class Unreadable extends Error {
  override name = 'Unreadable'
  readonly complaint: Complaint
  constructor(reason: Reason, detail: string) {
    super(detail)
    this.complaint = { reason, detail }
  }
}

/**
 * JSON from a stranger. Throws Unreadable for what is no UTF-8, no JSON, nested more than eight levels, or says one name
 * twice in an object (JSON.parse would keep the last one in silence: `{"alarm":true,"alarm":false}` is a lost fire).
 */
export function parseJson(payload: Uint8Array): unknown {
  if (payload.length === 0) throw new Unreadable('payload.empty', 'the payload has no bytes')
  if (!isUtf8(payload)) throw new Unreadable('payload.not-utf8', 'the bytes are no UTF-8 text')
  const names = countNames(payload)
  const text = textOf(payload)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Unreadable('payload.not-json', whyNotJson(text, error as Error))
  }
  if (namesIn(value) !== names)
    throw new Unreadable('payload.shape', 'a name stands twice in the same object; which one counts?')
  return value
}

/** A foreign text as it may stand in a sentence: short, on one line. */
export const quoted = (text: string): string => {
  const short = text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text
  return JSON.stringify(short)
}

function textOf(payload: Uint8Array): string {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** Names in all objects of well-formed JSON. Throws on depth before the recursive parser sees it. */
function countNames(bytes: Uint8Array): number {
  let depth = 0
  let names = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === COLON) names++
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (++depth > MAX_DEPTH)
        throw new Unreadable('payload.too-deep', `nested deeper than ${MAX_DEPTH} levels at byte ${i}`)
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--
  }
  return names
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let names = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') names += namesIn(item)
    return names
  }
  for (const name in value) {
    names++
    const item = (value as Record<string, unknown>)[name]
    if (typeof item === 'object') names += namesIn(item)
  }
  return names
}

/** The mistakes that devices really make, named; else what the parser says. */
function whyNotJson(text: string, error: Error): string {
  // Only words outside strings: quoted text is removed first.
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
  const word = /-?\b(?:NaN|nan|Infinity|inf|undefined|None|True|False)\b/.exec(bare)?.[0]
  if (word === 'None' || word === 'True' || word === 'False')
    return `${word} is Python, not JSON: send ${{ None: 'null', True: 'true', False: 'false' }[word]}`
  if (word !== undefined) return `${word} is not JSON: send null or leave the value out`
  if (/,\s*[}\]]/.test(bare)) return 'a comma before a closing bracket'
  if (/'/.test(bare)) return 'JSON strings stand in double quotes ("), not single ones (\')'
  return error.message.replace(/ is not valid JSON$/, '').slice(0, QUOTED * 2)
}

/** What a JSON value is, for a sentence. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the text ${quoted(value)}`
  return `${value}`
}

export type JsonObject = Readonly<Record<string, unknown>>
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own property only: a stranger's object has no `ts` because Object.prototype got one. */
export const own = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined
