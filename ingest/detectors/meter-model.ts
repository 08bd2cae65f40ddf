/**
 * What is known of a meter by its model. Q3 is the permanent flow rate (ISO 4064-1), Q4 the overload flow rate, which a
 * meter stands for a short time only.
 */
export interface MeterModel {
  /** l/h */
  readonly q3: number
  /** l/h */
  readonly q4: number
  /** Its name says so; else it is taken for a household's. */
  readonly isNamed: boolean
}

/** ISO 4064-1: Q4 = 1.25 Q3. */
const Q4_TO_Q3 = 1.25
/** m³/h by nominal diameter, mm: the values of ISO 4064-1's R5 series that are sold for it; 2.5 on DN15 and 4 on DN20 as in water.md. */
const Q3_OF_DIAMETER: Readonly<Record<string, number>> = {
  15: 2.5,
  20: 4,
  25: 6.3,
  32: 10,
  40: 16,
  50: 25,
  65: 40,
  80: 63,
  100: 100,
}
const DEFAULT_Q3 = 2.5
const LITRES = 1000

const fromQ3 = (q3: number): MeterModel => ({ q3: q3 * LITRES, q4: q3 * Q4_TO_Q3 * LITRES, isNamed: true })
const DEFAULT: MeterModel = { ...fromQ3(DEFAULT_Q3), isNamed: false }

/** Names are registered by people, a few hundred at most; a full table is emptied rather than grown. */
const known = new Map<string, MeterModel>()
const KNOWN_MAX = 1000

/** Reads `Q3 4`, `Q3=6.3` or `DN20` out of a model's name; anything else is a household's DN15. */
export function meterModel(model: string | null): MeterModel {
  if (model === null) return DEFAULT
  let facts = known.get(model)
  if (facts === undefined) {
    if (known.size >= KNOWN_MAX) known.clear()
    facts = parse(model)
    known.set(model, facts)
  }
  return facts
}

function parse(model: string): MeterModel {
  const q3 = Number(/Q3[ =_-]?(\d{1,4}(?:\.\d)?)/i.exec(model)?.[1] ?? Number.NaN)
  if (q3 > 0) return fromQ3(q3)
  const diameter = /DN[ _-]?(\d{2,3})/i.exec(model)?.[1]
  const byDiameter = diameter === undefined ? undefined : Q3_OF_DIAMETER[diameter]
  return byDiameter === undefined ? DEFAULT : fromQ3(byDiameter)
}
