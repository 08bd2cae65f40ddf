import { limitOf } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'
import type { DeviceFacts } from './detector.ts'
import { HEAT_KINDS, ROOM_KINDS } from './kinds-watched.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

/** ms. The span of the rise (fire.md); a second less, because clocks of sensors that report every 30 s jitter. */
const RISE_SPAN_MS = 29_000
/** ms. Points of comparison are kept no closer than this: sixteen of them span the rise at any rhythm. Twice as far costs 4 s on NIST's fires. */
const POINT_SPACING_MS = 1900
/** ms. A comparison over more than this is no rate of rise; at the limit it would be 83 °C. */
const RISE_MAX_SPAN_MS = 600_000
/** °C. EN 54-5: the maximum application temperature of a class A1 or A2 detector; from here on a room is hot. */
const HOT = 50
/** Of the alarm's rate: still burning. */
const STILL_RISING = 0.5
/** ms. So long neither hot nor rising, before the alarm is over: a fire that smoulders pauses. */
const CALM_MS = 120_000

const MINUTE_MS = 60_000
/** Numbers per point of comparison: time (ms), temperature (°C). */
const POINT = 2

/** A sensor that nobody installed as a fire detector: its rise is worth a look, its fixed limit may be its normal work. */
const UNPLANNED_KINDS: ReadonlySet<Kind> = new Set(['temperature-sensor'])
const WATCHED: ReadonlySet<Kind> = new Set([...ROOM_KINDS, ...UNPLANNED_KINDS])

interface HeatMemory {
  /** The last two raw values, °C: a single outlier, up or down, dies in the median of three. */
  raw: number[]
  /** When they were measured, ms. */
  rawAt?: number[]
  /** Points of comparison: time and median, oldest first. */
  points: number[]
  /** When it was last hot or rising, ms. */
  hotAt?: number
  /** °C/min; absent where there is nothing to compare with. */
  rise?: number
  peak?: number
}

/** A measured value and its own time: after a gap the median may be a value from before it, which must not count as now. */
interface Measured {
  readonly value: number
  readonly at: number
}

/** Of equal ones the newest; `c` is newer than `b`, `b` than `a`. */
function median(a: Measured, b: Measured, c: Measured): Measured {
  const [low, high] = a.value <= b.value ? [a, b] : [b, a]
  if (c.value > high.value) return high.value === b.value ? b : high
  return c.value >= low.value ? c : low.value === b.value ? b : low
}

/** °C/min from the newest point that is at least the span older; NaN where there is none. */
function riseSince(points: readonly number[], at: number, value: number): number {
  for (let i = points.length - POINT; i >= 0; i -= POINT) {
    const span = at - points[i]!
    if (span >= RISE_SPAN_MS)
      return span > RISE_MAX_SPAN_MS ? Number.NaN : ((value - points[i + 1]!) / span) * MINUTE_MS
  }
  return Number.NaN
}

function remember(points: number[], at: number, value: number): void {
  const last = points[points.length - POINT]
  if (last !== undefined && at - last < POINT_SPACING_MS) return
  points.push(at, value)
  // The newest point that is a span old stays; everything before it is of no more use.
  while (points.length > POINT && at - points[POINT]! >= RISE_SPAN_MS) points.splice(0, POINT)
}

function told(value: number, rise: number | undefined, level: Level, device: DeviceFacts): Report {
  const figure = rounded(value, 1)
  const riseLimit = limitOf(device, 'heat.rise')
  const fixedLimit = limitOf(device, 'heat.fixed')
  if (level !== QUIET && value < fixedLimit && rise !== undefined && rise >= riseLimit) {
    const rate = rounded(rise, 1)
    return {
      value: rate,
      threshold: riseLimit,
      unit: '°C/min',
      en: `temperature rises by ${rate} °C a minute, now ${figure} °C (alarm from ${riseLimit})`,
      zh: `每分钟升温${rate}°C,现${figure}°C(${riseLimit}起报警)`,
    }
  }
  const limit = level !== QUIET && value >= fixedLimit
  return {
    value: figure,
    threshold: fixedLimit,
    unit: '°C',
    en: `temperature ${figure} °C${limit ? ` (alarm from ${fixedLimit})` : ''}`,
    zh: `温度${figure}°C${limit ? `(${fixedLimit}起报警)` : ''}`,
  }
}

/** Heat of a room: how fast it rises or how hot it is, or the heat detector's own alarm. */
export const heat = watch<HeatMemory>({
  name: 'heat',
  type: 'heat',
  kinds: WATCHED,
  reported: { alarmOf: HEAT_KINDS },
  severity: (level) => (level === PRE_ALARM ? 'MAJOR' : undefined),
  measured: {
    kinds: WATCHED,
    quantities: ['temperature'],
    draft: (memory) => (memory === undefined ? { raw: [], points: [] } : { ...memory, points: memory.points.slice() }),
    keep: (draft, level) => {
      if (draft.raw.length === 0) return undefined
      if (level !== QUIET) return draft
      return { raw: draft.raw, ...(draft.rawAt === undefined ? {} : { rawAt: draft.rawAt }), points: draft.points }
    },
    judge(draft, level, at, raw, _b, _c, device) {
      const [older, newer] = draft.raw
      const [olderAt = at, newerAt = at] = draft.rawAt ?? []
      draft.raw = newer === undefined ? (older === undefined ? [raw] : [older, raw]) : [newer, raw]
      draft.rawAt = newer === undefined ? (older === undefined ? [at] : [olderAt, at]) : [newerAt, at]
      if (older === undefined) return level
      const now = { value: raw, at }
      const first = { value: older, at: olderAt }
      // With two values only, the lower one is believed.
      const believed =
        newer !== undefined ? median(first, { value: newer, at: newerAt }, now) : older < raw ? first : now
      const { value } = believed
      // Only after a gap: at a dense rhythm the median's own time would cost 2 s on NIST's fires.
      const since = at - believed.at > RISE_SPAN_MS ? believed.at : at
      const rise = riseSince(draft.points, since, value)
      remember(draft.points, since, value)
      if (!Number.isNaN(rise)) draft.rise = rise
      else delete draft.rise
      if (level === QUIET || value > (draft.peak ?? value)) draft.peak = value
      const unplanned = UNPLANNED_KINDS.has(device.kind)
      const riseLimit = limitOf(device, 'heat.rise')
      const fires = rise >= riseLimit || (value >= limitOf(device, 'heat.fixed') && !unplanned)
      if (fires || value >= HOT || rise >= STILL_RISING * riseLimit) draft.hotAt = at
      if (fires) return unplanned && level !== ALARM ? PRE_ALARM : ALARM
      return level !== QUIET && at - (draft.hotAt ?? 0) >= CALM_MS ? QUIET : level
    },
    report: (draft, level, device) => {
      const last = draft.raw[draft.raw.length - 1]
      return last === undefined ? null : told(last, draft.rise, level, device)
    },
    ended: (draft, device) => {
      const last = draft.raw[draft.raw.length - 1]
      return {
        now: last === undefined ? null : told(last, undefined, QUIET, device),
        peak: draft.peak === undefined ? null : told(draft.peak, undefined, ALARM, device),
      }
    },
  },
})
