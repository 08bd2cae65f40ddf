import { type AloneFacts, isAway, type OwnUse } from '../../contract/alone.ts'
import { cityDayOf } from '../../contract/city-time.ts'
import { besideFlow, farLess, type HiddenDraft, NO_LOW_DAY, ranSince } from './beside-flow.ts'
import type { DeviceFacts } from './detector.ts'
import { HOUSEHOLD_METERS } from './kinds-watched.ts'
import {
  COARSE_STEP,
  DAY_MS,
  draftOf,
  firstSince,
  HOUR_MS,
  keepUse,
  lived,
  noteDay,
  takeUse,
  usualLitres,
} from './own-use.ts'
import { ALARM, type Level, PRE_ALARM, QUIET, type Report } from './rule.ts'
import { looksLived } from './signs-of-life.ts'
import { watch } from './watch.ts'
import { watchedOnly } from './watched-only.ts'
import { toLitres } from './water-volume.ts'
import { durationEn, durationZh, rounded } from './wording.ts'

/** h. Shorter rules than this need the person's own days for them. */
const DAY_HOURS = 24
/** Days at home that must be known before their own rhythm counts. */
const DAYS_LEARNT = 14
/** ms. A twelve-hour rule needs a meter that reads at least so often. */
const OFTEN_MS = 2.5 * HOUR_MS
/** Longer than their second longest standstill, by so much, is told early; and never before so many hours. */
const BEYOND_OWN = 1.5
const EARLIEST_HOURS = 12
/** Share of the least of the last weeks' same weekdays, and how much less: a Sunday without its bath. */
const SHARE_OF_WEEKDAY = 0.4
const LESS_THAN_WEEKDAY = 25
const SAME_WEEKDAYS = 4
const WEEK = 7
/** l. Of whoever draws at least this on their least day, one step of a ten-litre dial in a day is told. */
const FAR_ABOVE_STEP = 40
/**
 * h. So long after they were to be back somebody is asked, and so long after it somebody is sent: no water has said that they
 * are home, and a meter that uploads once a day lets the answer come before.
 */
const OVERDUE_HOURS = 6
const NOT_BACK_HOURS = 36
type Why = 'still' | 'trickle' | 'own' | 'weekday' | 'step' | 'overdue'

interface NoUseDraft extends HiddenDraft {
  why: Why
  /** What holds began then. */
  from: number
  /** Of `weekday`: litres of that day and the least of those before. */
  ofDay: number
  least: number
  /** l. What the rule asks for. */
  limit: number
  /** The last that held in this message, and the worst of it. */
  peak: Report | null
  worst: Level
}

const inQuiet = (draft: NoUseDraft): Level => {
  draft.from = draft.lastAt
  return QUIET
}

function judge(
  draft: NoUseDraft,
  level: Level,
  at: number,
  volume: number,
  _b: number,
  _c: number,
  device: DeviceFacts,
): Level {
  const { alone } = device
  if (alone === undefined) return QUIET
  draft.limit = alone.noUseLitres
  takeUse(draft, at, toLitres(volume), device.model, alone.noUseLitres)
  const isLived = (from: number): boolean =>
    looksLived(draft, from, usualLitres(draft.days, cityDayOf(at), alone.noUseLitres))
  if (isAway(alone.away, at, draft.backAt)) {
    noteDay(draft, at, 0, true)
    const since = Math.max(alone.away?.from ?? 0, at - DAY_MS)
    if (isLived(since)) draft.backAt = at
    return inQuiet(draft)
  }
  if (isExpected(alone, at, draft.backAt)) {
    const until = Math.max(alone.away?.until ?? 0, at - DAY_MS)
    if (isLived(until)) draft.backAt = at
  }
  const judgedFrom = homeSince(alone, at, draft.backAt)
  const since = Math.max(draft.stillSince, judgedFrom)
  const stillMs = Math.max(0, at - since)
  noteDay(draft, at, stillMs, false)
  if (isExpected(alone, at, draft.backAt) && at - alone.away!.until! < NOT_BACK_HOURS * HOUR_MS)
    return early(draft, level, alone, at, since, stillMs, judgedFrom)
  const hours = hoursOfRule(draft, alone, at)
  if (stillMs >= hours * HOUR_MS) return tell(draft, 'still', since, ALARM)
  const beside = besideFlow(draft, at, judgedFrom, alone.noUseLitres)
  if (beside !== undefined) return tell(draft, 'trickle', beside, ALARM)
  const few = farLess(draft, at, judgedFrom, alone.noUseLitres)
  if (few !== undefined) return tell(draft, 'step', few, ALARM)
  return early(draft, level, alone, at, since, stillMs, judgedFrom)
}

