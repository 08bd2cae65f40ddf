import { formatNumber } from '../format/amount.ts'

/** Below it a tenth of a litre an hour is worth saying. */
const FINE_LPH = 10

/** "14 l/h": a leak's size, as a water engineer says it. */
export const litresWords = (lph: number): string => `${formatNumber(lph, lph < FINE_LPH ? 1 : 0, 0)} l/h`
