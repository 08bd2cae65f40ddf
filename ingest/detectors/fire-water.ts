import { type LimitName, limitOf } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { DeviceFacts } from './detector.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

const FIRE_WATER_KINDS: ReadonlySet<Kind> = new Set(['fire-water'])
/** ms. A pump that starts and a hydrant that is tried pull the pressure down for seconds. */
const LOW_FOR_MS = 30_000
/** Above the limit by so much before it is over: twice the swing of a main by day. */
const ENDS_SHARE = 1.05

interface FireWaterMemory {
  /** kPa, m */
  pressure?: number
  level?: number
  lowSince?: number
}

const SIGNS = [
  { key: 'pressure', limit: 'fireWater.pressure', unit: 'kPa', decimals: 0, en: 'fire water', zh: '消防水压' },
  { key: 'level', limit: 'fireWater.level', unit: 'm', decimals: 2, en: 'fire water tank', zh: '消防水箱水位' },
] as const satisfies readonly {
  readonly key: keyof FireWaterMemory
  readonly limit: LimitName
  [rest: string]: unknown
}[]

/** The first sign that is below its limit, raised by `margin`. */
const lowSign = (draft: FireWaterMemory, device: DeviceFacts, margin: number) =>
  SIGNS.find(({ key, limit }) => (draft[key] ?? Number.POSITIVE_INFINITY) < limitOf(device, limit) * margin)

function levelOf(draft: FireWaterMemory, level: Level, at: number, device: DeviceFacts): Level {
  if (lowSign(draft, device, 1) === undefined) {
    delete draft.lowSince
    return level !== QUIET && lowSign(draft, device, ENDS_SHARE) !== undefined ? level : QUIET
  }
  draft.lowSince ??= at
  return at - draft.lowSince >= LOW_FOR_MS ? ALARM : level
}

function told(draft: FireWaterMemory, level: Level, device: DeviceFacts): Report | null {
  const sign = lowSign(draft, device, ENDS_SHARE) ?? SIGNS.find(({ key }) => draft[key] !== undefined)
  if (sign === undefined) return null
  const value = rounded(draft[sign.key] ?? 0, sign.decimals)
  const limit = limitOf(device, sign.limit)
  return {
    value,
    threshold: limit,
    unit: sign.unit,
    en: `${sign.en} ${value} ${sign.unit}${level === QUIET ? '' : ` (must not be below ${limit})`}`,
    zh: `${sign.zh}${value} ${sign.unit}${level === QUIET ? '' : `(不应低于${limit})`}`,
  }
}

/**
 * Water for the fire brigade and the sprinklers: pressure at rest, and how much stands in the tank (GB 50974). Too low
 * is a fault of the fire water, not a fire.
 */
export const fireWater = watch<FireWaterMemory>({
  name: 'fireWater',
  type: 'fireWaterLow',
  kinds: FIRE_WATER_KINDS,
  reported: null,
  measured: {
    kinds: FIRE_WATER_KINDS,
    quantities: ['pressure', 'level'],
    draft: (memory) => ({ ...memory }),
    keep: (draft, level) => (draft.lowSince === undefined && level === QUIET ? undefined : draft),
    judge(draft, level, at, pressure, height, _c, device) {
      if (!Number.isNaN(pressure)) draft.pressure = pressure
      if (!Number.isNaN(height)) draft.level = height
      return levelOf(draft, level, at, device)
    },
    pass: (draft, level, at, device) => levelOf(draft, level, at, device),
    began: (draft) => draft.lowSince,
    report: told,
    ended: (draft, device) => ({ now: told(draft, QUIET, device), peak: null }),
  },
})
