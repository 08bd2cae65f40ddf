/** How much of a quarantined payload a list shows. */
export const PREVIEW_BYTES = 200

/** A control character other than tab, line feed and carriage return: no person typed it. */
const CONTROL = /[^\P{Cc}\t\n\r]/u

/** The bytes as text where they are text, else as hex. A character that the cut has halved is left out. */
export function preview(bytes: Uint8Array): string {
  const head = bytes.subarray(0, PREVIEW_BYTES)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    if (!CONTROL.test(text)) return text
  } catch {
    // Not UTF-8: shown as hex.
  }
  return Buffer.from(head).toString('hex')
}
