import { limitOf } from '../../contract/detection-limits.ts'
import { type DeviceFacts, LATE_MS } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { FLOW, NOTHING_YET, REGISTER, sumOf, takeVolume, type VolumeDraft, type VolumeMemory } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/**
 * l/h. An hour with less is a standstill. Badger's 1 gal/h is 3.8; 2 keeps a leak of 3 l/h above it on a register of
 * 1 l, whose hourly differences are off by up to one litre.
 */
const STILL = 2
/** l/h. A home that never draws less for a day leaks: 12.5 l/h, less what one step of the dial can hide. */
const LARGE = 11.5
/** l/h. Of 12.5 l/h a dial of 10 l shows five steps in any four hours, also where a reading is missing. */
const COARSE_SHOWN = 11.5
/** Windows of four hours that began after the leak did. */
const COARSE_SHOWN_HOURS = 20
/**
 * ms. Badger, Kamstrup, Sensus: 24 h since the last hour below it, of which 21 must have been measured. A home that rests
 * from four to five every morning comes to 23.
 */
const LARGE_AFTER_MS = 24 * HOUR_MS - 10 * MINUTE_MS
const LARGE_KNOWN_MS = 21 * HOUR_MS
/**
 * ms. Less than `LARGE` in some hours and a standstill in none. Of 1,543 homes without a leak, with a dial of 1 l and over 90
 * days, two ever went for more than 48 h without a standstill (of an hour), both for less than six days.
 */
const SMALL_AFTER_MS = 96 * HOUR_MS
/** ms. An hour is any span from here … (clocks of meters jitter by minutes) */
const HOUR_FROM_MS = 55 * MINUTE_MS
/**
 * A register of 10 l stands still for two hours while 5 l/h leak: four hours are its hour, in which two steps must come,
 * and a cistern that tops itself up makes one step. Four hours of rest are rarer than one: of 618 such homes 87 went for more
 * than 48 h without, twelve for more than four days, and those did it again. So three times the longest that this home has gone
 * without is asked for, from six days to ten, and seven days while the home is not known (from four and six, two more of a
 * thousand such homes were told what was none, in two months).
 */
const COARSE_LITRES = 10
const COARSE_FROM_MS = 4 * HOUR_MS - 5 * MINUTE_MS
const COARSE_STILL_LITRES = 20
const COARSE_STILL = 5
const COARSE_AFTER_MS = 168 * HOUR_MS
const COARSE_LEAST_MS = 144 * HOUR_MS
const COARSE_MOST_MS = 240 * HOUR_MS
const COARSE_TIMES = 3
/** ms. A home is known after so long, and what it did fades: linearly, to nothing in half a year. */
const HOME_KNOWN_MS = 14 * DAY_MS
const FADES_MS = 180 * DAY_MS
/** ms. Shorter runs are every home's. */
const RUN_KEPT_MS = 24 * HOUR_MS
/** ms. A window may be so much longer than it should; a longer one may hide a standstill and counts neither way (Badger: estimated reads). */
const WINDOW_SLACK_MS = 35 * MINUTE_MS
/** ms. The same of a coarse register, of which one reading may be missing. */
const COARSE_SLACK_MS = 70 * MINUTE_MS
/** ms. The same for a large leak: one reading may be missing where every hour around it drew `LARGE`. */
const LARGE_SPAN_MS = 2 * HOUR_MS + 5 * MINUTE_MS
/** ms. Denser readings are thinned to this: seven samples span an hour at any rhythm, also of a meter that reports every second. */
const SAMPLE_MS = 9.5 * MINUTE_MS
/** ms. After a longer gap than a lost upload the counting starts anew. */
const GAP_MAX_MS = 30 * HOUR_MS
/** Hours whose smallest flow is the size of the leak (Badger). */
const LEAK_RATE_HOURS = 24
/**
 * An upload is missing and may still come. A large leak is decided across a missing day when an hour before it and two behind it
 * have been measured, 24 in all, and its mean is no less (times a share) than the least of those behind it. Every hour of the day is
 * then known on one side or the other; of a shorter hole, which may hold the night, that is not so. A small leak waits, or is
 * measured anew.
 */
const ACROSS_FROM_MS = 22 * HOUR_MS
const ACROSS_TO_MS = 26 * HOUR_MS
const ACROSS_AFTER_MS = 2 * HOUR_MS
const ACROSS_SHARE = 0.95
/** ms. So long it must have run before: one that grows was smaller in what is missing. */
const ACROSS_BEFORE_MS = HOUR_MS
/** ms. Where nearly a day of it lies before, an hour behind is enough. */
const ACROSS_LONG_MS = 18 * HOUR_MS
const ACROSS_SOON_MS = 55 * MINUTE_MS
/** l/h, ms. Less than two steps of a dial of 10 l in an hour can be a small leak and a family; three hours can be an evening. */
const ACROSS_COARSE = 20
const ACROSS_COARSE_AFTER_MS = 8 * HOUR_MS
/** l. A register that falls by more is another register. */
const EXCHANGE_LITRES = 1000
const SAMPLE = 2
const NO_READING = -1

