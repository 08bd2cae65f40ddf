import { CO_KINDS } from './kinds-watched.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000

/** ppm. EN 50291-1: 30 ppm must not alarm within 120 min; below it is no poisoning, and the dose is breathed out again. */
const HARMLESS_PPM = 30
/**
 * Time to the alarm at a constant concentration, in the middle of EN 50291-1's bands (50 ppm: 60–90 min, 100 ppm:
 * 10–40 min, 300 ppm: at most 3 min, less one minute for a detector that reports every minute). In between and below,
 * time is a power of the concentration; at 30 ppm that gives 169 min, above the standard's 120.
 */
const TIME_TO_ALARM: readonly { readonly ppm: number; readonly minutes: number }[] = [
  { ppm: 50, minutes: 75 },
  { ppm: 100, minutes: 25 },
  { ppm: 300, minutes: 2 },
]
/** ppm. From here one reading is a pre-alarm: EN 50291-1 sets no shortest time, and a report may be the last one. */
const AT_ONCE_PPM = 300
/** ms. A full dose is gone after so long in clean air: the half-life of carboxyhaemoglobin is 4–5 h. */
const RECOVERY_MS = 240 * MINUTE_MS
/** How long the last value is taken to last when nothing comes after it: EN 50291-1's longest time to an alarm. */
const HOLD_MS = 90 * MINUTE_MS

interface CoMemory {
  /** Until when the dose is summed up, ms. */
  at?: number
  /** When `ppm` was measured, ms. */
  measuredAt?: number
  ppm?: number
  /** 1 is the alarm. */
  dose: number
  peak?: number
}

/** Share of the alarm dose per millisecond at `ppm`. */
function doseRate(ppm: number): number {
  if (ppm < HARMLESS_PPM) return -1 / RECOVERY_MS
  let low = TIME_TO_ALARM[0]!
  let high = TIME_TO_ALARM[1]!
  for (let i = 2; i < TIME_TO_ALARM.length && ppm > high.ppm; i++) {
    low = high
    high = TIME_TO_ALARM[i]!
  }
  // Not faster than at the last point: above it a single wrong reading would count for an alarm.
  const c = Math.min(ppm, high.ppm)
  const exponent = Math.log(low.minutes / high.minutes) / Math.log(high.ppm / low.ppm)
  return 1 / (low.minutes * (low.ppm / c) ** exponent * MINUTE_MS)
}

/** The last value holds until the next one, for at most HOLD_MS. */
function integrate(draft: CoMemory, at: number): void {
  if (draft.at === undefined || draft.ppm === undefined || draft.measuredAt === undefined) return
  // Clean air stays clean until something else is measured; poisoned air is not assumed for ever.
  const until = draft.ppm < HARMLESS_PPM ? at : Math.min(at, draft.measuredAt + HOLD_MS)
  const ms = until - draft.at
  if (ms > 0) draft.dose = Math.min(1, Math.max(0, draft.dose + doseRate(draft.ppm) * ms))
  draft.at = Math.max(draft.at, at)
}

function levelOf(draft: CoMemory, level: Level): Level {
  const ppm = draft.ppm ?? 0
  if (ppm < HARMLESS_PPM) return QUIET
  if (draft.dose >= 1) return ALARM
  return ppm >= AT_ONCE_PPM && level === QUIET ? PRE_ALARM : level
}

function told(ppm: number, draft: CoMemory, level: Level): Report {
  const figure = rounded(ppm, 0)
  const share = Math.floor(draft.dose * 100)
  const dose =
    level === QUIET
      ? { en: '', zh: '' }
      : level === ALARM
        ? { en: ', alarm dose reached', zh: ',已达报警剂量' }
        : { en: `, ${share} % of the alarm dose`, zh: `,已达报警剂量的${share}%` }
  return {
    value: figure,
    threshold: HARMLESS_PPM,
    unit: 'ppm',
    en: `CO ${figure} ppm${dose.en}`,
    zh: `一氧化碳${figure} ppm${dose.zh}`,
  }
}

/** Carbon monoxide by time and dose (EN 50291-1), or the CO detector's own alarm. */
export const co = watch<CoMemory>({
  name: 'co',
  type: 'co',
  kinds: 'all',
  reported: { alarmOf: CO_KINDS },
  severity: (level) => (level === PRE_ALARM ? 'MAJOR' : undefined),
  measured: {
    kinds: 'all',
    quantities: ['co'],
    draft: (memory) => (memory === undefined ? { dose: 0 } : { ...memory }),
    keep: (draft) => (draft.dose === 0 && (draft.ppm ?? 0) < HARMLESS_PPM ? undefined : draft),
    judge(draft, level, at, ppm) {
      integrate(draft, at)
      draft.at = Math.max(draft.at ?? at, at)
      draft.measuredAt = at
      draft.ppm = ppm
      const next = levelOf(draft, level)
      if (level === QUIET || ppm > (draft.peak ?? 0)) draft.peak = ppm
      return next
    },
    pass(draft, level, at) {
      integrate(draft, at)
      return levelOf(draft, level)
    },
    report: (draft, level) => (draft.ppm === undefined ? null : told(draft.ppm, draft, level)),
    ended: (draft) => ({
      now: draft.ppm === undefined ? null : told(draft.ppm, draft, QUIET),
      peak: draft.peak === undefined ? null : told(draft.peak, draft, QUIET),
    }),
  },
})
