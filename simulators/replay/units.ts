import { isQuantity, QUANTITIES, type Quantity } from '../../contract/quantities.ts'

/** Units that a log may be in, and how they become the contract's unit of the quantity. */
interface Unit {
  readonly factor: number
  /** Added after the factor. */
  readonly offset?: number
}

const M3_PER_US_GALLON = 0.003785411784
const KPA_PER_PSI = 6.894757
/** Metres of water at 4 °C. */
const KPA_PER_METRE = 9.80665
const CELSIUS_PER_FAHRENHEIT = 5 / 9
const CELSIUS_AT_0_FAHRENHEIT = -160 / 9
const CELSIUS_AT_0_KELVIN = -273.15

const VOLUME: Readonly<Record<string, Unit>> = {
  m3: { factor: 1 },
  l: { factor: 0.001 },
  gal: { factor: M3_PER_US_GALLON },
  ft3: { factor: 0.028316846592 },
}

const UNITS: Partial<Record<Quantity, Readonly<Record<string, Unit>>>> = {
  volume: VOLUME,
  reverseVolume: VOLUME,
  flow: {
    'm3/h': { factor: 1 },
    'l/s': { factor: 3.6 },
    'l/min': { factor: 0.06 },
    'l/h': { factor: 0.001 },
    gpm: { factor: 60 * M3_PER_US_GALLON },
  },
  pressure: {
    kpa: { factor: 1 },
    mpa: { factor: 1000 },
    bar: { factor: 100 },
    mbar: { factor: 0.1 },
    psi: { factor: KPA_PER_PSI },
    m: { factor: KPA_PER_METRE },
  },
  temperature: {
    c: { factor: 1 },
    f: { factor: CELSIUS_PER_FAHRENHEIT, offset: CELSIUS_AT_0_FAHRENHEIT },
    k: { factor: 1, offset: CELSIUS_AT_0_KELVIN },
  },
  level: { m: { factor: 1 }, cm: { factor: 0.01 }, mm: { factor: 0.001 } },
  // Ten times the optical density (base 10) of a metre.
  smoke: { 'db/m': { factor: 1 }, '1/m': { factor: 10 } },
  residualCurrent: { ma: { factor: 1 }, a: { factor: 1000 } },
}

/** The user asked for something that is not there; the message says what there is. */
export class ReplayMistake extends Error {
  override name = 'ReplayMistake'
}

/** `value → value in the contract's unit`. Throws ReplayMistake for what cannot be published as one number. */
export function converter(quantity: string, unit: string | undefined, scale: number): (value: number) => number {
  if (!isQuantity(quantity) || QUANTITIES[quantity].type !== 'number') {
    const numeric = Object.entries(QUANTITIES).flatMap(([name, facts]) => (facts.type === 'number' ? [name] : []))
    throw new ReplayMistake(`"${quantity}" is no quantity with a number. There are: ${numeric.join(', ')}`)
  }
  if (unit === undefined) return (value) => value * scale
  const own = QUANTITIES[quantity].unit
  const known = UNITS[quantity] ?? {}
  const found = plain(unit) === plain(own) ? { factor: 1 } : known[plain(unit)]
  if (found === undefined)
    throw new ReplayMistake(
      `${quantity} cannot be in "${unit}". Its own unit is ${own}${Object.keys(known).length > 0 ? `; also ${Object.keys(known).join(', ')}` : ''}. Or give --scale.`,
    )
  const { factor, offset = 0 } = found
  return (value) => value * scale * factor + offset
}

/** `M³/h` and `m3/h`, `°C` and `c` are the same. */
const plain = (unit: string): string => unit.replace('³', '3').replace('°', '').toLowerCase()
