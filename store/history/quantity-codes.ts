import type { Quantity } from '../../contract/quantities.ts'

/**
 * How a quantity is written in a packed row, and which bit says in `device.quantities` that a device has ever reported
 * it. Stored; never renumber. At most 31, so that a set of them fits JavaScript's bit operations.
 */
export const QUANTITY_CODES = {
  volume: 0,
  reverseVolume: 1,
  flow: 2,
  pressure: 3,
  temperature: 4,
  level: 5,
  turbidity: 6,
  chlorine: 7,
  ph: 8,
  smoke: 9,
  co: 10,
  gas: 11,
  residualCurrent: 12,
  alarm: 13,
  pressed: 14,
  open: 15,
  test: 16,
  flags: 17,
  valve: 18,
  battery: 19,
  rssi: 20,
  rainfall: 21,
} as const satisfies Record<Quantity, number>

const QUANTITY_OF_CODE: (Quantity | undefined)[] = []
for (const [quantity, code] of Object.entries(QUANTITY_CODES)) QUANTITY_OF_CODE[code] = quantity as Quantity

export function quantityOfCode(code: number): Quantity {
  const quantity = QUANTITY_OF_CODE[code]
  if (quantity === undefined)
    throw new RangeError(`a packed row of the history holds quantity ${code}: written by a newer version?`)
  return quantity
}

/** The quantities of a set of bits. */
export const quantitiesOf = (bits: number): Quantity[] =>
  QUANTITY_OF_CODE.filter(
    (quantity, code): quantity is Quantity => quantity !== undefined && (bits & (1 << code)) !== 0,
  )
