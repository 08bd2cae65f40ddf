import type { ReactNode } from 'react'

export function OrderPage({ id }: { readonly id: string }): ReactNode {
  return <div className="page">{id}</div>
}
