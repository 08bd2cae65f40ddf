import type { Quantity } from '../../contract/quantities.ts'

/** own = value × factor + offset. Names: the SenML unit registries (RFC 8428 §12.1, RFC 8798) and what devices write. */
type Conversion = readonly [factor: number, offset?: number]

const SECONDS_PER_HOUR = 3600
const LITRES_PER_M3 = 1000
const ZERO_CELSIUS_K = 273.15

const VOLUME = { m3: [1], l: [1 / LITRES_PER_M3], L: [1 / LITRES_PER_M3] } as const
const LENGTH = { mm: [1 / 1000], cm: [1 / 100], km: [1000] } as const
/** Optical density per metre in decibels: dB/m = 10 × optical density (EN 54-7). */
const DB_PER_OPTICAL_DENSITY = 10

const CONVERSIONS: Partial<Record<Quantity, Readonly<Record<string, Conversion>>>> = {
  volume: VOLUME,
  reverseVolume: VOLUME,
  flow: {
    'm3/h': [1],
    'm3/s': [SECONDS_PER_HOUR],
    'l/s': [SECONDS_PER_HOUR / LITRES_PER_M3],
    'l/min': [60 / LITRES_PER_M3],
    'l/h': [1 / LITRES_PER_M3],
  },
  pressure: { Pa: [1 / 1000], hPa: [1 / 10], mbar: [1 / 10], bar: [100], MPa: [1000] },
  temperature: { Cel: [1], C: [1], K: [1, -ZERO_CELSIUS_K] },
  level: LENGTH,
  smoke: { '1/m': [DB_PER_OPTICAL_DENSITY] },
  co: { '/1000': [1000], '%': [10_000] },
  gas: { '%': [1] },
  residualCurrent: { A: [1000] },
  chlorine: { 'kg/m3': [1000], 'g/l': [1000] },
  battery: { '%EL': [1], '/': [100], '/100': [1] },
  rssi: { dBW: [1, 30] },
  rainfall: { m: [1000], cm: [10] },
}

/** A value in the quantity's own unit; undefined where `unit` does not fit. */
export function toOwnUnit(quantity: Quantity, value: number, unit: string): number | undefined {
  const conversions = CONVERSIONS[quantity]
  if (conversions === undefined || !Object.hasOwn(conversions, unit)) return undefined
  const [factor, offset = 0] = conversions[unit] as Conversion
  return value * factor + offset
}