/** How long nothing under a limit was seen: its beginning (ms), how much of the time since was measured (ms), and until when. */
interface Run {
  from: number
  known: number
  until: number
}

interface FlowMemory extends VolumeMemory {
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
const HOLE_ITEMS = 5
const [TO, SMALL_KNOWN, LARGE_KNOWN, MEAN, LOWEST] = [0, 1, 2, 3, 4]

/** l/h */
const NOT_YET = 1e6

interface FlowDraft extends VolumeDraft {
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

const noRun = (): Run => ({ from: Number.NaN, known: 0, until: 0 })

function begin(run: Run, at: number): void {
  run.from = at
  run.known = 0
  run.until = at
}

function restart(draft: FlowDraft): void {
  draft.small = noRun()
  draft.large = noRun()
  draft.lows.length = 0
  draft.holes.length = 0
}

/** A standstill: what was counted before it is over, and how this home lives, unless it was a leak. */
function standStill(draft: FlowDraft, level: Level, at: number): void {
  const { fine, small, runs } = draft
  if (!fine && level === QUIET && small.known >= RUN_KEPT_MS && small.known > longestOf(draft, at))
    runs.push(at, small.known)
  begin(draft.small, at)
  begin(draft.large, at)
  draft.lows.length = 0
  draft.holes.length = 0
}

/** The longest run without a standstill that this home is known for, ms. */
const longestOf = ({ longest, longestAt }: FlowDraft, at: number): number =>
  longest * Math.max(0, 1 - (at - longestAt) / FADES_MS)

/** What ended so long ago that no upload changes it is learnt. */
function learn(draft: FlowDraft, at: number): void {
  const { runs } = draft
  while (runs.length > 0 && at - runs[0]! >= LATE_MS) {
    const [endedAt = 0, known = 0] = runs.splice(0, 2)
    if (known > longestOf(draft, endedAt)) {
      draft.longest = known
      draft.longestAt = endedAt
    }
  }
}

/** ms without a standstill that are a small leak. */
function smallAfter(draft: FlowDraft, at: number): number {
  if (draft.fine) return SMALL_AFTER_MS
  if (at - draft.began < HOME_KNOWN_MS + LATE_MS) return COARSE_AFTER_MS
  learn(draft, at)
  return Math.min(COARSE_MOST_MS, Math.max(COARSE_LEAST_MS, COARSE_TIMES * longestOf(draft, at)))
}

/** An upload is missing: windows do not reach across it. */
function gap(draft: FlowDraft): void {
  const { samples } = draft
  const last = samples.length - SAMPLE
  if (last < 0) return
  // Of two missing ones without a reading between them the first is the edge.
  draft.edgeAt = samples[last]!
  draft.edgeLitres = samples[last + 1]!
  forgetSamples(draft)
}

/** The first sample behind a missing upload. Its mean is what is known of it: below a limit, some hour of it was. */
function closeGap(draft: FlowDraft, level: Level, at: number, litres: number): Level {
  const { fine, edgeAt, edgeLitres, small, large } = draft
  const span = at - edgeAt
  const passed = litres - edgeLitres
  draft.edgeAt = Number.NaN
  forgetHoles(draft, at)
  if (passed < -EXCHANGE_LITRES) {
    restart(draft)
    return level
  }
  if (passed * HOUR_MS < (fine ? STILL : COARSE_STILL) * span) {
    noteEnd(draft, level)
    standStill(draft, level, at)
    return QUIET
  }
  if (span > GAP_MAX_MS && level === QUIET) {
    restart(draft)
    return level
  }
  if (isBelowLarge(fine, passed, span)) begin(large, at)
  if (Number.isNaN(small.from) && Number.isNaN(large.from)) return level
  const last = draft.holes.length - HOLE_ITEMS
  const isBehindLast = last < 0 || large.from >= draft.holes[last + TO]!
  const before = large.known - (isBehindLast ? 0 : draft.holes[last + LARGE_KNOWN]!)
  const isDay = span >= ACROSS_FROM_MS && span <= ACROSS_TO_MS && before >= ACROSS_BEFORE_MS
  const mean = isDay ? Math.round((passed * HOUR_MS) / span) : 0
  draft.holes.push(at, small.known, large.known, mean, NOT_YET)
  return level
}

/** Of 12.5 l/h a dial of 10 l shows one step in every whole hour, but not two in every hour and a half. */
const isBelowLarge = (fine: boolean, litres: number, span: number): boolean =>
  fine
    ? litres * HOUR_MS < LARGE * span
    : litres < COARSE_LITRES * Math.floor((span + HOUR_MS - HOUR_FROM_MS) / HOUR_MS)

function noteEnd(draft: FlowDraft, level: Level): void {
  if (level === QUIET) return
  draft.endedRate = leakRate(draft.lows)
  draft.endedKnown = toldRun(draft).known
}

/** The run that a person is told of: a leak that has shrunk is no longer what `large` counts. */
const toldRun = ({ isLarge, large, small }: FlowDraft): Run =>
  isLarge && large.known >= LARGE_KNOWN_MS ? large : small

function forgetSamples(draft: FlowDraft): void {
  draft.samples.length = 0
  draft.first = 0
}

/** Smallest flow of the last day, or of the last so many hours, l/h. */
function leakRate(lows: readonly number[], hours = LEAK_RATE_HOURS): number {
  let rate = Number.POSITIVE_INFINITY
  for (let i = Math.max(0, lows.length - hours); i < lows.length; i++) {
    const low = lows[i]!
    if (low !== NO_READING && low < rate) rate = low
  }
  return rate
}

function noteLow(draft: FlowDraft, at: number, rate: number): void {
  const hour = Math.floor(at / HOUR_MS)
  const { lows } = draft
  const low = Math.round(rate * 10) / 10
  const { holes } = draft
  const last = holes.length - HOLE_ITEMS
  if (last >= 0 && low < holes[last + LOWEST]!) holes[last + LOWEST] = low
  const newHours = lows.length === 0 ? 1 : Math.min(hour - draft.hour, LEAK_RATE_HOURS)
  for (let i = 1; i < newHours; i++) lows.push(NO_READING)
  if (newHours > 0) lows.push(low)
  else if (low < lows[lows.length - 1]!) lows[lows.length - 1] = low
  draft.hour = hour
}

/** A span in which water flowed. */
function extend(run: Run, from: number, at: number): void {
  if (Number.isNaN(run.from)) begin(run, from)
  run.known += at - Math.max(from, run.until)
  run.until = at
}

function judge(
  draft: FlowDraft,
  level: Level,
  at: number,
  volume: number,
  flow: number,
  _c: number,
  device: DeviceFacts,
): Level {
  const { source, samples } = draft
  const litres = takeVolume(draft, at, volume, flow)
  if (Number.isNaN(litres)) return level
  if (source !== draft.source) {
    forgetSamples(draft)
    draft.edgeAt = Number.NaN
  }
  if (Number.isNaN(draft.began)) draft.began = at
  if (!draft.fine && (draft.source === FLOW || litres % COARSE_LITRES !== 0)) draft.fine = true
  if (!Number.isNaN(draft.edgeAt)) {
    const next = closeGap(draft, level, at, litres)
    samples.push(at, litres)
    return next
  }
  const last = samples.length - SAMPLE
  if (last >= 0) {
    if (at - samples[last]! < SAMPLE_MS) return level
    // A register that falls by more is another register.
    if (litres < samples[last + 1]! - EXCHANGE_LITRES) {
      forgetSamples(draft)
      samples.push(at, litres)
      restart(draft)
      return level
    }
  }
  const { fine, small, large } = draft
  const windowMs = fine ? HOUR_FROM_MS : COARSE_FROM_MS
  const longestMs = fine ? HOUR_FROM_MS + WINDOW_SLACK_MS : COARSE_FROM_MS + COARSE_SLACK_MS
  // The newest sample that is an hour old, and the newest that is a window old; those before it are of no more use.
  let hour = last
  while (hour >= draft.first && at - samples[hour]! < HOUR_FROM_MS) hour -= SAMPLE
  let first = hour
  while (first >= draft.first && at - samples[first]! < windowMs) first -= SAMPLE
  samples.push(at, litres)
  if (hour >= draft.first) {
    const hourFrom = samples[hour]!
    if (isBelowLarge(fine, litres - samples[hour + 1]!, at - hourFrom)) begin(large, at)
    else if (at - hourFrom <= LARGE_SPAN_MS) extend(large, hourFrom, at)
  }
  if (first < draft.first) return level
  draft.first = first

  const from = samples[first]!
  const span = at - from
  const passed = litres - samples[first + 1]!
  // A mean below the limit holds an hour below it, however long the span. Whole numbers: 2 l in 1 h must not be 1.9999.
  const isStill =
    fine || span > longestMs ? passed * HOUR_MS < (fine ? STILL : COARSE_STILL) * span : passed < COARSE_STILL_LITRES
  if (isStill) {
    noteEnd(draft, level)
    standStill(draft, level, at)
    return QUIET
  }
  if (span > GAP_MAX_MS && level === QUIET) {
    restart(draft)
    return level
  }
  if (span <= longestMs) {
    extend(small, from, at)
    noteLow(draft, at, (passed / span) * HOUR_MS)
  }
  return level === QUIET ? decide(draft, at, device) : level
}

/** What has not come by now does not come any more. */
function forgetHoles({ holes }: FlowDraft, at: number): void {
  while (holes.length > 0 && at - holes[TO]! >= LATE_MS) holes.splice(0, HOLE_ITEMS)
}

function decide(draft: FlowDraft, at: number, device: DeviceFacts): Level {
  const { small, holes } = draft
  forgetHoles(draft, at)
  const last = holes.length - HOLE_ITEMS
  const smallKnown = last < 0 ? small.known : small.known - holes[last + SMALL_KNOWN]!
  draft.isLarge = isLargeRun(draft, at)
  if (!draft.isLarge && smallKnown < smallAfter(draft, at)) return QUIET
  return leakRate(draft.lows) < limitOf(device, 'leak.from') ? QUIET : ALARM
}

function isLargeRun(draft: FlowDraft, at: number): boolean {
  const { large, holes } = draft
  let last = holes.length - HOLE_ITEMS
  let { from } = large
  let before = 0
  let least = LARGE_KNOWN_MS
  // Across one that is missing, where it says enough; never across two.
  if (last >= 0 && large.from < holes[last + TO]! && isAcross(draft, last, at)) {
    last -= HOLE_ITEMS
    least = LARGE_AFTER_MS
  }
  if (last >= 0 && large.from < holes[last + TO]!) {
    from = holes[last + TO]!
    before = holes[last + LARGE_KNOWN]!
  }
  if (at - from < LARGE_AFTER_MS || large.known - before < least) return false
  return draft.fine || leakRate(draft.lows, COARSE_SHOWN_HOURS) >= COARSE_SHOWN
}

function isLongBefore({ holes, large }: FlowDraft, last: number): boolean {
  const earlier = last - HOLE_ITEMS
  const isBehind = earlier < 0 || large.from >= holes[earlier + TO]!
  return holes[last + LARGE_KNOWN]! - (isBehind ? 0 : holes[earlier + LARGE_KNOWN]!) >= ACROSS_LONG_MS
}

function isAcross(draft: FlowDraft, last: number, at: number): boolean {
  const { fine, holes } = draft
  const behind = at - holes[last + TO]!
  const mean = holes[last + MEAN]!
  if (mean === 0) return false
  if (isLongBefore(draft, last)) return behind >= ACROSS_SOON_MS
  const lowest = holes[last + LOWEST]!
  const isEnough = fine ? behind >= ACROSS_AFTER_MS : behind >= ACROSS_COARSE_AFTER_MS && lowest >= ACROSS_COARSE
  return isEnough && mean >= lowest * ACROSS_SHARE
}

const runOf = (run: FlowMemory['small']): Run =>
  run === undefined ? noRun() : { from: run[0], known: run[1], until: run[2] }
const keptOf = ({ from, known, until }: Run): NonNullable<FlowMemory['small']> => [from, known, until]

function draftOf(memory: FlowMemory | undefined): FlowDraft {
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

function memoryOf(draft: FlowDraft): FlowMemory | undefined {
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

function told(rate: number, known: number): Report | null {
  if (rate === Number.POSITIVE_INFINITY) return null
  const litresPerHour = rounded(rate, rate < 10 ? 1 : 0)
  const lost = rounded((rate * known) / HOUR_MS, 0)
  return {
    value: litresPerHour,
    threshold: STILL,
    unit: 'l/h',
    en: `never below ${litresPerHour} l/h for ${durationEn(known)}, about ${lost} l so far`,
    zh: `${durationZh(known)}内流量从未低于${litresPerHour}升/小时,累计约${lost}升`,
  }
}

/**
 * A household in which water never stands still for an hour leaks: by its register or its flow, at any rhythm up to one
 * reading per hour and a half; or the meter's own leak flag.
 */
export const continuousFlow = watch<FlowMemory, FlowDraft>({
  name: 'continuousFlow',
  type: 'leak',
  kinds: 'all',
  reported: { flag: 'leak' },
  measured: {
    kinds: HOUSEHOLD_METERS,
    quantities: ['volume', 'flow'],
    draft: draftOf,
    keep: memoryOf,
    judge,
    gap,
    began: ({ isLarge, small, large }) => (isLarge ? large : small).from,
    report: (draft, level) => (level === QUIET ? null : told(leakRate(draft.lows), toldRun(draft).known)),
    ended({ endedRate, endedKnown }) {
      const peak = told(endedRate, endedKnown)
      return { now: peak === null ? null : STOOD_STILL, peak }
    },
  },
})

const STOOD_STILL: Report = {
  value: 0,
  threshold: STILL,
  unit: 'l/h',
  en: 'water stood still for an hour',
  zh: '用水已静止1小时',
}
