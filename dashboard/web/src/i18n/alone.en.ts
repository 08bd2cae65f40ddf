import type { aloneZh } from './alone.zh.ts'

/** What the page of people who live alone says in English. */
export const aloneEn: Record<keyof typeof aloneZh, string> = {
  'tabs.alone': 'Living alone',
}
