import { type Line, noLine } from './straight-line.ts'
import { FLOW, NOTHING_YET, REGISTER, sumOf, type VolumeDraft, type VolumeMemory } from './water-volume.ts'

/** What is remembered of the flows that stop and come back, and what the loop over a message's readings makes of it. Times in ms. */
export interface RecurringMemory extends VolumeMemory {
  /** The register has been seen between two steps of ten litres. */
  readonly fine?: true
  /** First reading ever. */
  readonly began: number
  /** The last reading, and for how long the register has stood (ms); absent: an upload is missing. */
  readonly last?: readonly [at: number, litres: number, stillMs: number]
  /** The last standstill's end, and readings since; absent: none since what is missing. */
  readonly rest?: readonly [at: number, litres: number, readings: number]
  /** The line that the register draws now: its points, and what it allows. */
  readonly line?: readonly [intervals: number, low: number, high: number, readingsBefore: number, ...points: number[]]
  /** `recurring-runs.ts` */
  readonly runs?: readonly number[]
  /** `recurring-habit.ts` */
  readonly habit?: readonly number[]
  readonly learntAt?: number
  /** A run has been seen since it was last decided. */
  readonly undecided?: true
  /** While the alarm holds: its rate (l/h), for how long it has stayed away, the hour that is being measured, and for how long none was small. */
  readonly flowing?: readonly [rate: number, away: number, hourMs: number, hourLitres: number, highMs: number]
}

/** NaN for what is not known. */
export interface RecurringDraft extends VolumeDraft {
  fine: boolean
  began: number
  lastAt: number
  lastLitres: number
  stillAt: number
  restAt: number
  restLitres: number
  sinceRest: number
  line: Line
  /** Readings between the standstill and the line's beginning. */
  beforeLine: number
  runs: number[]
  habit: number[]
  learntAt: number
  undecided: boolean
  rate: number
  away: number
  hourMs: number
  hourLitres: number
  highMs: number
  /** Of the flow that was told of with this message. */
  since: number
  /** Of the flow that ended with it. */
  endedRate: number
  endedAway: number
}

const LINE_FACTS = 4
const MILLILITRES = 1000

export function draftOf(memory: RecurringMemory | undefined): RecurringDraft {
  const { flow, last, rest, flowing } = memory ?? {}
  return {
    source: memory === undefined ? NOTHING_YET : flow === undefined ? REGISTER : FLOW,
    flowAt: flow?.[0] ?? Number.NaN,
    flow: flow?.[1] ?? Number.NaN,
    litres: flow?.[2] ?? Number.NaN,
    fine: memory?.fine === true,
    began: memory?.began ?? Number.NaN,
    lastAt: last?.[0] ?? Number.NaN,
    lastLitres: last?.[1] ?? Number.NaN,
    stillAt: last === undefined ? Number.NaN : last[0] - last[2],
    restAt: rest?.[0] ?? Number.NaN,
    restLitres: rest?.[1] ?? Number.NaN,
    sinceRest: rest?.[2] ?? 0,
    line: lineOf(memory),
    beforeLine: memory?.line?.[3] ?? 0,
    runs: memory?.runs?.slice() ?? [],
    habit: memory?.habit?.slice() ?? [],
    learntAt: memory?.learntAt ?? Number.NaN,
    undecided: memory?.undecided === true,
    rate: flowing?.[0] ?? Number.NaN,
    away: flowing?.[1] ?? 0,
    hourMs: flowing?.[2] ?? 0,
    hourLitres: flowing?.[3] ?? 0,
    highMs: flowing?.[4] ?? 0,
    since: Number.NaN,
    endedRate: Number.NaN,
    endedAway: 0,
  }
}

/** To the millilitre, as registers are read: a difference of two must be the same wherever it is taken. */
export const litresSince = (before: number, litres: number): number =>
  Math.round((litres - before) * MILLILITRES) / MILLILITRES

function lineOf(memory: RecurringMemory | undefined): Line {
  if (memory?.line === undefined || memory.last === undefined || memory.rest === undefined) return noLine()
  const [intervals, low, high] = memory.line
  return {
    points: memory.line.slice(LINE_FACTS),
    intervals,
    low,
    high,
    lastAt: memory.last[0] - memory.rest[0],
    lastLitres: litresSince(memory.rest[1], memory.last[1]),
  }
}

export function memoryOf(draft: RecurringDraft): RecurringMemory | undefined {
  if (draft.source === NOTHING_YET) return undefined
  const { fine, began, lastAt, lastLitres, stillAt, restAt, restLitres, sinceRest, line, beforeLine } = draft
  const { runs, habit, learntAt, undecided, rate, away, hourMs, hourLitres, highMs } = draft
  return {
    ...sumOf(draft),
    ...(fine ? { fine } : {}),
    began,
    ...(Number.isNaN(lastAt) ? {} : { last: [lastAt, lastLitres, lastAt - stillAt] as const }),
    ...(Number.isNaN(restAt) ? {} : { rest: [restAt, restLitres, sinceRest] as const }),
    ...(line.points.length === 0
      ? {}
      : { line: [line.intervals, line.low, line.high, beforeLine, ...line.points] as const }),
    ...(runs.length === 0 ? {} : { runs }),
    ...(habit.length === 0 ? {} : { habit }),
    ...(Number.isNaN(learntAt) ? {} : { learntAt }),
    ...(undecided ? { undecided } : {}),
    ...(Number.isNaN(rate) ? {} : { flowing: [rate, away, hourMs, hourLitres, highMs] as const }),
  }
}

/** Nothing is known of what runs now, until the next standstill. */
export function forgetLine(draft: RecurringDraft): void {
  draft.restAt = Number.NaN
  draft.restLitres = Number.NaN
  draft.sinceRest = 0
  draft.line = noLine()
  draft.beforeLine = 0
}
