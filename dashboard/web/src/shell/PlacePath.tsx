import type { ReactNode } from 'react'

/** The way down to a place, one name per step. `emphasis` marks the last name. */
export function PlacePath(props: { readonly names: readonly string[]; readonly emphasis?: boolean }): ReactNode {
  const { names, emphasis = false } = props
  return names.map((name, i) => (
    <span key={names.slice(0, i + 1).join('/')} className={emphasis && i === names.length - 1 ? 'here' : undefined}>
      {name}
    </span>
  ))
}
