import { randomBytes } from 'node:crypto'
import { CITY_TIME_ZONE } from '../../contract/city-time.ts'

const LOCAL_DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: CITY_TIME_ZONE, dateStyle: 'short' })
/** Random bytes in an id: with a hundred a day two never meet. */
const ID_BYTES = 4

/** The day in the city, `2026-11-22`. @param at ms since 1970 */
export const cityDate = (at: number): string => LOCAL_DAY.format(at)

/** An id that says its day: `hz-20261122-1a2b3c4d`. */
export const datedId = (prefix: 'hz' | 'wo', at: number): string =>
  `${prefix}-${cityDate(at).replaceAll('-', '')}-${randomBytes(ID_BYTES).toString('hex')}`
