/** What the water pages say. */
export const waterZh = {
  'nav.water': '供水',
  'tabs.water': '漏损',
  'tabs.first': '先去哪里',
} as const
