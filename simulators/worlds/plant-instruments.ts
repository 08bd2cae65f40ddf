import type { Kind } from '../../contract/kinds.ts'

export type PlantInstrumentId =
  | 'inflow'
  | 'outflow'
  | 'level'
  | 'pressure'
  | 'turbidity'
  | 'chlorine'
  | 'ph'
  | 'temperature'
  | 'rain'

export interface PlantInstrument {
  readonly id: PlantInstrumentId
  readonly kind: Kind
  readonly en: string
  readonly zh: string
}

/** In the order of the water; the names are the roles of contract/water-api.ts, and the rain gauge beside them. */
export const PLANT_INSTRUMENTS: readonly PlantInstrument[] = [
  { id: 'rain', kind: 'rain-gauge', en: 'Rain gauge', zh: '雨量计' },
  { id: 'inflow', kind: 'bulk-meter', en: 'Raw water', zh: '原水流量计' },
  { id: 'temperature', kind: 'temperature-sensor', en: 'Water temperature', zh: '水温计' },
  { id: 'turbidity', kind: 'quality-sensor', en: 'Turbidity, treated water', zh: '出厂水浊度仪' },
  { id: 'ph', kind: 'quality-sensor', en: 'pH, treated water', zh: '出厂水pH计' },
  { id: 'chlorine', kind: 'quality-sensor', en: 'Free chlorine, treated water', zh: '出厂水余氯仪' },
  { id: 'level', kind: 'level-sensor', en: 'Clear-water tank', zh: '清水池液位计' },
  { id: 'outflow', kind: 'bulk-meter', en: 'Delivered water', zh: '出厂流量计' },
  { id: 'pressure', kind: 'pressure-sensor', en: 'Outlet pressure', zh: '出厂压力' },
]
