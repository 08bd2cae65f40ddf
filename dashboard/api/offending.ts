import { isUtf8 } from 'node:buffer'

/** Bytes from `from` up to `to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Where in a payload it goes wrong, as far as its reason and detail say it: what a person's eye is led to. A best effort
 * over bytes that are broken by definition; null where nothing is known.
 */
export function offendingRange(reason: string, detail: string, bytes: Uint8Array): Range | null {
  if (bytes.length === 0) return null
  if (reason === 'payload.not-utf8') return byteAt(firstNotUtf8(bytes), bytes)
  const named = /\bat byte (\d+)/.exec(detail)?.[1]
  if (named !== undefined) return byteAt(Number(named), bytes)
  if (!isUtf8(bytes)) return null
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const scan = scanJson(text)
  const found = scan.error ?? (reason === 'payload.shape' ? scan.repeated : undefined) ?? memberNamed(scan, detail)
  return found === undefined ? null : inBytes(text, found)
}

const byteAt = (at: number, bytes: Uint8Array): Range => {
  const from = Math.min(at, bytes.length - 1)
  return { from, to: from + 1 }
}

function firstNotUtf8(bytes: Uint8Array): number {
  // Longest prefix that a stream decoder takes: by halves, because "valid so far" holds for every shorter one.
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isPrefixOfUtf8(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  return bad - 1
}

function isPrefixOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

interface Member extends Range {
  readonly name: string
}

interface Scan {
  /** Where it stops being JSON. Characters. */
  readonly error?: Range | undefined
  /** A name that stands in its object for the second time. */
  readonly repeated?: Range | undefined
  /** Every name with its value, in the order they end. */
  readonly members: readonly Member[]
}

/** Deeper than any payload; a hostile one must not overflow the stack. */
const MAX_DEPTH = 64
const SPACE = /[ \t\n\r]*/y
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
/** What stands where a value should: a word or a number as somebody meant it. */
const WORD = /[^\s,:{}[\]"]+|[^\s]/y

/** Walks over a text as far as it is JSON. */
function scanJson(text: string): Scan {
  const members: Member[] = []
  let repeated: Range | undefined
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)?.[0]
    if (match !== undefined) at += match.length
    return match
  }
  const skip = (): string | undefined => {
    take(SPACE)
    return text[at]
  }
  const value = (depth: number): boolean => {
    const first = skip()
    if (depth > MAX_DEPTH) return false
    if (first === '"') return take(STRING) !== undefined
    if (first === '[') return list(']', () => value(depth + 1))
    if (first === '{') {
      const names = new Set<string>()
      return list('}', () => {
        const from = at
        const name = take(STRING)
        if (name === undefined) return false
        if (names.has(name)) repeated ??= { from, to: at }
        names.add(name)
        if (skip() !== ':') return false
        at++
        if (!value(depth + 1)) return false
        members.push({ name: name.slice(1, -1), from, to: at })
        return true
      })
    }
    return take(SCALAR) !== undefined
  }
  const list = (end: string, item: () => boolean): boolean => {
    at++
    if (skip() === end) {
      at++
      return true
    }
    for (;;) {
      skip()
      if (!item()) return false
      const next = skip()
      if (next !== ',' && next !== end) return false
      at++
      if (next === end) return true
    }
  }
  if (text.charCodeAt(0) === 0xfeff) at = 1
  if (value(0) && skip() === undefined) return { repeated, members }
  const from = Math.min(at, text.length - 1)
  return { error: { from, to: from + (at < text.length ? (take(WORD)?.length ?? 1) : 1) }, repeated, members }
}

/** The detail begins with the name it is about, quoted or not: `volume -1 m³ is outside …`, `"foo" is no quantity`. */
function memberNamed({ members }: Scan, detail: string): Range | undefined {
  const name = /^"((?:[^"\\]|\\.)*)"|^(\S+)/.exec(detail)
  const wanted = name?.[1] ?? name?.[2]
  return wanted === undefined ? undefined : members.find((member) => member.name === wanted)
}

function inBytes(text: string, { from, to }: Range): Range {
  const start = Buffer.byteLength(text.slice(0, from))
  return { from: start, to: start + Buffer.byteLength(text.slice(from, to)) }
}
