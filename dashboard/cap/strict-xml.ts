/** For tests: reads the XML that a strict reader would, and throws where one would. No DTD, no CDATA, no comments. */

export interface Node {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Node[]
  readonly text: string
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export function readXml(xml: string): Node {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  if (!xml.startsWith(declaration)) throw new Error('no XML declaration')
  const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(xml)
  if (forbidden !== null) throw new Error(`a character that XML does not allow at ${forbidden.index}`)
  let rest = xml.slice(declaration.length).trimEnd()
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const found = pattern.exec(rest) ?? undefined
    if (found !== undefined) rest = rest.slice(found[0].length)
    return found
  }
  const node = (): Node => {
    const open = take(/^<([A-Za-z][\w.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/)
    if (open === undefined) throw new Error(`not an element: ${rest.slice(0, 40)}`)
    const [, name = '', given = '', empty] = open
    const attributes = Object.fromEntries(
      [...given.matchAll(/([\w:.-]+)="([^"<]*)"/g)].map(([, key = '', value = '']) => [key, decoded(value)]),
    )
    if (empty === '/') return { name, attributes, children: [], text: '' }
    const children: Node[] = []
    let text = ''
    for (;;) {
      text += decoded(take(/^[^<]+/)?.[0] ?? '')
      if (take(new RegExp(`^</${name}>`)) !== undefined) return { name, attributes, children, text }
      children.push(node())
    }
  }
  const root = node()
  if (rest !== '') throw new Error(`something behind the root: ${rest.slice(0, 40)}`)
  return root
}

function decoded(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(text)) throw new Error(`a bare & in ${text}`)
  return text.replaceAll(/&(\w+);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}
