import { join } from 'node:path'

/**
 * Where Node keeps what it compiled: starting a command or a role takes 0.14 s of processor time instead of 0.42 from the
 * second time on. Keyed by content; where it cannot be written Node does without.
 */
export const compileCache = join(import.meta.dirname, '../node_modules/.cache/hydrant')
