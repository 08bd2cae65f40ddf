/**
 * Texts in GB18030, which every Chinese panel speaks. The platform has a decoder for it and no encoder: the way back is
 * the decoder's own table read backwards, built at the first use.
 */

const decoder = new TextDecoder('gb18030')

/** Two-byte codes: GB 18030-2005 table 1. */
const LEAD = { from: 0x81, to: 0xfe }
const TRAIL = { from: 0x40, to: 0xfe, without: 0x7f }
/** Four-byte codes: lead and third byte 81…FE, second and fourth 30…39; up to 84 31 A4 39 they cover the rest of the BMP. */
const DIGIT = { from: 0x30, to: 0x39 }
const DIGITS = 10
const LEADS = LEAD.to - LEAD.from + 1
const FOUR_BYTE_BMP = 39_420
/** From 90 30 81 30 on, four-byte codes are the supplementary planes in order. */
const FIRST_SUPPLEMENTARY = 0x10000
const SUPPLEMENTARY_INDEX = 189_000
/** A code that is none, and what separates the codes of the table while it is decoded. */
const NO_CHARACTER = '\ufffd'
const NEWLINE = 0x0a
const FIRST_NOT_ASCII = 0x80

const fourBytes = (index: number): readonly number[] => [
  LEAD.from + Math.floor(index / (DIGITS * LEADS * DIGITS)),
  DIGIT.from + (Math.floor(index / (LEADS * DIGITS)) % DIGITS),
  LEAD.from + (Math.floor(index / DIGITS) % LEADS),
  DIGIT.from + (index % DIGITS),
]

function codes(): (readonly number[])[] {
  const all: (readonly number[])[] = []
  for (let lead = LEAD.from; lead <= LEAD.to; lead++)
    for (let trail = TRAIL.from; trail <= TRAIL.to; trail++) if (trail !== TRAIL.without) all.push([lead, trail])
  for (let index = 0; index < FOUR_BYTE_BMP; index++) all.push(fourBytes(index))
  return all
}

let codeOf: ReadonlyMap<string, readonly number[]> | undefined

/** One pass of the decoder over all codes, a line each. */
function reverseTable(): ReadonlyMap<string, readonly number[]> {
  if (codeOf !== undefined) return codeOf
  const all = codes()
  const lines = decoder.decode(Uint8Array.from(all.flatMap((code) => [...code, NEWLINE]))).split('\n')
  const table = new Map<string, readonly number[]>()
  for (const [i, code] of all.entries()) {
    const character = lines[i] ?? ''
    // Of two codes of one character the first, shorter one is the usual one.
    if ([...character].length === 1 && character !== NO_CHARACTER && !table.has(character)) table.set(character, code)
  }
  codeOf = table
  return table
}

function bytesOf(character: string): readonly number[] {
  const point = character.codePointAt(0) ?? 0
  if (point < FIRST_NOT_ASCII) return [point]
  if (point >= FIRST_SUPPLEMENTARY) return fourBytes(SUPPLEMENTARY_INDEX + point - FIRST_SUPPLEMENTARY)
  return reverseTable().get(character) ?? bytesOf('?')
}

/** GB18030 bytes of a text, as many whole characters as `most` bytes hold. */
export function encodeText(text: string, most: number): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const code = bytesOf(character)
    if (bytes.length + code.length > most) break
    bytes.push(...code)
  }
  return Uint8Array.from(bytes)
}

/** A text field of `size` bytes: cut between characters, filled up with 00. */
export function textField(text: string, size: number): Uint8Array {
  const field = new Uint8Array(size)
  field.set(encodeText(text, size))
  return field
}

/** Half a character at the end, a filling of FF, what moves the cursor. */
const UNREADABLE = /[\p{Cc}\ufffd]+/gu

/**
 * What a text field says to a person. It ends at the first 00; what stands behind is an older text's remains, unless
 * nothing stands before.
 */
export function readText(field: Uint8Array): string {
  let at = 0
  while (at < field.length) {
    const zero = field.indexOf(0, at)
    const end = zero < 0 ? field.length : zero
    const text = decoder.decode(field.subarray(at, end)).replace(UNREADABLE, ' ').trim()
    if (text !== '') return text
    at = end + 1
  }
  return ''
}
