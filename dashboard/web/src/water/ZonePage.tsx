import type { ReactNode } from 'react'

export function ZonePage({ id }: { readonly id: string }): ReactNode {
  return <div className="page">{id}</div>
}
