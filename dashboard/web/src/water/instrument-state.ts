import type { HistoryBucket } from '../../../../contract/api.ts'
import type { Plant } from '../../../../contract/water-api.ts'
import { formatNumber } from '../format/amount.ts'
import type { Text } from '../i18n/text.ts'
import type { IconName } from '../shell/Icon.tsx'

/** What a page says of an instrument of a plant. Pure. */

export type Instrument = Plant['instruments'][number]

const STATES = ['within', 'low', 'high', 'stale', 'none', 'unlimited'] as const
export type InstrumentState = (typeof STATES)[number]

export const SHAPES: Readonly<Record<InstrumentState, IconName>> = {
  within: 'check',
  low: 'chevron',
  high: 'chevronUp',
  stale: 'question',
  none: 'question',
  unlimited: 'minus',
}

/** What is old says nothing of now, also where it was outside. */
export function stateOf({ value, stale, within, low }: Instrument): InstrumentState {
  if (value === null) return 'none'
  if (stale) return 'stale'
  if (within === null) return 'unlimited'
  if (within) return 'within'
  return low !== null && value < low ? 'low' : 'high'
}

const DECIMALS = 2
/** Above it decimals say nothing. */
const COARSE = 100

export const figureOf = (value: number): string => formatNumber(value, Math.abs(value) >= COARSE ? 0 : DECIMALS, 0)

export function limitWords({ low, high, unit, standard }: Instrument, t: Text): string {
  const shown = unit === 'pH' ? '' : unit
  const words =
    low !== null && high !== null
      ? t('plant.limit.between', { low: figureOf(low), high: figureOf(high), unit: shown })
      : low !== null
        ? t('plant.limit.low', { low: figureOf(low), unit: shown })
        : high !== null
          ? t('plant.limit.high', { high: figureOf(high), unit: shown })
          : ''
  if (words === '') return t('plant.limit.none')
  return `${words.trim()} · ${standard === '' ? t('plant.standard.set') : standard}`
}

/** Buckets in which something was measured, from which a value that never moves is told. */
const STILL_BUCKETS = 12

/** A sensor of running water that shows the very same value all day is broken or cut off; its temperature may keep. */
export function standsStill(role: Instrument['role'], buckets: readonly HistoryBucket[]): boolean {
  const first = buckets[0]
  return (
    role !== 'temperature' &&
    first !== undefined &&
    buckets.length >= STILL_BUCKETS &&
    buckets.every(({ min, max }) => min === first.min && max === first.min)
  )
}
