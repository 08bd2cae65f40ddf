import { LIMITS, type LimitedDevice, type LimitName, limitOf } from './detection-limits.ts'
import type { Kind } from './kinds.ts'
import type { Quantity } from './quantities.ts'
import type { Plant } from './water-api.ts'

/** A plant: places of kind `plant`, the instruments in them, and what their values must stay within. */

export type InstrumentRole = Plant['instruments'][number]['role']

/** In the order of the water. */
export const INSTRUMENT_ROLES = [
  'inflow',
  'temperature',
  'turbidity',
  'ph',
  'chlorine',
  'level',
  'pressure',
  'outflow',
] as const satisfies readonly InstrumentRole[]

/** What a kind of instrument measures at a plant. A bulk meter's role is what it joins (`BulkFlow`). */
export const MEASURED_BY: Readonly<Partial<Record<Kind, readonly (InstrumentRole & Quantity)[]>>> = {
  'quality-sensor': ['turbidity', 'ph', 'chlorine', 'temperature'],
  'level-sensor': ['level'],
  'pressure-sensor': ['pressure'],
  'temperature-sensor': ['temperature'],
}

/** The standard that limits of water quality come from where nobody has set others. */
const WATER_STANDARD = 'GB 5749-2022'

interface QuantityLimits {
  readonly low: LimitName | null
  readonly high: LimitName | null
  readonly standard: string
}

const LIMITS_OF = {
  turbidity: { low: null, high: 'quality.turbidity', standard: WATER_STANDARD },
  chlorine: { low: 'quality.chlorineLow', high: 'quality.chlorineHigh', standard: WATER_STANDARD },
  ph: { low: 'quality.phLow', high: 'quality.phHigh', standard: WATER_STANDARD },
  level: { low: 'plant.levelLow', high: 'plant.levelHigh', standard: '' },
  pressure: { low: 'plant.pressureLow', high: 'plant.pressureHigh', standard: '' },
} as const satisfies Partial<Record<Quantity, QuantityLimits>>
export type LimitedQuantity = keyof typeof LIMITS_OF

export const isLimited = (quantity: string): quantity is LimitedQuantity => Object.hasOwn(LIMITS_OF, quantity)
export const limitNamesOf = (quantity: LimitedQuantity): QuantityLimits => LIMITS_OF[quantity]

export interface Bounds {
  readonly low: number | null
  readonly high: number | null
  /** The standard's name; empty: somebody has set them for the plant, or there are none. */
  readonly standard: string
}

/** What a value of an instrument must stay within. Without a standard only what was set counts. */
export function boundsOf(device: LimitedDevice, quantity: LimitedQuantity): Bounds {
  const names: QuantityLimits = LIMITS_OF[quantity]
  const figure = (name: LimitName | null): number | null => {
    if (name === null) return null
    const limit = limitOf(device, name)
    return names.standard === '' && limit === LIMITS[name].default ? null : limit
  }
  const isSet = [names.low, names.high].some((name) => name !== null && device.limits?.[name] !== undefined)
  return { low: figure(names.low), high: figure(names.high), standard: isSet ? '' : names.standard }
}

export const isWithin = (value: number, { low, high }: Pick<Bounds, 'low' | 'high'>): boolean =>
  (low === null || value >= low) && (high === null || value <= high)
