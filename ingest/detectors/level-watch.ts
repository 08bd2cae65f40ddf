import type { Severity } from '../../contract/alarms.ts'
import { LIMITS, type LimitName, limitOf } from '../../contract/detection-limits.ts'
import { QUANTITIES, type Quantity } from '../../contract/quantities.ts'
import type { Detector, DeviceFacts } from './detector.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report, type WatchRule, type WatchState } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

/** Remembered only while the condition is measured. */
export interface LevelMemory {
  last?: number
  /** Worst since the condition began. */
  peak?: number
}

type NumberQuantityName = { [Q in Quantity]: (typeof QUANTITIES)[Q]['type'] extends 'number' ? Q : never }[Quantity]

/** Fixed, or one that may be set for the device. */
type Limit = number | LimitName

/** A value that must not pass a limit. All limits in the quantity's own unit. */
export interface LevelRule extends Omit<WatchRule<LevelMemory>, 'measured' | 'severity'> {
  readonly quantity: NumberQuantityName
  readonly noun: { readonly en: string; readonly zh: string }
  /** `falling`: too low is the danger. */
  readonly direction: 'rising' | 'falling'
  readonly preAlarm?: { readonly limit: Limit; readonly severity: Severity }
  readonly alarm: { readonly limit: Limit; readonly severity?: Severity }
  /**
   * It has ended when the value is on the safe side of this: hysteresis, so that noise at the limit does not ring. It
   * stands beside the limit that is reached first, and moves with it where that was set.
   */
  readonly endsAt: number
}

/** A detector of a value beyond its limits: at once, by a single reading. */
export function levelWatch(rule: LevelRule): Detector<WatchState<LevelMemory>> {
  const { quantity, noun, preAlarm, alarm, endsAt } = rule
  const { unit, decimals } = QUANTITIES[quantity]
  const sign = rule.direction === 'rising' ? 1 : -1
  const first = (preAlarm ?? alarm).limit
  const reaches = (value: number, limit: number): boolean => sign * value >= sign * limit
  const reached = (value: number, device: DeviceFacts): Level => {
    if (reaches(value, figureOf(alarm.limit, device))) return ALARM
    return preAlarm !== undefined && reaches(value, figureOf(preAlarm.limit, device)) ? PRE_ALARM : QUIET
  }
  const endOf = (device: DeviceFacts): number =>
    typeof first === 'number' ? endsAt : (endsAt * limitOf(device, first)) / LIMITS[first].default
  const limitAt = (level: Level, device: DeviceFacts): number =>
    figureOf(level === PRE_ALARM && preAlarm !== undefined ? preAlarm.limit : alarm.limit, device)
  const limitWord = rule.direction === 'rising' ? { en: 'from', zh: '起' } : { en: 'at or below', zh: '以下' }

  const told = (value: number, level: Level, device: DeviceFacts): Report => {
    const figure = rounded(value, decimals)
    const limit = limitAt(level, device)
    const kind = level === PRE_ALARM ? { en: 'pre-alarm', zh: '预警' } : { en: 'alarm', zh: '报警' }
    return {
      value: figure,
      threshold: limit,
      unit,
      en: `${noun.en} ${figure} ${unit}${level === QUIET ? '' : ` (${kind.en} ${limitWord.en} ${limit})`}`,
      zh: `${noun.zh}${figure} ${unit}${level === QUIET ? '' : `(${limit}${limitWord.zh}${kind.zh})`}`,
    }
  }

  return watch<LevelMemory>({
    name: rule.name,
    type: rule.type,
    kinds: rule.kinds,
    reported: rule.reported,
    severity: (level) => (level === PRE_ALARM ? preAlarm?.severity : alarm.severity),
    measured: {
      kinds: rule.kinds,
      quantities: [quantity],
      draft: (memory) => ({ ...memory }),
      keep: (draft, level) => (level === QUIET ? undefined : draft),
      judge(draft, level, _at, value, _b, _c, device) {
        draft.last = value
        const now = reached(value, device)
        if (level === QUIET || draft.peak === undefined || sign * value > sign * draft.peak) draft.peak = value
        // An alarm falls back to nothing, never to a pre-alarm: a fire that burns lower is still that fire.
        return now >= level ? now : now > QUIET || reaches(value, endOf(device)) ? level : QUIET
      },
      report: (draft, level, device) => (draft.last === undefined ? null : told(draft.last, level, device)),
      ended: (draft, device) => ({
        now: draft.last === undefined ? null : told(draft.last, QUIET, device),
        peak:
          draft.peak === undefined
            ? null
            : told(draft.peak, reached(draft.peak, device) === ALARM ? ALARM : PRE_ALARM, device),
      }),
    },
  })
}

const figureOf = (limit: Limit, device: DeviceFacts): number =>
  typeof limit === 'number' ? limit : limitOf(device, limit)
