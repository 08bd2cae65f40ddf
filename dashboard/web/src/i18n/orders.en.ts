import type { ordersZh } from './orders.zh.ts'

/** What work orders, plants and the meter’s water section say in English. */
export const ordersEn: Record<keyof typeof ordersZh, string> = {
  'tabs.orders': 'Repairs',
  'tabs.plants': 'Plants',
}
