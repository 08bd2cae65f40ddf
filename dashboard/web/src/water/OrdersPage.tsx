import type { ReactNode } from 'react'
import { WaterTabs } from './WaterTabs.tsx'

export function OrdersPage(): ReactNode {
  return (
    <div className="page">
      <header className="page-head">
        <WaterTabs current="orders" />
      </header>
    </div>
  )
}