function tell(draft: NoUseDraft, why: Why, from: number, level: Level): Level {
  draft.why = why
  draft.from = from
  draft.peak = report(draft, level)
  if (level > draft.worst) draft.worst = level
  return level
}

/** Was to be back by now, and has not been seen yet. */
const isExpected = ({ away }: AloneFacts, at: number, backAt: number | undefined): boolean =>
  away !== null && away.until !== null && away.until <= at && !(backAt !== undefined && backAt > away.from)

/** From here on they are at home, as far as anybody knows. */
function homeSince({ judgedFrom, away }: AloneFacts, at: number, backAt: number | undefined): number {
  if (away === null || away.from > at) return judgedFrom
  const seen = backAt !== undefined && backAt > away.from ? backAt : at
  return Math.max(judgedFrom, Math.min(seen, away.until ?? at))
}

/** A rule of less than a day counts where the person was never still for so long, and the meter reads often enough. */
function hoursOfRule(draft: NoUseDraft, { noUseHours, noUseLitres }: AloneFacts, at: number): number {
  if (noUseHours >= DAY_HOURS) return noUseHours
  const longest = ownStandstill(draft, draft.stillSince, noUseLitres)
  return longest !== undefined && longest < noUseHours && readsOften(draft, at - noUseHours * HOUR_MS)
    ? noUseHours
    : DAY_HOURS
}

/**
 * Their second longest standstill before that of now, h: once in four weeks everybody sleeps long. Undefined: not learnt.
 */
function ownStandstill({ days }: NoUseDraft, since: number, limit: number): number | undefined {
  const known = days
    .filter((day) => lived(day, cityDayOf(since), limit) !== undefined)
    .flatMap(({ still }) => (still === undefined || still >= DAY_HOURS ? [] : [still]))
  if (known.length < DAYS_LEARNT) return undefined
  known.sort((a, b) => b - a)
  return known[1]
}

function readsOften(draft: NoUseDraft, from: number): boolean {
  const { points } = draft
  const first = firstSince(draft, from)
  if (first < 0) return false
  for (let i = first + 2; i < points.length; i += 2) if (points[i]! - points[i - 2]! > OFTEN_MS) return false
  return points.length - first >= 2 * 2
}

/** What is unlike them, before the city's rule says anything. */
function early(
  draft: NoUseDraft,
  level: Level,
  alone: AloneFacts,
  at: number,
  since: number,
  stillMs: number,
  judgedFrom: number,
): Level {
  const { noUseLitres } = alone
  const until = alone.away?.until ?? 0
  // What was an alarm in this upload and is over is told as such, and not as the softer thing that came behind it.
  if (level === QUIET && draft.worst === ALARM) return inQuiet(draft)
  if (
    isExpected(alone, at, draft.backAt) &&
    since <= Math.max(until, judgedFrom) &&
    at - until >= OVERDUE_HOURS * HOUR_MS
  )
    return tell(draft, 'overdue', until, PRE_ALARM)
  // Looked up only where it can matter: this runs for every reading.
  const own = stillMs >= EARLIEST_HOURS * HOUR_MS ? ownStandstill(draft, since, noUseLitres) : undefined
  if (own !== undefined && stillMs >= Math.max(EARLIEST_HOURS, own * BEYOND_OWN) * HOUR_MS)
    return tell(draft, 'own', since, PRE_ALARM)
  if (isOneStep(draft, at, judgedFrom, noUseLitres)) return tell(draft, 'step', at - DAY_MS, PRE_ALARM)
  return unlikeWeekday(draft, at, judgedFrom, noUseLitres) ? PRE_ALARM : inQuiet(draft)
}

/** Of a ten-litre dial one step in a day is anything from a glass to nineteen litres: little for who draws far more. */
function isOneStep(draft: NoUseDraft, at: number, judgedFrom: number, limit: number): boolean {
  const ran = draft.fine ? undefined : ranSince(draft, at - DAY_MS, judgedFrom)
  return ran !== undefined && ran <= COARSE_STEP && leastDay(draft, at - DAY_MS, limit) >= FAR_ABOVE_STEP
}

/** The least they drew on a day before; NaN: not learnt yet. */
function leastDay({ days }: NoUseDraft, before: number, limit: number): number {
  const known = days.map((day) => lived(day, cityDayOf(before), limit)).filter((one) => one !== undefined)
  return known.length < DAYS_LEARNT ? Number.NaN : Math.min(...known)
}

