import type { ReactNode } from 'react'
import { WaterTabs } from './WaterTabs.tsx'

export function WaterPage(): ReactNode {
  return (
    <div className="page">
      <header className="page-head">
        <WaterTabs current="water" />
      </header>
    </div>
  )
}
