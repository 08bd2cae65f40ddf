import type { Quantity } from '../quantities.ts'
import { RESIDUAL_CURRENT } from './components.ts'
import type { Term } from './system-types.ts'

/** Analogue types: GB/T 26875.3-2011 table 6. 13–127 are reserved, 128–255 are the user's own. */
interface Analogue extends Term {
  /** What one step of the 16 bits is worth, in `unit`. */
  readonly step: number
  readonly unit: string
  /** The quantity it is read as, and what one step is worth in that quantity's unit; absent: kept as an attribute. */
  readonly as?: { readonly quantity: Quantity; readonly step: number }
}

const ANALOGUES: Readonly<Record<number, Analogue>> = {
  1: { en: 'Events', zh: '事件计数', step: 1, unit: '' },
  2: { en: 'Height', zh: '高度', step: 0.01, unit: 'm', as: { quantity: 'level', step: 0.01 } },
  3: { en: 'Temperature', zh: '温度', step: 0.1, unit: '°C', as: { quantity: 'temperature', step: 0.1 } },
  4: { en: 'Pressure', zh: '压力', step: 0.1, unit: 'MPa', as: { quantity: 'pressure', step: 100 } },
  5: { en: 'Pressure', zh: '压力', step: 0.1, unit: 'kPa', as: { quantity: 'pressure', step: 0.1 } },
  6: { en: 'Gas concentration', zh: '气体浓度', step: 0.1, unit: '%LEL', as: { quantity: 'gas', step: 0.1 } },
  7: { en: 'Time', zh: '时间', step: 1, unit: 's' },
  8: { en: 'Voltage', zh: '电压', step: 0.1, unit: 'V' },
  9: { en: 'Current', zh: '电流', step: 0.1, unit: 'A' },
  // 0.1 l/s = 0.36 m³/h
  10: { en: 'Flow', zh: '流量', step: 0.1, unit: 'l/s', as: { quantity: 'flow', step: 0.36 } },
  11: { en: 'Air volume', zh: '风量', step: 0.1, unit: 'm³/min' },
  12: { en: 'Air speed', zh: '风速', step: 1, unit: 'm/s' },
}
const CURRENT = 9
/** 0.1 A. A current is a residual one where a residual current detector measures it; elsewhere it feeds a pump. */
const AS_RESIDUAL_CURRENT = { quantity: 'residualCurrent', step: 100 } as const

/** Steps are decimal fractions: a product of one keeps three decimals and no more. */
const DECIMALS = 1000
const scaled = (value: number, step: number): number => Math.round(value * step * DECIMALS) / DECIMALS

export interface Measured extends Term {
  readonly value: number
  readonly unit: string
  readonly reading: { readonly quantity: Quantity; readonly value: number } | undefined
}

/** What 16 bits of this type mean; of a type that no table knows, the bare number. */
export function measuredBy(analogueType: number, componentType: number, value: number): Measured {
  const known = ANALOGUES[analogueType]
  if (known === undefined)
    return { en: `Analogue ${analogueType}`, zh: `模拟量${analogueType}`, value, unit: '', reading: undefined }
  const { en, zh, unit, step } = known
  const as = analogueType === CURRENT && componentType === RESIDUAL_CURRENT ? AS_RESIDUAL_CURRENT : known.as
  const reading = as === undefined ? undefined : { quantity: as.quantity, value: scaled(value, as.step) }
  return { en, zh, unit, value: scaled(value, step), reading }
}
