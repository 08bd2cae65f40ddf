import { randomBytes } from 'node:crypto'
import { cityDate } from '../../contract/city-time.ts'

/** Random bytes in an id: with a hundred a day two never meet. */
const ID_BYTES = 4

/** An id that says its day: `hz-20261122-1a2b3c4d`. */
export const datedId = (prefix: 'hz' | 'wo', at: number): string =>
  `${prefix}-${cityDate(at).replaceAll('-', '')}-${randomBytes(ID_BYTES).toString('hex')}`
