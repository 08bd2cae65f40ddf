import { Mistake } from './mistake.ts'

export const noSuchDevice = (id: string): Mistake =>
  new Mistake(`There is no device ${id}. \`device list\` shows which there are.`)
