/**
 * Device kinds: what a device is registered as. The kind decides the journal lane (and with it how fast a reading is
 * served), the rhythm by which silence is judged, and which detectors look at its readings.
 */

/** Two lanes into detection; `urgent` is always served first (GB/T 26875.1: a fire alarm goes ahead of all other traffic). */
export type Lane = 'urgent' | 'bulk'

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S

export interface KindFacts {
  readonly lane: Lane
  /** Which map symbol and list a person looks for it under. */
  readonly group: 'water' | 'fire' | 'care' | 'plant' | 'gateway'
  /** How often a healthy device of this kind is heard, in seconds, when the device itself does not say. */
  readonly rhythmS: number
  readonly en: string
  readonly zh: string
}

/** Fire detectors send a heartbeat within 2 h at the latest (GB 50440 polling cycle); meters upload once a day. */
export const KINDS = {
  'water-meter': { lane: 'bulk', group: 'water', rhythmS: DAY_S, en: 'Water meter', zh: '水表' },
  'bulk-meter': { lane: 'bulk', group: 'water', rhythmS: HOUR_S, en: 'Bulk meter', zh: '总表' },
  'pressure-sensor': { lane: 'bulk', group: 'water', rhythmS: HOUR_S, en: 'Pressure sensor', zh: '压力传感器' },
  'level-sensor': { lane: 'bulk', group: 'plant', rhythmS: HOUR_S, en: 'Level sensor', zh: '水位计' },
  'quality-sensor': { lane: 'bulk', group: 'plant', rhythmS: HOUR_S, en: 'Water quality sensor', zh: '水质传感器' },
  'rain-gauge': { lane: 'bulk', group: 'plant', rhythmS: HOUR_S, en: 'Rain gauge', zh: '雨量计' },
  valve: { lane: 'bulk', group: 'water', rhythmS: DAY_S, en: 'Valve', zh: '阀门' },
  'temperature-sensor': { lane: 'bulk', group: 'plant', rhythmS: HOUR_S, en: 'Temperature sensor', zh: '温度传感器' },
  'smoke-detector': { lane: 'urgent', group: 'fire', rhythmS: 2 * HOUR_S, en: 'Smoke detector', zh: '感烟探测器' },
  'heat-detector': { lane: 'urgent', group: 'fire', rhythmS: 2 * HOUR_S, en: 'Heat detector', zh: '感温探测器' },
  'co-detector': { lane: 'urgent', group: 'fire', rhythmS: 2 * HOUR_S, en: 'CO detector', zh: '一氧化碳探测器' },
  'gas-detector': { lane: 'urgent', group: 'fire', rhythmS: 2 * HOUR_S, en: 'Gas detector', zh: '燃气探测器' },
  'call-point': { lane: 'urgent', group: 'fire', rhythmS: DAY_S, en: 'Manual call point', zh: '手动报警按钮' },
  'panic-button': { lane: 'urgent', group: 'care', rhythmS: DAY_S, en: 'Panic button', zh: '紧急呼叫按钮' },
  'door-contact': { lane: 'urgent', group: 'fire', rhythmS: DAY_S, en: 'Exit door contact', zh: '疏散门磁' },
  'electrical-fire': {
    lane: 'urgent',
    group: 'fire',
    rhythmS: 2 * HOUR_S,
    en: 'Electrical fire monitor',
    zh: '电气火灾监控',
  },
  'fire-water': { lane: 'urgent', group: 'fire', rhythmS: 2 * HOUR_S, en: 'Fire water pressure', zh: '消防水压' },
  // A panel's point of another sort: a flame or video detector, a module, a damper. It speaks through its panel.
  'fire-detector': {
    lane: 'urgent',
    group: 'fire',
    rhythmS: 2 * HOUR_S,
    en: 'Fire detector or module',
    zh: '火灾探测器或模块',
  },
  'fire-panel': { lane: 'urgent', group: 'fire', rhythmS: 2 * HOUR_S, en: 'Fire panel', zh: '火灾报警控制器' },
  gateway: { lane: 'bulk', group: 'gateway', rhythmS: HOUR_S, en: 'Gateway', zh: '网关' },
} as const satisfies Record<string, KindFacts>

export type Kind = keyof typeof KINDS

export const KIND_NAMES = Object.keys(KINDS) as [Kind, ...Kind[]]

export const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word)
