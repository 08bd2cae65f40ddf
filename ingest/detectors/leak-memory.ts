import { FLOW, NOTHING_YET, REGISTER, sumOf, type VolumeDraft, type VolumeMemory } from './water-volume.ts'

/** What is remembered of a household's continuous flow, and what the loop over a message's readings makes of it. */

export const SAMPLE = 2
/** Hours whose smallest flow is the size of the leak (Badger). */
export const LEAK_RATE_HOURS = 24

/** How long nothing under a limit was seen: its beginning (ms), how much of the time since was measured (ms), and until when. */
export interface Run {
  from: number
  known: number
  until: number
  /** Of a large one: litres at its beginning, NaN where they are not known. */
  litres: number
}

export interface FlowMemory extends VolumeMemory {
  readonly source: 'register' | 'flow'
  /** The register has been seen between two steps of ten litres. */
  readonly fine?: true
  /** Samples of the last window, oldest first: time (ms), litres. */
  readonly samples: readonly number[]
  /** Since the last standstill, and since the last hour below `LARGE`. */
  readonly small?: readonly [from: number, known: number, until: number]
  readonly large?: readonly [from: number, known: number, until: number, litres?: number]
  readonly isLarge?: true
  /** Smallest flow in l/h of each of the last hours, newest last, -1 where it is not known; and the newest one's number. */
  readonly lows?: readonly number[]
  readonly hour?: number
  /** The last sample before an upload that is missing, until there is one behind it. */
  readonly edge?: readonly [at: number, litres: number]
  /** First sample ever, ms. */
  readonly began?: number
  /** Longest run without a standstill that was no leak, of what no upload can change any more: ms, and when it ended. */
  readonly longest?: readonly [ms: number, at: number]
  /** Longer ones that ended since: when, and how long (ms). */
  readonly runs?: readonly number[]
  /** This day: its number, litres at its first reading; of a dial of 10 l its smallest flow so far (l/h), how many hours are known, and the last. */
  readonly day?: readonly [day: number, litres: number, low?: number, hours?: number, last?: number]
  /** The days since what is usual was learnt: number, litres drawn, smallest flow (l/h; -1: not known). */
  readonly days?: readonly number[]
  /** What is usual of what no upload can change any more: litres of a day at home and of how many days; smallest flow and of how many. */
  readonly usual?: readonly [use: number, useDays: number, low: number, lowDays: number]
  /** Within `small`, uploads that may still come, oldest first. */
  readonly missing?: readonly number[]
  /** The same by an earlier version, without the last item. */
  readonly holes?: readonly number[]
}

/**
 * Of an upload that is missing: its end (ms), what of `small` and of `large` was measured before it (ms), its mean (l/h; 0 where
 * nothing is decided across it), the smallest flow since (l/h), and that of the day before it (-1: not known).
 */
export const HOLE_ITEMS = 6
export const [TO, SMALL_KNOWN, LARGE_KNOWN, MEAN, LOWEST, BEFORE] = [0, 1, 2, 3, 4, 5]
const OLDER_ITEMS = 5
export const NO_READING = -1
/** l/h. More than any flow. */
export const NOT_KNOWN = 1e6

export interface FlowDraft extends VolumeDraft {
  fine: boolean
  /** As in the memory; only what lies from `first` on still counts. */
  samples: number[]
  first: number
  /** `from` is NaN where nothing is known. */
  small: Run
  large: Run
  /** The run that is the leak. */
  isLarge: boolean
  lows: number[]
  hour: number
  /** NaN: none. */
  edgeAt: number
  edgeLitres: number
  holes: number[]
  began: number
  longest: number
  longestAt: number
  runs: number[]
  day: number
  dayLitres: number
  dayLow: number
  dayHours: number
  dayLast: number
  days: number[]
  usualUse: number
  useDays: number
  usualLow: number
  lowDays: number
  /** Of the leak that ended with this reading. */
  endedRate: number
  endedKnown: number
}

export const noRun = (): Run => ({ from: Number.NaN, known: 0, until: 0, litres: Number.NaN })

