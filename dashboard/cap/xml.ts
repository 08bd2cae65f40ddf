import { escapeMarkup } from '../../contract/escape-markup.ts'

/** XML written by hand: a few elements, every text escaped at one place. */

/** XML 1.0 §2.2: other characters may not stand in a document, not even escaped. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const escapeText = (text: string): string => escapeMarkup(text.toWellFormed().replaceAll(FORBIDDEN, '\ufffd'))

export interface Element {
  readonly xml: string
}

/** An element with attributes; an undefined child is left out. */
export function element(
  name: string,
  children: string | readonly (Element | undefined)[],
  attributes: Readonly<Record<string, string>> = {},
): Element {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(value)}"`)
  const inside =
    typeof children === 'string' ? escapeText(children) : children.map((child) => child?.xml ?? '').join('')
  return { xml: inside === '' ? `<${name}${given.join('')}/>` : `<${name}${given.join('')}>${inside}</${name}>` }
}

export const document = (root: Element): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root.xml}\n`
