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
}

export interface FlowMemory extends VolumeMemory {
  readonly source: 'register' | 'flow'
  /** The register has been seen between two steps of ten litres. */
  readonly fine?: true
  /** Samples of the last window, oldest first: time (ms), litres. */
  readonly samples: readonly number[]
  /** Since the last standstill, and since the last hour below `LARGE`. */
  readonly small?: readonly [from: number, known: number, until: number]
  readonly large?: readonly [from: number, known: number, until: number]
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
  /** Within `small`, those that may still come: `Hole`s, oldest first. */
  readonly holes?: readonly number[]
}

/**
 * Of an upload that is missing: its end (ms), what of `small` and of `large` was measured before it (ms), its mean (l/h; 0 where
 * nothing is decided across it), and the smallest flow since (l/h).
 */
export const HOLE_ITEMS = 5
export const [TO, SMALL_KNOWN, LARGE_KNOWN, MEAN, LOWEST] = [0, 1, 2, 3, 4]

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
  /** Of the leak that ended with this reading. */
  endedRate: number
  endedKnown: number
}

export const noRun = (): Run => ({ from: Number.NaN, known: 0, until: 0 })

const runOf = (run: FlowMemory['small']): Run =>
  run === undefined ? noRun() : { from: run[0], known: run[1], until: run[2] }
const keptOf = ({ from, known, until }: Run): NonNullable<FlowMemory['small']> => [from, known, until]

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
    holes: memory?.holes?.slice() ?? [],
    // Of a meter that was known before this was written down: long ago.
    began: memory === undefined ? Number.NaN : (memory.began ?? 0),
    longest: memory?.longest?.[0] ?? 0,
    longestAt: memory?.longest?.[1] ?? 0,
    runs: memory?.runs?.slice() ?? [],
    endedRate: Number.POSITIVE_INFINITY,
    endedKnown: 0,
  }
}

export function memoryOf(draft: FlowDraft): FlowMemory | undefined {
  if (draft.source === NOTHING_YET) return undefined
  const { fine, samples, first, small, large, isLarge, lows, hour, edgeAt, edgeLitres, holes } = draft
  const { began, longest, longestAt, runs } = draft
  return {
    source: draft.source === REGISTER ? 'register' : 'flow',
    ...sumOf(draft),
    samples: first === 0 ? samples : samples.slice(first),
    ...(fine ? { fine } : {}),
    ...(Number.isNaN(small.from) ? {} : { small: keptOf(small) }),
    ...(Number.isNaN(large.from) ? {} : { large: keptOf(large) }),
    ...(isLarge ? { isLarge } : {}),
    ...(lows.length === 0 ? {} : { lows: lows.slice(-LEAK_RATE_HOURS), hour }),
    ...(Number.isNaN(edgeAt) ? {} : { edge: [edgeAt, edgeLitres] as const }),
    ...(holes.length === 0 ? {} : { holes }),
    ...(fine || began === 0 ? {} : { began }),
    ...(fine || longest === 0 ? {} : { longest: [longest, longestAt] as const }),
    ...(fine || runs.length === 0 ? {} : { runs }),
  }
}
