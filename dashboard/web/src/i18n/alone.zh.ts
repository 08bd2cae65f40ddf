/** What the page of people who live alone says. */
export const aloneZh = {
  'tabs.alone': '独居老人',
} as const
