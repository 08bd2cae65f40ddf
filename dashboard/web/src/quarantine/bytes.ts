/** A payload as a person reads it. */

/** Before, at and after what is wrong; all of it before where nothing is known. */
export type Parts = readonly [string, string, string]
interface Range {
  readonly from: number
  readonly to: number
}

export const HEX_ROW = 16
/** A control character other than tab, line feed and carriage return: no person typed it. */
const CONTROL = /[^\P{Cc}\t\n\r]/u

export const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))

/** The bytes as text, parted where it goes wrong; null where they are none. */
export function asText(bytes: Uint8Array, offending: Range | null): Parts | null {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const { from, to } = offending ?? { from: bytes.length, to: bytes.length }
  try {
    if (CONTROL.test(decoder.decode(bytes))) return null
    const [a, b, c] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)]
    return [decoder.decode(a), decoder.decode(b), decoder.decode(c)]
  } catch {
    return null
  }
}

/** A row before, at and after what is wrong. */
export interface HexRow {
  readonly offset: string
  readonly hex: Parts
  readonly chars: Parts
}

export function asHex(bytes: Uint8Array, offending: Range | null): readonly HexRow[] {
  const rows: HexRow[] = []
  for (let at = 0; at < bytes.length; at += HEX_ROW) {
    const row = bytes.subarray(at, at + HEX_ROW)
    const cut = (n: number | undefined): number => Math.max(0, Math.min(row.length, (n ?? bytes.length) - at))
    const from = cut(offending?.from)
    const to = cut(offending?.to)
    const [a, b, c] = [row.subarray(0, from), row.subarray(from, to), row.subarray(to)] as const
    rows.push({
      offset: at.toString(16).padStart(4, '0'),
      hex: [hexOf(a), hexOf(b), hexOf(c)],
      chars: [charsOf(a), charsOf(b), charsOf(c)],
    })
  }
  return rows
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
const charsOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
