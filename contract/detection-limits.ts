import { z } from 'zod'
import type { Kind } from './kinds.ts'

/**
 * The limits of detection that may be set for one device, or for all devices of a home. Every one has bounds: within
 * them it is still a detector of its standard, so that nobody can make it deaf. What is set is shown (`doctor`, the
 * device's page): a changed limit is seen.
 */
export interface LimitFacts {
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly default: number
  readonly en: string
  readonly zh: string
}

export const LIMITS = {
  // NIST home smoke alarm tests: optical density 0.14 /m. GB 4715 tests detectors between 0.5 and 2 dB/m.
  'smoke.alarm': { unit: 'dB/m', min: 0.5, max: 2, default: 1.4, en: 'Smoke alarm', zh: '烟雾报警' },
  // NIST: 0.058 /m. Below 0.2 dB/m is the dust of a room, above the alarm it would never be reached.
  'smoke.preAlarm': { unit: 'dB/m', min: 0.2, max: 1.4, default: 0.58, en: 'Smoke pre-alarm', zh: '烟雾预警' },
  // Smoke alone, where temperature is measured too: a smouldering bed lasts for hours, toast does not.
  'smoke.hold': { unit: 's', min: 0, max: 900, default: 600, en: 'Smoke without heat for', zh: '无温升烟雾持续' },
  // Shares of the alarm limits of smoke, heat and CO that make a pre-alarm together (docs/detection.md).
  'fire.evidence': { unit: '', min: 0.5, max: 1.5, default: 0.9, en: 'Combined evidence', zh: '复合判据' },
  // EN 54-5 class R, UL 521. A kitchen over a wok may need more; 15 is what UL 521 still calls a rate of rise.
  'heat.rise': { unit: '°C/min', min: 5, max: 15, default: 8.3, en: 'Temperature rise', zh: '升温速率' },
  // EN 54-5: class A1 from 54 °C, class C to 100 °C (boiler rooms, kitchens).
  'heat.fixed': { unit: '°C', min: 54, max: 100, default: 57, en: 'Temperature', zh: '定温' },
  // EN 50194-1: none below 3 %LEL, every one by 20; the common band ends at 25.
  'gas.preAlarm': { unit: '%LEL', min: 3, max: 10, default: 5, en: 'Gas pre-alarm', zh: '燃气预警' },
  'gas.alarm': { unit: '%LEL', min: 5, max: 25, default: 10, en: 'Gas alarm', zh: '燃气报警' },
  // GB 14287.2: settable from 20 to 1000 mA; GB 50116 §9.2.3: 300–500 mA.
  'electrical.residualCurrent': {
    unit: 'mA',
    min: 20,
    max: 1000,
    default: 300,
    en: 'Residual current',
    zh: '剩余电流',
  },
  // GB 14287.3: settable from 45 to 140 °C. 70 °C is what the conductor of a PVC cable may reach at work (IEC 60502-1).
  'electrical.temperature': { unit: '°C', min: 45, max: 140, default: 70, en: 'Cable temperature', zh: '线缆温度' },
  // GB 50974: 0.14 MPa at an idle municipal hydrant, 0.10 at the worst sprinkler point, 0.07 in public buildings.
  'fireWater.pressure': { unit: 'kPa', min: 70, max: 1600, default: 140, en: 'Fire water pressure', zh: '消防水压' },
  // GB 50974 §5.1.13: 0.6 m of water above a plain outlet, 0.15 m with a vortex breaker, or the pump draws air.
  'fireWater.level': { unit: 'm', min: 0.15, max: 20, default: 0.6, en: 'Fire water level', zh: '消防水位' },
  // Our choice: a wheelchair and its companion pass a door in two minutes.
  'exitDoor.open': { unit: 's', min: 10, max: 3600, default: 120, en: 'Exit door open for', zh: '疏散门开启超过' },
  // GB 5749-2022 table 1: 1 NTU; 3 where source and treatment allow no better.
  'quality.turbidity': { unit: 'NTU', min: 0.1, max: 3, default: 1, en: 'Turbidity at most', zh: '浊度上限' },
  // Kamstrup: 5, 10 or 20 % of Q3 for 30 min; Zenner 30 %.
  'burst.share': { unit: '%', min: 5, max: 100, default: 20, en: 'Burst from this share of Q3', zh: '爆管起报(占Q3)' },
  // Badger's "continuous flow expected": a public toilet, a trough in winter. 0: every leak is told.
  'leak.from': { unit: 'l/h', min: 0, max: 2000, default: 0, en: 'Leaks told from', zh: '漏水起报流量' },
  // GB 5749-2022 table 2, free chlorine: 0.3 to 2 mg/l where the water leaves the plant, 0.05 at the end of the network.
  'quality.chlorineLow': { unit: 'mg/l', min: 0.05, max: 1, default: 0.3, en: 'Chlorine at least', zh: '余氯下限' },
  'quality.chlorineHigh': { unit: 'mg/l', min: 0.5, max: 2, default: 2, en: 'Chlorine at most', zh: '余氯上限' },
  // GB 5749-2022 table 1: 6.5 to 8.5; small supplies to 9.5.
  'quality.phLow': { unit: 'pH', min: 6, max: 7.5, default: 6.5, en: 'pH at least', zh: 'pH下限' },
  'quality.phHigh': { unit: 'pH', min: 7.5, max: 9.5, default: 8.5, en: 'pH at most', zh: 'pH上限' },
  // Every tank and outlet has its own. What stands at its bound is not set, and nothing is judged by it.
  'plant.levelLow': { unit: 'm', min: 0, max: 50, default: 0, en: 'Tank level at least', zh: '水池水位下限' },
  'plant.levelHigh': { unit: 'm', min: 0, max: 50, default: 50, en: 'Tank level at most', zh: '水池水位上限' },
  'plant.pressureLow': { unit: 'kPa', min: 0, max: 2500, default: 0, en: 'Pressure at least', zh: '压力下限' },
  'plant.pressureHigh': { unit: 'kPa', min: 0, max: 2500, default: 2500, en: 'Pressure at most', zh: '压力上限' },
  // No limit but what its level stands for, so that inflow and outflow can be held against it; 0: not known.
  'plant.tankArea': { unit: 'm²', min: 0, max: 100_000, default: 0, en: 'Area of the tank', zh: '水池面积' },
} as const satisfies Record<string, LimitFacts>