const runOf = (run: FlowMemory['large']): Run =>
  run === undefined ? noRun() : { from: run[0], known: run[1], until: run[2], litres: run[3] ?? Number.NaN }
const keptOf = ({ from, known, until }: Run): NonNullable<FlowMemory['small']> => [from, known, until]

const keptLarge = (run: Run): NonNullable<FlowMemory['large']> =>
  Number.isNaN(run.litres) ? keptOf(run) : [run.from, run.known, run.until, run.litres]

const withBefore = (item: number, i: number): readonly number[] =>
  i % OLDER_ITEMS === OLDER_ITEMS - 1 ? [item, NO_READING] : [item]

export function draftOf(memory: FlowMemory | undefined): FlowDraft {
  const flow = memory?.flow
  return {
    source: memory === undefined ? NOTHING_YET : memory.source === 'register' ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    samples: memory?.samples.slice() ?? [],
    first: 0,
    fine: memory?.fine === true,
    small: runOf(memory?.small),
    large: runOf(memory?.large),
    isLarge: memory?.isLarge === true,
    lows: memory?.lows?.slice() ?? [],
    hour: memory?.hour ?? 0,
    edgeAt: memory?.edge?.[0] ?? Number.NaN,
    edgeLitres: memory?.edge?.[1] ?? Number.NaN,
    holes: memory?.missing?.slice() ?? (memory?.holes ?? []).flatMap(withBefore),
    // Of a meter that was known before this was written down: long ago.
    began: memory === undefined ? Number.NaN : (memory.began ?? 0),
    longest: memory?.longest?.[0] ?? 0,
    longestAt: memory?.longest?.[1] ?? 0,
    runs: memory?.runs?.slice() ?? [],
    day: memory?.day?.[0] ?? 0,
    dayLitres: memory?.day?.[1] ?? 0,
    dayLow: memory?.day?.[2] ?? NOT_KNOWN,
    dayHours: memory?.day?.[3] ?? 0,
    dayLast: memory?.day?.[4] ?? 0,
    days: memory?.days?.slice() ?? [],
    usualUse: memory?.usual?.[0] ?? 0,
    useDays: memory?.usual?.[1] ?? 0,
    usualLow: memory?.usual?.[2] ?? 0,
    lowDays: memory?.usual?.[3] ?? 0,
    endedRate: Number.POSITIVE_INFINITY,
    endedKnown: 0,
  }
}

export function memoryOf(draft: FlowDraft): FlowMemory | undefined {
  if (draft.source === NOTHING_YET) return undefined
  const { fine, samples, first, small, large, isLarge, lows, hour, edgeAt, edgeLitres, holes } = draft
  const { began, longest, longestAt, runs, day, dayLitres, dayLow, dayHours, dayLast, days } = draft
  const { usualUse, useDays, usualLow, lowDays } = draft
  return {
    source: draft.source === REGISTER ? 'register' : 'flow',
    ...sumOf(draft),
    samples: first === 0 ? samples : samples.slice(first),
    ...(fine ? { fine } : {}),
    ...(Number.isNaN(small.from) ? {} : { small: keptOf(small) }),
    ...(Number.isNaN(large.from) ? {} : { large: keptLarge(large) }),
    ...(isLarge ? { isLarge } : {}),
    ...(lows.length === 0 ? {} : { lows: lows.slice(-LEAK_RATE_HOURS), hour }),
    ...(Number.isNaN(edgeAt) ? {} : { edge: [edgeAt, edgeLitres] as const }),
    ...(holes.length === 0 ? {} : { missing: holes }),
    ...(fine || began === 0 ? {} : { began }),
    ...(fine || longest === 0 ? {} : { longest: [longest, longestAt] as const }),
    ...(fine || runs.length === 0 ? {} : { runs }),
    ...(day === 0
      ? {}
      : { day: fine ? ([day, dayLitres] as const) : ([day, dayLitres, dayLow, dayHours, dayLast] as const) }),
    ...(days.length === 0 ? {} : { days }),
    ...(useDays + lowDays === 0 ? {} : { usual: [usualUse, useDays, usualLow, lowDays] as const }),
  }
}
