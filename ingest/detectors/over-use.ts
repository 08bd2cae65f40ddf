import { isAway, litresOfDay, type OwnUse } from '../../contract/alone.ts'
import { cityDayOf } from '../../contract/city-time.ts'
import type { DeviceFacts } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import {
  DAY_MS,
  draftOf,
  firstSince,
  HOUR_MS,
  keepUse,
  lived,
  noteDay,
  takeUse,
  type UseDraft,
  usualLitres,
} from './own-use.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report } from './rule.ts'
import { looksLived, spanSince } from './signs-of-life.ts'
import { watch } from './watch.ts'
import { watchedOnly } from './watched-only.ts'
import { toLitres } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

/** Days at home that must be known before their own rhythm counts. */
const DAYS_LEARNT = 10
/** Twice their largest day, and at least this, l: a daughter who stays and bathes the children draws less. */
const TIMES_LARGEST = 2
const OWN_LEAST = 250
/** ms, l. In an empty home: what has not stopped for so long, or so much in a day, however it ran. */
const UNBROKEN_MS = 6 * HOUR_MS
const UNBROKEN_HOURS = 6
const UNBROKEN_LITRES = 20
const AWAY_LITRES = 200

type Why = 'city' | 'own' | 'away'

interface OverUseDraft extends UseDraft {
  why: Why
  from: number
  litres: number
  limit: number
  /** The most that held in this message. */
  peak: Report | null
}

function judge(
  draft: OverUseDraft,
  _level: Level,
  at: number,
  volume: number,
  _b: number,
  _c: number,
  device: DeviceFacts,
): Level {
  const { alone } = device
  if (alone === undefined) return QUIET
  takeUse(draft, at, toLitres(volume), device.model, alone.noUseLitres)
  const gone = isAway(alone.away, at, draft.backAt)
  noteDay(draft, at, 0, gone)
  const since = Math.max(at - DAY_MS, alone.judgedFrom, gone ? (alone.away?.from ?? 0) : 0)
  const first = firstSince(draft, since)
  if (first < 0) return QUIET
  draft.from = draft.points[first]!
  // Less than a day where a reading is missing: what is counted has run for certain.
  draft.litres = draft.lastLitres - draft.points[first + 1]!
  const tell = (why: Why, limit: number, level: Level): Level => {
    draft.why = why
    draft.limit = limit
    if (draft.litres >= (draft.peak?.value ?? 0)) draft.peak = report(draft, level)
    return level
  }
  const city = draft.litres > alone.overUseLitres
  if (gone) {
    const usual = usualLitres(draft.days, cityDayOf(at), alone.noUseLitres)
    if (looksLived(draft, since, usual)) {
      draft.backAt = at
      return QUIET
    }
    if (city) return tell('away', alone.overUseLitres, ALARM)
    return draft.litres >= AWAY_LITRES || isUnbroken(draft, at, since) ? tell('away', AWAY_LITRES, PRE_ALARM) : QUIET
  }
  if (city) return tell('city', alone.overUseLitres, ALARM)
  const own = draft.litres > OWN_LEAST ? ownLargest(draft, at, alone.noUseLitres) : undefined
  return own !== undefined && draft.litres > own ? tell('own', own, PRE_ALARM) : QUIET
}

/** Nobody is there, and no hour is without water. */
function isUnbroken(draft: OverUseDraft, at: number, since: number): boolean {
  const { hours, longestStill, litres } = spanSince(draft, Math.max(since, at - UNBROKEN_MS))
  return hours >= UNBROKEN_HOURS && longestStill === 0 && litres >= UNBROKEN_LITRES
}

function ownLargest({ days }: OverUseDraft, at: number, limit: number): number | undefined {
  // What runs now began yesterday at the earliest, and is no measure of itself.
  const known = days.map((day) => lived(day, cityDayOf(at - DAY_MS), limit)).filter((one) => one !== undefined)
  return known.length < DAYS_LEARNT ? undefined : Math.max(OWN_LEAST, Math.round(Math.max(...known) * TIMES_LARGEST))
}

function report(draft: OverUseDraft, level: Level): Report | null {
  if (level === QUIET) return null
  const { why, from, lastAt, litres, limit } = draft
  const ms = lastAt - from
  const value = rounded(litres, 0)
  const facts = { value, threshold: limit, unit: 'L' }
  switch (why) {
    case 'city':
      return { ...facts, en: `${value} l in ${durationEn(ms)}`, zh: `${durationZh(ms)}内用水${value}升` }
    case 'own':
      return {
        ...facts,
        en: `${value} l in ${durationEn(ms)}, twice the largest day of four weeks`,
        zh: `${durationZh(ms)}内用水${value}升,超过近四周最大日用水量的两倍`,
      }
    case 'away':
      return {
        ...facts,
        en: `nobody is at home, and ${value} l ran in ${durationEn(ms)}`,
        zh: `外出期间家中无人,${durationZh(ms)}内仍流出${value}升水`,
      }
  }
}

/** Days are kept as one figure here: the hours lie with `noUse`. */
const sumsOnly = (memory: OwnUse | undefined): OwnUse | undefined => {
  if (memory === undefined) return undefined
  const today = memory.days.at(-1)?.day
  const days = memory.days.map((day) => {
    const litres = day.day === today ? null : litresOfDay(day)
    return litres === null ? day : { day: day.day, gap: litres, ...(day.away === true ? { away: day.away } : {}) }
  })
  return { ...memory, days, points: memory.points.slice(-KEPT_POINTS) }
}
/** A day of hours, two numbers each. */
const KEPT_POINTS = 26 * 2

/** More water than one person draws: a tap left open, a fall in the bath; in an empty home, a pipe. */
export const overUse = watchedOnly(
  watch<OwnUse, OverUseDraft>({
    name: 'overUse',
    type: 'overUse',
    kinds: HOUSEHOLD_METERS,
    reported: null,
    severity: (level) => (level === ALARM ? 'MAJOR' : 'MINOR'),
    measured: {
      kinds: HOUSEHOLD_METERS,
      quantities: ['volume'],
      draft: (memory) => ({ ...draftOf(memory), why: 'city', from: 0, litres: 0, limit: 0, peak: null }),
      keep: (draft) => sumsOnly(keepUse(draft)),
      judge,
      report,
      ended: ({ limit, peak }) => ({
        now: { value: null, threshold: limit, unit: 'L', en: 'as usual again', zh: '用水已恢复正常' },
        peak,
      }),
    },
  }),
)
