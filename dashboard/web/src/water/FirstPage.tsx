import type { ReactNode } from 'react'
import { WaterTabs } from './WaterTabs.tsx'

export function FirstPage(): ReactNode {
  return (
    <div className="page">
      <header className="page-head">
        <WaterTabs current="first" />
      </header>
    </div>
  )
}
