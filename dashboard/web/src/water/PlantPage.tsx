import type { ReactNode } from 'react'

export function PlantPage({ id }: { readonly id: string }): ReactNode {
  return <div className="page">{id}</div>
}
