import type { AlarmType } from '../../contract/alarms.ts'
import type { Kind } from '../../contract/kinds.ts'
import { type Bounds, boundsOf, isWithin, type LimitedQuantity } from '../../contract/plants.ts'
import { QUANTITIES } from '../../contract/quantities.ts'
import type { Detector, DeviceFacts } from './detector.ts'
import { ALARM, type Level, QUIET, type Report, type WatchState } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

/** Readings in a row outside its limits, or ms of it: a bubble in a cell and a rinsed filter are over sooner. */
const READINGS_IN_A_ROW = 3
const OUTSIDE_FOR_MS = 15 * 60_000
/** An alarm is over when the value is inside by this share of the limit: half of the noise of an online turbidity meter. */
const INSIDE_BY = 0.02

/** Of one quantity outside its limits: since when (ms), how many readings, and the newest value. */
type Outside = readonly [since: number, count: number, value: number]

interface OutsideMemory {
  readonly outside: Partial<Record<LimitedQuantity, Outside>>
}

interface OutsideDraft {
  readonly outside: Partial<Record<LimitedQuantity, Outside>>
  /** The newest value of each quantity in this message. */
  readonly newest: Partial<Record<LimitedQuantity, number>>
  began: number | undefined
}

interface OutsideRule {
  readonly name: string
  readonly type: AlarmType
  readonly kind: Kind
  readonly quantities: readonly [LimitedQuantity, LimitedQuantity?, LimitedQuantity?]
}

/** Hysteresis: limits that a value has to come back into. */
const narrower = ({ low, high, standard }: Bounds): Bounds => ({
  low: low === null ? null : low * (1 + INSIDE_BY),
  high: high === null ? null : high * (1 - INSIDE_BY),
  standard,
})

const isAlarm = ([since, count]: Outside, at: number): boolean =>
  count >= READINGS_IN_A_ROW || (count > 1 && at - since >= OUTSIDE_FOR_MS)

/** An instrument of a plant whose value leaves its limits and stays there. */
function outsideLimits({ name, type, kind, quantities }: OutsideRule): Detector<WatchState<OutsideMemory>> {
  const kinds: ReadonlySet<Kind> = new Set([kind])
  const measured = quantities.filter((quantity) => quantity !== undefined)

  const note = (draft: OutsideDraft, level: Level, at: number, i: number, value: number, device: DeviceFacts): void => {
    const quantity = quantities[i]
    if (quantity === undefined || Number.isNaN(value)) return
    draft.newest[quantity] = value
    const before = draft.outside[quantity]
    const bounds = boundsOf(device, quantity)
    if (isWithin(value, level !== QUIET && before !== undefined ? narrower(bounds) : bounds))
      delete draft.outside[quantity]
    else draft.outside[quantity] = [before?.[0] ?? at, (before?.[1] ?? 0) + 1, value]
  }

  const told = (quantity: LimitedQuantity, value: number, device: DeviceFacts): Report => {
    const { unit, decimals, en, zh } = QUANTITIES[quantity]
    const { low, high, standard } = boundsOf(device, quantity)
    const figure = rounded(value, decimals)
    const isLow = low !== null && value < (low + (high ?? low)) / 2
    const limit = isLow ? low : high
    const shown = `${figure}${unit === 'pH' ? '' : ` ${unit}`}`
    const outside = limit !== null && !isWithin(value, { low, high })
    return {
      value: figure,
      threshold: limit,
      unit,
      en: `${en} ${shown}${outside ? ` (${isLow ? 'at least' : 'at most'} ${limit}${standard === '' ? '' : `, ${standard}`})` : ''}`,
      zh: `${zh}${shown}${outside ? `(${isLow ? '不应低于' : '不应高于'}${limit}${standard === '' ? '' : `,${standard}`})` : ''}`,
    }
  }
  /** What is outside for longest; at the end what was measured last. */
  const report = ({ outside, newest }: OutsideDraft, device: DeviceFacts): Report | null => {
    const [worst] = measured
      .flatMap((quantity) => {
        const one = outside[quantity]
        return one === undefined ? [] : [{ quantity, since: one[0], value: one[2] }]
      })
      .toSorted((a, b) => a.since - b.since)
    if (worst !== undefined) return told(worst.quantity, worst.value, device)
    const last = measured.find((quantity) => newest[quantity] !== undefined)
    return last === undefined ? null : told(last, newest[last] ?? 0, device)
  }

  return watch<OutsideMemory, OutsideDraft>({
    name,
    type,
    kinds,
    reported: null,
    measured: {
      kinds,
      quantities,
      draft: (memory) => ({ outside: { ...memory?.outside }, newest: {}, began: undefined }),
      keep: ({ outside }) => (Object.keys(outside).length === 0 ? undefined : { outside }),
      judge(draft, level, at, a, b, c, device) {
        note(draft, level, at, 0, a, device)
        note(draft, level, at, 1, b, device)
        note(draft, level, at, 2, c, device)
        const out = Object.values(draft.outside)
        if (out.length === 0) return QUIET
        if (level !== QUIET) return level
        const found = out.filter((one) => isAlarm(one, at))
        draft.began = found.length === 0 ? undefined : Math.min(...found.map(([since]) => since))
        return found.length === 0 ? QUIET : ALARM
      },
      began: ({ began }) => began,
      report: (draft, _level, device) => report(draft, device),
      ended: (draft, device) => ({ now: report(draft, device), peak: null }),
    },
  })
}

/** Drinking water outside GB 5749-2022, or the limits of its plant. */
export const waterQuality = outsideLimits({
  name: 'waterQuality',
  type: 'waterQuality',
  kind: 'quality-sensor',
  quantities: ['turbidity', 'chlorine', 'ph'],
})
/** A tank that runs dry or over: judged where somebody has said what is low and high. */
export const tankLevel = outsideLimits({
  name: 'tankLevel',
  type: 'tankLevel',
  kind: 'level-sensor',
  quantities: ['level'],
})
/** A plant's outlet or a point of the network: likewise. */
export const plantPressure = outsideLimits({
  name: 'plantPressure',
  type: 'lowPressure',
  kind: 'pressure-sensor',
  quantities: ['pressure'],
})
