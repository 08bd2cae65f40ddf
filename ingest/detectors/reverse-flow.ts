import { METERS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { toLitres } from './water-volume.ts'
import { rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** ms. Sensus: 15 min. */
const REVERSE_AFTER_MS = 15 * MINUTE_MS
/** l/h. A common start-up flow; a meter does not see less, and a litre of pressure swing in a quarter of an hour is less. */
const REVERSE_MIN = 5
/**
 * l. In a longer span this much is reverse flow whatever the mean: a check valve that is sound lets none through. Across an upload
 * that is missing, too: what ran back while nobody listened is told at once, and restated when that upload comes.
 */
const REVERSE_LITRES = 10
/** ms. So long without: over. */
const REVERSE_ENDS_MS = HOUR_MS
/** ms. Shorter spans suffer from the register's resolution of 1 l. */
const SPAN_MS = 4.5 * MINUTE_MS
/** ms. Flow values further apart say nothing about what flowed in between. */
const FLOW_GAP_MS = 30 * MINUTE_MS
/**
 * l. A register that falls by more is another register. A night of 400 l/h backwards is 4,000 l and comes as one fall: ordering
 * leaves a falling register out until it rises again.
 */
const EXCHANGE_LITRES = 10_000
const LITRES = 1000

interface ReverseMemory {
  /** The last values: reverse register (l), register (l), flow (time in ms, l/h). */
  readonly reverse?: number
  readonly forward?: number
  readonly flow?: readonly [at: number, rate: number]
  /** Litres that ran backwards since `from` (ms). */
  readonly from: number
  readonly litres?: number
  /** Start of the unbroken reverse flow, its litres, and when it was last seen. */
  readonly running?: readonly [since: number, litres: number, seenAt: number]
}

/** NaN for what is not known. */
interface ReverseDraft {
  reverse: number
  forward: number
  flowAt: number
  flow: number
  from: number
  litres: number
  since: number
  total: number
  seenAt: number
  /** Litres of the one that ended with this reading. */
  ended: number
}

/** Litres that ran backwards since the reading before, by whatever the device reports. */
function backwards(draft: ReverseDraft, at: number, reverseVolume: number, volume: number, flow: number): number {
  let litres = 0
  if (!Number.isNaN(reverseVolume)) {
    const now = toLitres(reverseVolume)
    const grown = now - draft.reverse
    if (grown > 0) litres = grown
    draft.reverse = now
  }
  // Where there is a reverse register, it alone is believed.
  const alone = !Number.isNaN(draft.reverse)
  if (!Number.isNaN(volume)) {
    const now = toLitres(volume)
    const fallen = draft.forward - now
    if (!alone && fallen > 0 && fallen <= EXCHANGE_LITRES) litres = fallen
    draft.forward = now
  }
  if (!Number.isNaN(flow)) {
    const now = flow * LITRES
    const gap = at - draft.flowAt
    if (!alone && now < 0 && draft.flow < 0 && gap <= FLOW_GAP_MS)
      litres = Math.max(litres, (Math.min(-now, -draft.flow) * gap) / HOUR_MS)
    draft.flow = now
    draft.flowAt = at
  }
  return litres
}

function judge(
  draft: ReverseDraft,
  level: Level,
  at: number,
  reverseVolume: number,
  volume: number,
  flow: number,
): Level {
  draft.litres += backwards(draft, at, reverseVolume, volume, flow)
  const { from, litres } = draft
  const span = at - from
  if (span < SPAN_MS) return level
  draft.from = at
  draft.litres = 0
  if (Number.isNaN(span)) return level
  const enough = Math.min((REVERSE_MIN * span) / HOUR_MS, REVERSE_LITRES)
  if (litres > 0 && litres >= enough) {
    if (Number.isNaN(draft.since)) {
      draft.since = from
      draft.total = 0
    }
    draft.total += litres
    draft.seenAt = at
    return at - draft.since >= REVERSE_AFTER_MS ? ALARM : level
  }
  if (level === QUIET) {
    draft.since = Number.NaN
    return QUIET
  }
  if (at - draft.seenAt < REVERSE_ENDS_MS) return level
  draft.ended = draft.total
  draft.since = Number.NaN
  return QUIET
}

function draftOf(memory: ReverseMemory | undefined): ReverseDraft {
  return {
    reverse: memory?.reverse ?? Number.NaN,
    forward: memory?.forward ?? Number.NaN,
    flowAt: memory?.flow?.[0] ?? Number.NaN,
    flow: memory?.flow?.[1] ?? Number.NaN,
    from: memory?.from ?? Number.NaN,
    litres: memory?.litres ?? 0,
    since: memory?.running?.[0] ?? Number.NaN,
    total: memory?.running?.[1] ?? 0,
    seenAt: memory?.running?.[2] ?? Number.NaN,
    ended: Number.NaN,
  }
}

function memoryOf(draft: ReverseDraft): ReverseMemory | undefined {
  const { reverse, forward, flowAt, flow, from, litres, since, total, seenAt } = draft
  if (Number.isNaN(from)) return undefined
  return {
    ...(Number.isNaN(reverse) ? {} : { reverse }),
    ...(Number.isNaN(forward) ? {} : { forward }),
    ...(Number.isNaN(flow) ? {} : { flow: [flowAt, flow] as const }),
    from,
    ...(litres === 0 ? {} : { litres }),
    ...(Number.isNaN(since) ? {} : { running: [since, total, seenAt] as const }),
  }
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
export const reverseFlow = watch<ReverseMemory, ReverseDraft>({
  name: 'reverseFlow',
  type: 'reverse',
  kinds: 'all',
  reported: { flag: 'reverse' },
  measured: {
    kinds: METERS,
    quantities: ['reverseVolume', 'volume', 'flow'],
    draft: draftOf,
    keep: memoryOf,
    judge,
    began: ({ since }) => since,
    report: ({ total }, level) => (level === QUIET ? null : told(total)),
    ended: ({ ended }) => ({ now: null, peak: Number.isNaN(ended) ? null : told(ended) }),
  },
})
