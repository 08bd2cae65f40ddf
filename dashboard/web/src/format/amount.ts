import {
  FLAGS,
  isQuantity,
  QUANTITIES,
  type Quantity,
  VALVE_STATES,
  type Value,
} from '../../../../contract/quantities.ts'
import type { Language, Text } from '../i18n/text.ts'

/** Below 1 m³/h a leak's size is said in litres an hour, as water engineers do. */
const LITRES_BELOW_M3 = 1
const LITRES_PER_M3 = 1000
/** Four decimals show what a register with three cannot: never more. */
const MOST_DECIMALS = 3

const formatters = new Map<string, Intl.NumberFormat>()
/** Grouped digits, both languages alike: 12,345.678. */
export function formatNumber(value: number, decimals: number, least = decimals): string {
  const id = `${decimals}/${least}`
  const formatter =
    formatters.get(id) ??
    new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals, minimumFractionDigits: least })
  formatters.set(id, formatter)
  // Minus zero is no figure a person should see.
  return formatter.format(Object.is(value, -0) || Math.abs(value) < 10 ** -decimals / 2 ? 0 : value)
}

export const formatCount = (n: number): string => formatNumber(n, 0)

export interface Amount {
  readonly figure: string
  readonly unit: string
}

/** A measured number as a person reads it: small flows and volumes in litres. */
export function amountOf(quantity: Quantity, value: number): Amount {
  const facts = QUANTITIES[quantity]
  if (facts.type !== 'number') return { figure: formatNumber(value, MOST_DECIMALS, 0), unit: '' }
  if (quantity === 'flow' && Math.abs(value) < LITRES_BELOW_M3)
    return { figure: formatNumber(value * LITRES_PER_M3, 0), unit: 'l/h' }
  return { figure: formatNumber(value, facts.decimals), unit: facts.unit }
}

/** Consumption in m³, or in litres below one. */
export function consumptionOf(m3: number): Amount {
  return Math.abs(m3) < LITRES_BELOW_M3
    ? { figure: formatNumber(m3 * LITRES_PER_M3, 0), unit: 'l' }
    : { figure: formatNumber(m3, 2), unit: 'm³' }
}

/**
 * A value beside the unit the alarm itself carries.
 * @param beside the figure it is compared with, whose unit it takes: 4.8 m³/h over 0.5 m³/h, not over 500 l/h
 */
export function amountInUnit(value: number, unit: string | null, beside = value): Amount {
  if (unit === 'm³/h' && Math.abs(beside) < LITRES_BELOW_M3)
    return { figure: formatNumber(value * LITRES_PER_M3, 0), unit: 'l/h' }
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return { figure: formatNumber(value, decimals, 0), unit: unit ?? '' }
}

const isFlag = (word: string): word is (typeof FLAGS)[number] => (FLAGS as readonly string[]).includes(word)
const isValve = (word: string): word is (typeof VALVE_STATES)[number] =>
  (VALVE_STATES as readonly string[]).includes(word)

/** Any value a device may report, in words. */
export function wordsFor(quantity: string, value: Value, t: Text): Amount {
  if (typeof value === 'number')
    return isQuantity(quantity)
      ? amountOf(quantity, value)
      : { figure: formatNumber(value, MOST_DECIMALS, 0), unit: '' }
  if (typeof value === 'boolean') return { figure: value ? t('device.true') : t('device.false'), unit: '' }
  if (typeof value === 'string') return { figure: isValve(value) ? t(`valve.${value}`) : value, unit: '' }
  if (value.length === 0) return { figure: t('device.none'), unit: '' }
  return { figure: value.map((word) => (isFlag(word) ? t(`flag.${word}`) : word)).join(' · '), unit: '' }
}

export const quantityName = (quantity: string, language: Language): string =>
  isQuantity(quantity) ? QUANTITIES[quantity][language] : quantity
