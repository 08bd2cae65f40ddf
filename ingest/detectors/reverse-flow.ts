import { METERS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** ms. Sensus: 15 min. */
export const REVERSE_AFTER_MS = 15 * MINUTE_MS
/** l/h. A common start-up flow; a meter does not see less, and a litre of pressure swing in a quarter of an hour is less. */
export const REVERSE_MIN = 5
/** l. In a longer span this much is reverse flow whatever the mean: a check valve that is sound lets none through. */
export const REVERSE_LITRES = 10
/** ms. So long without: over. */
const REVERSE_ENDS_MS = HOUR_MS
/** ms. Shorter spans suffer from the register's resolution of 1 l. */
const SPAN_MS = 4.5 * MINUTE_MS
/** ms. Flow values further apart say nothing about what flowed in between. */
const FLOW_GAP_MS = 30 * MINUTE_MS
/** l. A register that falls by more is another register. */
const EXCHANGE_LITRES = 1000
const LITRES = 1000

interface ReverseMemory {
  /** The last values: reverse register (l), register (l), flow (l/h) and its time (ms). */
  reverse?: number
  forward?: number
  flow?: number
  flowAt?: number
  /** Litres that ran backwards since `from` (ms). */
  litres: number
  from: number
  /** Start of the unbroken reverse flow, and its litres. */
  since?: number
  total: number
  /** When reverse flow was last seen. */
  seenAt?: number
  /** Litres of the one that has ended. Never stored. */
  ended?: number
}

const toLitres = (m3: number): number => Math.round(m3 * LITRES * LITRES) / LITRES

/** Litres that ran backwards since the reading before, by whatever the device reports. */
function backwards(draft: ReverseMemory, at: number, reverseVolume: number, volume: number, flow: number): number {
  let litres = 0
  if (!Number.isNaN(reverseVolume)) {
    const now = toLitres(reverseVolume)
    const grown = draft.reverse === undefined ? 0 : now - draft.reverse
    draft.reverse = now
    litres = Math.max(0, grown)
  }
  if (!Number.isNaN(volume)) {
    const now = toLitres(volume)
    const fallen = draft.forward === undefined ? 0 : draft.forward - now
    draft.forward = now
    // Where there is a reverse register, it alone is believed.
    if (draft.reverse === undefined && fallen > 0 && fallen <= EXCHANGE_LITRES) litres = fallen
  }
  if (!Number.isNaN(flow)) {
    const now = flow * LITRES
    const gap = draft.flowAt === undefined ? Number.POSITIVE_INFINITY : at - draft.flowAt
    if (draft.reverse === undefined && now < 0 && draft.flow !== undefined && draft.flow < 0 && gap <= FLOW_GAP_MS)
      litres = Math.max(litres, (Math.min(-now, -draft.flow) * gap) / HOUR_MS)
    draft.flow = now
    draft.flowAt = at
  }
  return litres
}

function judge(
  draft: ReverseMemory,
  level: Level,
  at: number,
  reverseVolume: number,
  volume: number,
  flow: number,
): Level {
  if (level === QUIET && draft.since === undefined) draft.total = 0
  draft.litres += backwards(draft, at, reverseVolume, volume, flow)
  if (draft.from === 0) {
    draft.from = at
    return level
  }
  const span = at - draft.from
  if (span < SPAN_MS) return level
  const { from, litres } = draft
  draft.from = at
  draft.litres = 0
  const enough = Math.min((REVERSE_MIN * span) / HOUR_MS, REVERSE_LITRES)
  if (litres > 0 && litres >= enough) {
    draft.since ??= from
    draft.total += litres
    draft.seenAt = at
    return at - draft.since >= REVERSE_AFTER_MS ? ALARM : level
  }
  if (level === QUIET) delete draft.since
  else if (at - (draft.seenAt ?? 0) >= REVERSE_ENDS_MS) {
    draft.ended = draft.total
    delete draft.since
    delete draft.seenAt
    return QUIET
  }
  return level
}

const told = (total: number): Report => {
  const litres = rounded(total, total < REVERSE_LITRES ? 1 : 0)
  return {
    value: litres,
    threshold: null,
    unit: 'l',
    en: `${litres} l ran backwards, for 15 min or longer`,
    zh: `倒流${litres}升,持续15分钟以上`,
  }
}

/** Water runs back into the main: by the reverse register, a falling register, negative flow, or the meter's own flag. */
export const reverseFlow = watch<ReverseMemory>({
  name: 'reverseFlow',
  type: 'reverse',
  kinds: 'all',
  reported: { flag: 'reverse' },
  measured: {
    kinds: METERS,
    quantities: ['reverseVolume', 'volume', 'flow'],
    draft: (memory) => (memory === undefined ? { litres: 0, from: 0, total: 0 } : { ...memory }),
    keep(draft) {
      if (draft.from === 0) return undefined
      delete draft.ended
      return draft
    },
    judge,
    began: (draft) => draft.since,
    report: (draft, level) => (level === QUIET ? null : told(draft.total)),
    ended: (draft) => ({ now: null, peak: draft.ended === undefined ? null : told(draft.ended) }),
  },
})