/** Yesterday against the same weekday of the weeks before: somebody who always bathes on Sunday. */
function unlikeWeekday(draft: NoUseDraft, at: number, judgedFrom: number, limit: number): boolean {
  // A reading at midnight belongs to the day that it ends.
  const today = cityDayOf(at - 1)
  const yesterday = today - 1
  const litresOf = (day: number): number | undefined => {
    const known = draft.days.find((one) => one.day === day)
    return known === undefined ? undefined : lived(known, today, limit)
  }
  const ofDay = litresOf(yesterday)
  if (ofDay === undefined || cityDayOf(judgedFrom) >= yesterday) return false
  const before: number[] = []
  // Four weeks are kept, yesterday among them.
  for (let week = 1; week < SAME_WEEKDAYS; week++) {
    const litres = litresOf(yesterday - week * WEEK)
    if (litres === undefined) return false
    before.push(litres)
  }
  const least = Math.min(...before)
  if (ofDay >= least * SHARE_OF_WEEKDAY || ofDay > least - LESS_THAN_WEEKDAY) return false
  draft.ofDay = ofDay
  draft.least = least
  tell(draft, 'weekday', at - DAY_MS, PRE_ALARM)
  return true
}

function report(draft: NoUseDraft, level: Level): Report | null {
  if (level === QUIET) return null
  const { why, from, lastAt, limit, fine } = draft
  const ms = lastAt - from
  const first = firstSince(draft, from)
  const ran = first < 0 ? 0 : Math.max(0, draft.lastLitres - draft.points[first + 1]!)
  const litres = why === 'still' || why === 'own' ? Math.min(ran, draft.stillLitres) : ran
  // Two readings of a dial that shows tens: anything up to a step more may have run.
  const en = fine ? `${rounded(litres, 0)} l` : `${rounded(litres, 0)} to ${rounded(litres, 0) + COARSE_STEP - 1} l`
  const zh = fine
    ? `${rounded(litres, 0)}升`
    : `${rounded(litres, 0)}至${rounded(litres, 0) + COARSE_STEP - 1}升(表盘最小10升)`
  const told = (value: number, reasonEn: string, reasonZh: string): Report => ({
    value: rounded(value, 0),
    threshold: limit,
    unit: 'L',
    en: reasonEn,
    zh: reasonZh,
  })
  switch (why) {
    case 'still':
      return told(litres, `${en} in ${durationEn(ms)}`, `${durationZh(ms)}内用水${zh}`)
    case 'trickle':
      return told(
        litres,
        `nobody has drawn water for ${durationEn(ms)}: of ${en} all ran without a stop`,
        `${durationZh(ms)}无人用水:${zh}均为持续细流`,
      )
    case 'own':
      return told(
        litres,
        `${en} in ${durationEn(ms)}, longer than it ever is otherwise`,
        `${durationZh(ms)}内用水${zh},比平时间隔长`,
      )
    case 'step':
      return told(
        litres,
        `${en} in ${durationEn(ms)} on a dial of ten litres, far less than ever`,
        `${durationZh(ms)}内用水${zh},远低于平时`,
      )
    case 'weekday':
      return told(
        draft.ofDay,
        `${rounded(draft.ofDay, 0)} l yesterday, on the same weekday otherwise at least ${rounded(draft.least, 0)} l`,
        `昨日用水${rounded(draft.ofDay, 0)}升,往常同一天至少${rounded(draft.least, 0)}升`,
      )
    case 'overdue':
      return told(
        litres,
        `was to be back ${durationEn(ms)} ago, and ${en} ran since`,
        `应于${durationZh(ms)}前返回,此后用水${zh}`,
      )
  }
}

const endedNow = (draft: NoUseDraft): Report => ({
  value: null,
  threshold: draft.limit,
  unit: 'L',
  en: 'water is used again',
  zh: '已恢复用水',
})

/**
 * Nobody draws water where somebody lives alone. The city's rule (under 10 l in 24 h) is an alarm; what is unlike the
 * person's own four weeks is told earlier and softly.
 */
export const noUse = watchedOnly(
  watch<OwnUse, NoUseDraft>({
    name: 'noUse',
    type: 'noUse',
    kinds: HOUSEHOLD_METERS,
    reported: null,
    severity: (level) => (level === ALARM ? 'MAJOR' : 'MINOR'),
    measured: {
      kinds: HOUSEHOLD_METERS,
      quantities: ['volume'],
      draft: (memory) => ({
        ...draftOf(memory),
        why: 'still',
        from: 0,
        ofDay: 0,
        least: 0,
        limit: 0,
        peak: null,
        worst: QUIET,
        ...NO_LOW_DAY,
      }),
      keep: keepUse,
      judge,
      began: ({ from }) => from,
      // Unlike them, and over before its upload came: nobody has to look.
      negligible: ({ worst }) => worst !== ALARM,
      report,
      ended: (draft) => ({ now: endedNow(draft), peak: draft.peak }),
    },
  }),
)
