import type { waterZh } from './water.zh.ts'

/** What the water pages say in English. */
export const waterEn: Record<keyof typeof waterZh, string> = {
  'nav.water': 'Water',
  'tabs.water': 'Losses',
  'tabs.first': 'Go here first',
}
