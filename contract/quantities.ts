/**
 * What a device may report: names, units and the bounds outside which a value cannot be true. A value outside its
 * bounds is kept with its reason and never feeds a detector; bounds are physical limits of the instrument, not alarm
 * limits.
 */

interface NumberQuantity {
  readonly type: 'number'
  readonly unit: string
  readonly min: number
  readonly max: number
  /** A cumulative register (consumption is a difference), otherwise an instantaneous value. */
  readonly register?: true
  /** Decimals a person is shown. */
  readonly decimals: number
  readonly en: string
  readonly zh: string
}
interface BooleanQuantity {
  readonly type: 'boolean'
  readonly en: string
  readonly zh: string
}
interface WordQuantity {
  readonly type: 'word' | 'words'
  readonly words: readonly string[]
  readonly en: string
  readonly zh: string
}
export type QuantityFacts = NumberQuantity | BooleanQuantity | WordQuantity

/** Words a device may say about itself in `flags`. */
export const FLAGS = [
  'leak',
  'burst',
  'reverse',
  'dry',
  'tamper',
  'stuck',
  'freeze',
  'batteryLow',
  'valveClosed',
  'fault',
  'blocked',
  // what a fire panel says of its points and of itself (GB/T 26875.3)
  'powerFault',
  'batteryFault',
  'lineFault',
  'linkFault',
  'isolated',
  'supervisory',
  'started',
  'feedback',
  'delayed',
  'manual',
] as const
export type Flag = (typeof FLAGS)[number]

export const VALVE_STATES = ['open', 'closed', 'fault'] as const

export const QUANTITIES = {
  // A DN15 register rolls over at 99,999 m³; a DN600 bulk meter may hold nine digits.
  volume: { type: 'number', unit: 'm³', min: 0, max: 1e9, register: true, decimals: 3, en: 'Register', zh: '累计水量' },
  reverseVolume: {
    type: 'number',
    unit: 'm³',
    min: 0,
    max: 1e9,
    register: true,
    decimals: 3,
    en: 'Reverse register',
    zh: '反向累计',
  },
  // 50,000 m³/h is more than the whole plant (40,000 m³ a day) could push through any one pipe of the city.
  flow: { type: 'number', unit: 'm³/h', min: -50_000, max: 50_000, decimals: 3, en: 'Flow', zh: '瞬时流量' },
  pressure: { type: 'number', unit: 'kPa', min: -100, max: 10_000, decimals: 0, en: 'Pressure', zh: '压力' },
  // A room in flames passes 1,000 °C; thermocouples end at 1,370 °C.
  temperature: { type: 'number', unit: '°C', min: -60, max: 1400, decimals: 1, en: 'Temperature', zh: '温度' },
  level: { type: 'number', unit: 'm', min: -100, max: 10_000, decimals: 2, en: 'Level', zh: '水位' },
  turbidity: { type: 'number', unit: 'NTU', min: 0, max: 10_000, decimals: 2, en: 'Turbidity', zh: '浊度' },
  chlorine: { type: 'number', unit: 'mg/l', min: 0, max: 100, decimals: 2, en: 'Chlorine', zh: '余氯' },
  ph: { type: 'number', unit: 'pH', min: 0, max: 14, decimals: 2, en: 'pH', zh: 'pH值' },
  // EN 54-7 test range ends near 6 dB/m; full-scale fires reach 60.
  smoke: { type: 'number', unit: 'dB/m', min: 0, max: 100, decimals: 2, en: 'Smoke density', zh: '烟雾浓度' },
  co: { type: 'number', unit: 'ppm', min: 0, max: 100_000, decimals: 0, en: 'CO', zh: '一氧化碳' },
  gas: { type: 'number', unit: '%LEL', min: 0, max: 1000, decimals: 1, en: 'Combustible gas', zh: '可燃气体' },
  residualCurrent: {
    type: 'number',
    unit: 'mA',
    min: 0,
    max: 100_000,
    decimals: 0,
    en: 'Residual current',
    zh: '剩余电流',
  },
  alarm: { type: 'boolean', en: "Detector's own alarm", zh: '探测器报警' },
  pressed: { type: 'boolean', en: 'Button pressed', zh: '按钮按下' },
  open: { type: 'boolean', en: 'Door open', zh: '门开启' },
  test: { type: 'boolean', en: 'Test mode', zh: '测试模式' },
  flags: { type: 'words', words: FLAGS, en: 'Device flags', zh: '设备状态字' },
  valve: { type: 'word', words: VALVE_STATES, en: 'Valve', zh: '阀门' },
  battery: { type: 'number', unit: '%', min: 0, max: 100, decimals: 0, en: 'Battery', zh: '电池' },
  rssi: { type: 'number', unit: 'dBm', min: -200, max: 50, decimals: 0, en: 'Signal', zh: '信号强度' },
  rainfall: { type: 'number', unit: 'mm', min: 0, max: 10_000, decimals: 1, en: 'Rainfall', zh: '降雨量' },
} as const satisfies Record<string, QuantityFacts>

export type Quantity = keyof typeof QUANTITIES
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as [Quantity, ...Quantity[]]
export const isQuantity = (word: string): word is Quantity => Object.hasOwn(QUANTITIES, word)

/** A value a detector may see: number, boolean, a word (valve) or a list of words (flags). */
export type Value = number | boolean | string | readonly string[]
