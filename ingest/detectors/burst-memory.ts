import { type Level, QUIET } from './rule.ts'
import { FLOW, NOTHING_YET, REGISTER, sumOf, type VolumeDraft, type VolumeMemory } from './water-volume.ts'

/** What is remembered of a household's high flows, and what the loop over a message's readings makes of it. */

export const PAST_ITEMS = 4
/** Before litres were kept with them. */
const OLDER_ITEMS = 3
export const HOLE_ITEMS = 3
export const UNKNOWN = -1

export interface BurstMemory extends VolumeMemory {
  readonly source: 'register' | 'flow'
  /** Start of the running mean: time (ms), litres; and the litres at the start of the mean before it, where they differ. */
  readonly mean?: readonly [at: number, litres: number, before?: number]
  /** Start of the unbroken high flow, ms; and litres at the start of the mean before it, where they are known. */
  readonly high?: number
  readonly highFrom?: number
  /** The same for the overload. */
  readonly quick?: readonly [at: number, litres: number | null]
  readonly overload?: number
  /** Last and largest high flow, l/h. */
  readonly rate?: number
  readonly peak?: number
  /** The rule that fired: Q4, not 20 % of Q3. */
  readonly overloaded?: true
  /**
   * High flows that are over, newest last: start (ms of the day), duration (min), largest mean (l/h), and litres with those of
   * the means before and behind it, which it ran for a part of (-1: not known).
   */
  readonly habits?: readonly number[]
  /** The same without litres, by an earlier version. */
  readonly past?: readonly number[]
  /** The first reading ever, ms. */
  readonly began?: number
  /** The last reading before an upload that is missing, until there is one behind it: ms; litres, -1 where they do not compare. */
  readonly edge?: readonly [at: number, litres: number]
  /** Uploads that are missing and may still come: end (ms), days, litres that passed meanwhile (-1 where it is not known). */
  readonly holes?: readonly number[]
}

/** NaN for what is not known. */
export interface BurstDraft extends VolumeDraft {
  meanAt: number
  meanLitres: number
  meanBefore: number
  high: number
  highFrom: number
  quickAt: number
  quickLitres: number
  overload: number
  rate: number
  peak: number
  overloaded: boolean
  past: readonly number[]
  began: number
  edgeAt: number
  edge: number
  holes: readonly number[]
  /** Start of a high flow that is over and was no habit after all, ms. */
  unusual: number
  /** First reading of this message, ms. */
  first: number
  /** Since when the flow has been above half the limit, in this message, and how long it was so until it fell, ms. */
  warm: number
  lasted: number
}

const withoutLitres = (past: readonly number[]): readonly number[] =>
  past.flatMap((item, i) => (i % OLDER_ITEMS === OLDER_ITEMS - 1 ? [item, UNKNOWN] : [item]))

export function draftOf(memory: BurstMemory | undefined): BurstDraft {
  const flow = memory?.flow
  return {
    source: memory === undefined ? NOTHING_YET : memory.source === 'register' ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    meanAt: memory?.mean?.[0] ?? Number.NaN,
    meanLitres: memory?.mean?.[1] ?? Number.NaN,
    meanBefore: memory?.mean?.[2] ?? Number.NaN,
    high: memory?.high ?? Number.NaN,
    highFrom: memory?.highFrom ?? Number.NaN,
    quickAt: memory?.quick?.[0] ?? Number.NaN,
    quickLitres: memory?.quick?.[1] ?? Number.NaN,
    overload: memory?.overload ?? Number.NaN,
    rate: memory?.rate ?? Number.NaN,
    peak: memory?.peak ?? 0,
    overloaded: memory?.overloaded === true,
    past: memory?.habits ?? withoutLitres(memory?.past ?? []),
    // Of a meter that was known before this was written down: long ago.
    began: memory === undefined ? Number.NaN : (memory.began ?? 0),
    edgeAt: memory?.edge?.[0] ?? Number.NaN,
    edge: memory?.edge?.[1] ?? Number.NaN,
    holes: memory?.holes ?? [],
    unusual: Number.NaN,
    first: Number.NaN,
    warm: Number.NaN,
    lasted: Number.POSITIVE_INFINITY,
  }
}

const meanOf = ({ meanAt, meanLitres, meanBefore }: BurstDraft): NonNullable<BurstMemory['mean']> =>
  Number.isNaN(meanBefore) ? [meanAt, meanLitres] : [meanAt, meanLitres, meanBefore]

export function memoryOf(draft: BurstDraft, level: Level): BurstMemory | undefined {
  const {
    source,
    meanAt,
    high,
    highFrom,
    quickAt,
    quickLitres,
    overload,
    rate,
    peak,
    overloaded,
    past,
    began,
    edgeAt,
    edge,
    holes,
  } = draft
  if (source === NOTHING_YET) return undefined
  const running = level !== QUIET || !Number.isNaN(high) || !Number.isNaN(overload)
  return {
    source: source === FLOW ? 'flow' : 'register',
    ...sumOf(draft),
    ...(Number.isNaN(meanAt) ? {} : { mean: meanOf(draft) }),
    ...(Number.isNaN(high) ? {} : { high }),
    ...(Number.isNaN(high) || Number.isNaN(highFrom) ? {} : { highFrom }),
    ...(Number.isNaN(quickAt) ? {} : { quick: [quickAt, Number.isNaN(quickLitres) ? null : quickLitres] as const }),
    ...(Number.isNaN(overload) ? {} : { overload }),
    ...(running && peak > 0 ? { rate, peak } : {}),
    ...(running && overloaded ? { overloaded } : {}),
    ...(past.length === 0 ? {} : { habits: past }),
    ...(began === 0 ? {} : { began }),
    ...(Number.isNaN(edge) ? {} : { edge: [edgeAt, edge] as const }),
    ...(holes.length === 0 ? {} : { holes }),
  }
}
