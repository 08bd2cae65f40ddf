const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A text inside an element or a quoted attribute of XML or HTML. */
export const escapeMarkup = (text: string): string => text.replaceAll(/[&<>"]/g, (char) => ESCAPES[char] ?? char)
