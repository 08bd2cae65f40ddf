import { QUANTITIES, type Quantity, type QuantityFacts, type Value } from '../../contract/quantities.ts'
import type { Reason } from '../../contract/reasons.ts'
import { kindOf } from './json.ts'

/**
 * One value against the table of quantities, by hand: a schema library costs three times as much as parsing the JSON
 * (measured: 22 k against 65 k messages of 96 readings a second).
 */

/** Why a value is no reading of its quantity. */
export interface BadValue {
  readonly reason: Reason
  readonly detail: string
}

const FACTS: Readonly<Record<Quantity, QuantityFacts>> = QUANTITIES
export const factsOf = (quantity: Quantity): QuantityFacts => FACTS[quantity]

/** Undefined when `value` is a reading of `quantity`. */
export function checkValue(quantity: Quantity, value: unknown): BadValue | undefined {
  const facts = FACTS[quantity]
  switch (facts.type) {
    case 'number':
      if (typeof value !== 'number') return wrongType(quantity, 'a number', value)
      if (!Number.isFinite(value))
        return { reason: 'value.not-finite', detail: `${quantity} is too large for a number` }
      if (value < facts.min || value > facts.max)
        return {
          reason: 'value.out-of-bounds',
          detail: `${quantity} ${value} ${facts.unit} is outside ${facts.min} … ${facts.max}`,
        }
      return undefined
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrongType(quantity, 'true or false', value)
    case 'word':
      return typeof value === 'string' && facts.words.includes(value)
        ? undefined
        : wrongType(quantity, `one of ${facts.words.join(', ')}`, value)
    case 'words': {
      if (!Array.isArray(value)) return wrongType(quantity, 'a list of words', value)
      const strange = value.find((word) => typeof word !== 'string' || !facts.words.includes(word))
      return strange === undefined ? undefined : wrongType(quantity, `a list of ${facts.words.join(', ')}`, strange)
    }
  }
}

/** What can be kept of a value that `checkValue` refused: the words that are known. Undefined: nothing. */
export function knownPart(quantity: Quantity, value: unknown): Value | undefined {
  const facts = FACTS[quantity]
  if (facts.type !== 'words' || !Array.isArray(value)) return undefined
  const known = value.filter((word): word is string => typeof word === 'string' && facts.words.includes(word))
  return known.length > 0 ? known : undefined
}

const wrongType = (quantity: Quantity, wanted: string, value: unknown): BadValue => ({
  reason: 'value.wrong-type',
  detail: `${quantity} must be ${wanted}, not ${kindOf(value)}`,
})
