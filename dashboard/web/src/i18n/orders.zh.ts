/** What work orders, plants and the meter’s water section say. */
export const ordersZh = {
  'tabs.orders': '维修工单',
  'tabs.plants': '水厂',
} as const
