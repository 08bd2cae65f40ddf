import { limitOf } from '../../contract/detection-limits.ts'
import type { DeviceFacts } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import { closeGap, forgetHoles, gap, isAcross, isSmallKnown } from './leak-across-uploads.ts'
import {
  COARSE_LITRES,
  COARSE_STILL,
  EXCHANGE_LITRES,
  GAP_MAX_MS,
  HOUR_FROM_MS,
  isBelowLarge,
  LARGE_AFTER_HOURLY_MS,
  LARGE_AFTER_MS,
  LARGE_KNOWN_MS,
  STILL,
  WINDOW_SLACK_MS,
} from './leak-limits.ts'
import {
  draftOf,
  type FlowDraft,
  type FlowMemory,
  HOLE_ITEMS,
  LARGE_KNOWN,
  memoryOf,
  SAMPLE,
  TO,
} from './leak-memory.ts'
import { leakRate, noteLow } from './leak-rate.ts'
import { begin, beginsWithin, extend, forgetSamples, noteEnd, restart, standStill, toldRun } from './leak-runs.ts'
import { isBusy, largeFrom, noteDay, noteWindow, smallAfter, smallFrom } from './own-rest.ts'
import { ALARM, type Level, QUIET, type Report } from './rule.ts'
import { watch } from './watch.ts'
import { FLOW, takeVolume } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** l/h. Of 12.5 l/h a dial of 10 l shows five steps in any four hours, also where a reading is missing. */
const COARSE_SHOWN = 11.5
/**
 * l/h, ms. Where no hour that was measured lost less, it is known sooner and by fewer hours: of 4,748 sound homes in two months (285
 * thousand days; dial of 1 l, hourly) none had 22 h of it and one had 20; 16 had 24 h of 11.5 l/h.
 */
const PLAIN = 30
const COARSE_PLAIN = 50
const PLAIN_AFTER_MS = 22 * HOUR_MS - 5 * MINUTE_MS
const PLAIN_UNKNOWN_MS = 4 * HOUR_MS
/** Hours that lie within a large run whole; windows of four hours that began after the leak did. */
const LARGE_HOURS = 21
const COARSE_SHOWN_HOURS = 18
const COARSE_FROM_MS = 4 * HOUR_MS - 5 * MINUTE_MS
const COARSE_STILL_LITRES = 20
/** ms. The same of a coarse register, of which one reading may be missing. */
const COARSE_SLACK_MS = 70 * MINUTE_MS
/** ms. The same for a large leak: one reading may be missing where every hour around it drew `LARGE`. */
const LARGE_SPAN_MS = 2 * HOUR_MS + 5 * MINUTE_MS
/** ms. Denser readings are thinned to this: seven samples span an hour at any rhythm, also of a meter that reports every second. */
const SAMPLE_MS = 9.5 * MINUTE_MS

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
  if (level === QUIET) noteDay(draft, at, litres)
  if (hour >= draft.first) {
    const hourFrom = samples[hour]!
    if (isBelowLarge(fine, litres - samples[hour + 1]!, at - hourFrom)) begin(large, at, litres)
    else if (at - hourFrom <= LARGE_SPAN_MS) {
      if (large.known === 0 && hour === last) beginsWithin(draft, hour, at)
      extend(large, hourFrom, at)
    }
  }
  if (first < draft.first) return level
  draft.first = first

  const from = samples[first]!
  const span = at - from
  const passed = litres - samples[first + 1]!
  if (!fine && level === QUIET && span <= longestMs) noteWindow(draft, at, (passed / span) * HOUR_MS)
  // A mean below the limit holds an hour below it, however long the span. Whole numbers: 2 l in 1 h must not be 1.9999.
  const isStill =
    fine || span > longestMs ? passed * HOUR_MS < (fine ? STILL : COARSE_STILL) * span : passed < COARSE_STILL_LITRES
  if (isStill) {
    noteEnd(draft, level)
    standStill(draft, level, at, litres)
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
  return level === QUIET ? decide(draft, at, litres, hour === last, device) : level
}

function decide(draft: FlowDraft, at: number, litres: number, isHourly: boolean, device: DeviceFacts): Level {
  forgetHoles(draft, at)
  const rate = leakRate(draft.lows)
  draft.isLarge = isLargeRun(draft, at, litres, isHourly)
  const isSmall = (): boolean => rate >= smallFrom(draft) && isSmallKnown(draft, smallAfter(draft, at))
  if (!draft.isLarge && !isSmall()) return QUIET
  return rate < limitOf(device, 'leak.from') ? QUIET : ALARM
}

function isLargeRun(draft: FlowDraft, at: number, litres: number, isHourly: boolean): boolean {
  const { fine, large, holes } = draft
  const within = leakRate(draft.lows, fine ? LARGE_HOURS : COARSE_SHOWN_HOURS)
  const after = isHourly ? LARGE_AFTER_HOURLY_MS : LARGE_AFTER_MS
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
  const ms = at - from
  const known = large.known - before
  const isPlain =
    isHourly && within >= (fine ? PLAIN : COARSE_PLAIN) && ms >= PLAIN_AFTER_MS && ms - known <= PLAIN_UNKNOWN_MS
  if (!isPlain && (ms < after || known < least)) return false
  return (fine || within >= Math.max(COARSE_SHOWN, largeFrom(draft))) && !isBusy(draft, at, litres, within)
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
