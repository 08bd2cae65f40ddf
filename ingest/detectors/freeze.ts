import { WATER_KINDS } from './kinds-watched.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

/** °C of the water. Axioma: the freeze alarm is set between 2 and 5 °C; at 5 it warns, at 2 ice is near. */
const FREEZE_WARNING = 5
const FREEZE_ALARM = 2
/** ms. Axioma: 5 min. */
const FREEZE_AFTER_MS = 300_000
/** °C. One degree back, the resolution of many meters. */
const FREEZE_ENDS = 6

interface FreezeMemory {
  coldSince?: number
  iceSince?: number
  last?: number
  lowest?: number
}

function told(value: number, level: Level): Report {
  const figure = rounded(value, 1)
  const limit = level === ALARM ? FREEZE_ALARM : FREEZE_WARNING
  return {
    value: figure,
    threshold: limit,
    unit: '°C',
    en: `water ${figure} °C${level === QUIET ? '' : ` (at or below ${limit} for 5 min)`}`,
    zh: `水温${figure}°C${level === QUIET ? '' : `(≤${limit}°C持续5分钟)`}`,
  }
}

/** Water about to freeze, by its temperature or by the meter's flag. */
export const freeze = watch<FreezeMemory>({
  name: 'freeze',
  type: 'freeze',
  kinds: 'all',
  reported: { flag: 'freeze' },
  severity: (level) => (level === PRE_ALARM ? 'MINOR' : undefined),
  measured: {
    kinds: WATER_KINDS,
    quantities: ['temperature'],
    draft: (memory) => ({ ...memory }),
    keep: (draft, level) => (level === QUIET && draft.coldSince === undefined ? undefined : draft),
    judge(draft, level, at, value) {
      draft.last = value
      if (level === QUIET || value < (draft.lowest ?? value)) draft.lowest = value
      if (value <= FREEZE_WARNING) draft.coldSince ??= at
      else delete draft.coldSince
      if (value <= FREEZE_ALARM) draft.iceSince ??= at
      else delete draft.iceSince
      if (draft.iceSince !== undefined && at - draft.iceSince >= FREEZE_AFTER_MS) return ALARM
      if (level === QUIET && draft.coldSince !== undefined && at - draft.coldSince >= FREEZE_AFTER_MS) return PRE_ALARM
      return value > FREEZE_ENDS ? QUIET : level
    },
    gap(draft) {
      delete draft.coldSince
      delete draft.iceSince
    },
    began: (draft) => draft.coldSince,
    report: (draft, level) => (draft.last === undefined ? null : told(draft.last, level)),
    ended: (draft) => ({
      now: draft.last === undefined ? null : told(draft.last, QUIET),
      peak: draft.lowest === undefined ? null : told(draft.lowest, draft.lowest <= FREEZE_ALARM ? ALARM : PRE_ALARM),
    }),
  },
})
