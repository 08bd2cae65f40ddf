import type { ReactNode } from 'react'
import { HomesTabs } from '../homes/HomesTabs.tsx'

export function AlonePage(): ReactNode {
  return (
    <div className="page">
      <header className="page-head">
        <HomesTabs current="alone" />
      </header>
    </div>
  )
}
