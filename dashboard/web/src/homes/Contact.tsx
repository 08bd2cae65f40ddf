import type { ReactNode } from 'react'

/** A telephone number inside words: "张院长 0635-8312345". */
const NUMBER = /(\+?\d[\d -]{5,18}\d)/

/** Words in which telephone numbers can be called. */
export function Contact({ words }: { readonly words: string }): ReactNode {
  return words.split(NUMBER).map((part, i) =>
    NUMBER.test(part) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in their order
      <a key={i} href={`tel:${part.replaceAll(/[ -]/g, '')}`}>
        {part}
      </a>
    ) : (
      part
    ),
  )
}