export type LimitName = keyof typeof LIMITS
export const LIMIT_NAMES = Object.keys(LIMITS) as [LimitName, ...LimitName[]]
export const isLimitName = (word: string): word is LimitName => Object.hasOwn(LIMITS, word)

/** What was set; what is absent is the model's or the kind's own. */
export type DetectionLimits = Readonly<Partial<Record<LimitName, number>>>

export const detectionLimitsSchema = z.partialRecord(z.enum(LIMIT_NAMES), z.number()).superRefine((limits, context) => {
  for (const name of LIMIT_NAMES) {
    const value = limits[name]
    const { min, max, unit } = LIMITS[name]
    if (value !== undefined && !(value >= min && value <= max))
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `${name} must be from ${min} to ${max} ${unit}`.trim(),
      })
  }
  for (const [lower, upper] of ASCENDING) {
    const [low, high] = [limits[lower] ?? LIMITS[lower].default, limits[upper] ?? LIMITS[upper].default]
    if (low > high)
      context.addIssue({ code: 'custom', path: [lower], message: `${lower} (${low}) is above ${upper} (${high})` })
  }
})

/** A pre-alarm that is above its alarm would never be heard; between limits that cross nothing is ever right. */
const ASCENDING: readonly (readonly [LimitName, LimitName])[] = [
  ['smoke.preAlarm', 'smoke.alarm'],
  ['gas.preAlarm', 'gas.alarm'],
  ['quality.chlorineLow', 'quality.chlorineHigh'],
  ['quality.phLow', 'quality.phHigh'],
  ['plant.levelLow', 'plant.levelHigh'],
  ['plant.pressureLow', 'plant.pressureHigh'],
]

/** Limits that come with a model: by a word in its name, the first that fits. */
const OF_MODEL: readonly { readonly name: RegExp; readonly kind: Kind; readonly limits: DetectionLimits }[] = [
  // GB 50974: 0.10 MPa at the worst point of a sprinkler system.
  { name: /sprinkler|喷淋|喷头|末端/i, kind: 'fire-water', limits: { 'fireWater.pressure': 100 } },
  // EN 54-5 classes: the lowest temperature at which a detector of that class may answer.
  { name: /\b(?:class|类)\s?B\b/i, kind: 'heat-detector', limits: { 'heat.fixed': 69 } },
  { name: /\b(?:class|类)\s?C\b/i, kind: 'heat-detector', limits: { 'heat.fixed': 84 } },
]

/** Whose limits: what a detector needs to know of its device. */
export interface LimitedDevice {
  readonly kind: Kind
  readonly model: string | null
  /** What was set for it, the home's and its own (`effectiveLimits`). */
  readonly limits?: DetectionLimits
}

/** The limit that counts: set by a person, else the model's, else the standard's. */
export function limitOf(device: LimitedDevice, name: LimitName): number {
  const set = device.limits?.[name]
  if (set !== undefined) return set
  if (device.model !== null)
    for (const model of OF_MODEL) {
      const limit = model.limits[name]
      if (limit !== undefined && model.kind === device.kind && model.name.test(device.model)) return limit
    }
  return LIMITS[name].default
}

/** The home's limits, and the device's own, which go before them. Undefined: none is set. */
export function effectiveLimits(
  home: DetectionLimits | null | undefined,
  own: DetectionLimits | null | undefined,
): DetectionLimits | undefined {
  if (home === null || home === undefined) return own ?? undefined
  return own === null || own === undefined ? home : { ...home, ...own }
}

/** What `limits` holds in a store; what it does not understand (a newer Hydrant's) is left out rather than trusted. */
export function readLimits(text: string | null): DetectionLimits | null {
  if (text === null) return null
  const read = detectionLimitsSchema.safeParse(JSON.parse(text))
  return read.success ? (read.data as DetectionLimits) : null
}
