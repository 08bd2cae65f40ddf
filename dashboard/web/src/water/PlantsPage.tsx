import type { ReactNode } from 'react'
import { WaterTabs } from './WaterTabs.tsx'

export function PlantsPage(): ReactNode {
  return (
    <div className="page">
      <header className="page-head">
        <WaterTabs current="plants" />
      </header>
    </div>
  )
}
