import { fraction } from '../random.ts'
import { DAY_MS, HOUR_MS, LOCAL_OFFSET_MS } from './household.ts'
import type { PlantInstrumentId } from './plant-instruments.ts'

/** What goes wrong in a waterworks, when, and for how long. */
const PLANT_FAULTS = [
  /** A cloudburst washes mud into the reservoir: size is raw turbidity, NTU an hour. */
  'turbidity-peak',
  'dosing-stops',
  /** Size: share of the delivery pumps' pressure that is gone until the standby pump runs. */
  'delivery-pump-trips',
  /** Size: how many raw-water pumps cannot run; the tank runs low. */
  'raw-pumps-stand',
  /** One instrument shows the same value all the time. */
  'sensor-stuck',
] as const

export interface PlantFault {
  readonly type: (typeof PLANT_FAULTS)[number]
  /** ms since 1970 */
  readonly start: number
  readonly end: number
  readonly size: number
  /** Of a stuck one. */
  readonly instrument?: PlantInstrumentId
}

const MONTH_DAYS = 30
/** Hours and sizes between these. */
const FACTS: Readonly<Record<PlantFault['type'], { readonly hours: Range; readonly size: Range }>> = {
  'turbidity-peak': { hours: [4, 8], size: [45, 90] },
  'dosing-stops': { hours: [8, 16], size: [1, 1] },
  'delivery-pump-trips': { hours: [0.4, 1.5], size: [0.35, 0.6] },
  'raw-pumps-stand': { hours: [4, 8], size: [2, 2] },
  'sensor-stuck': { hours: [18, 60], size: [1, 1] },
}
type Range = readonly [number, number]
/** Instruments that are told to be stuck by nothing but themselves: a register that stands is a meter's own case. */
const MAY_STICK: readonly PlantInstrumentId[] = ['turbidity', 'chlorine', 'ph', 'level', 'pressure']

/** Faults that begin on this day. @param day days since 1970, local */
export function plantFaultsOfDay(seed: number, day: number, perMonth: number): PlantFault[] {
  return PLANT_FAULTS.flatMap((type, i): PlantFault[] => {
    if (fraction(seed, 11, i, day) >= perMonth / MONTH_DAYS) return []
    const { hours, size } = FACTS[type]
    const within = ([least, most]: Range, draw: number): number =>
      least + (most - least) * fraction(seed, 12, i, day, draw)
    const start = day * DAY_MS - LOCAL_OFFSET_MS + Math.floor(24 * fraction(seed, 13, i, day)) * HOUR_MS
    const fault = { type, start, end: start + within(hours, 1) * HOUR_MS, size: within(size, 2) }
    if (type !== 'sensor-stuck') return [fault]
    return [{ ...fault, instrument: MAY_STICK[Math.floor(MAY_STICK.length * fraction(seed, 14, day))]! }]
  })
}
