import type { NightFinding } from '../zones/night-loss.ts'

/**
 * What people are told of a zone's loss. Judging is a function of what is known and changes its mind as late uploads come in;
 * people are called once for a leak. Pure.
 */

/** `gone`: late readings have shown that the loss never was. */
export interface ZoneFinding {
  readonly type: NightFinding['type'] | 'gone'
  /** The night that decided it. */
  readonly day: number
  readonly since: number
  /** Where it was told with another beginning before. */
  readonly toldSince?: number
  readonly m3h: number
  /** Of the zone's mean inflow in the 24 h that end with the night, 0…1. */
  readonly share: number
  readonly reported: number
  /** Household meters. */
  readonly meters: number
}

/** A loss that people know of, as they were told of it last. Plain JSON. */
export interface ToldLoss {
  readonly since: number
  readonly m3h: number
  /** The last of the nights that have carried it, ascending. */
  readonly nights: readonly number[]
}

/** A night as it stands now. */
export interface SeenNight {
  readonly day: number
  readonly isJudged: boolean
  /** What is lost beyond the usual, m³/h; null while that is learnt. */
  readonly beyondM3h: number | null
  /** Likely use of the meters that were not heard of, m³/h: what a late upload can move. */
  readonly unheardM3h: number
}

type Loss = Pick<ToldLoss, 'since' | 'm3h'>

/** What judging has come to. */
export interface Judged {
  /** The first night that was never judged before. */
  readonly next: number
  /** The loss that is open before `next`; null where judging does not get so far any more. */
  readonly past: { readonly open: Loss | undefined } | null
  /** The loss that is open behind all that was judged. */
  readonly now: Loss | undefined
  /** From the first night that was looked at again. */
  readonly nights: readonly SeenNight[]
  readonly found: readonly ZoneFinding[]
  /** A loss that began then has been open before. */
  readonly wasOpen: (since: number) => boolean
  /** A finding with what its night says of the zone. */
  readonly finding: (type: ZoneFinding['type'], loss: Loss, day: number) => ZoneFinding
}

/** What is told of a loss is told again where it differs from this digit on, m³/h. */
const TOLD_DIGIT = 100
/** Nights that are kept of those that carried a loss: as many as may be judged anew. */
export const KEPT_NIGHTS = 12
/** An end that a late upload could still move is told when so many nights more have shown it (docs/adr/0030). */
const SETTLED_NIGHTS = 2
/** It could, where meters that likely use more than this share of the loss were not heard of: one may use many times of what is likely. */
const MOVES_SHARE = 0.005
/** The nights that an end is decided by, its own the last. */
const ENDING_NIGHTS = 3
/** A night with less than this share of the loss beyond the usual is sound again (`night-loss.ts`: a fall to a half is its end). */
const SOUND_SHARE = 0.5

const isSameSize = (a: number, b: number): boolean => Math.round(a * TOLD_DIGIT) === Math.round(b * TOLD_DIGIT)
const isSame = (a: Loss, b: Loss): boolean => a.since === b.since && isSameSize(a.m3h, b.m3h)

/** @returns what is to be said now, in its order, and what people know after it */
export function tellLoss(
  told: ToldLoss | undefined,
  judged: Judged,
): { readonly told: ToldLoss | undefined; readonly findings: readonly ZoneFinding[] } {
  const { next, past, now, nights, finding } = judged
  // Nights that have carried it cannot be judged at the moment: it stays as it was told.
  if (past === null && told !== undefined) return { told, findings: [] }
  const findings: ZoneFinding[] = []
  let open: Loss | undefined = told
  /** Of what is told as open: it has ended, which may not be sure yet. */
  let end: ZoneFinding | undefined
  const say = (one: ZoneFinding): void => {
    findings.push(one)
    open = { since: one.type === 'more' && open !== undefined ? open.since : one.since, m3h: one.m3h }
  }
  const restate = (loss: Loss, day: number): void => {
    if (open === undefined || isSame(loss, open)) return
    findings.push({ ...finding('more', loss, day), toldSince: open.since })
    open = loss
  }

  let fresh = judged.found.filter(({ day }) => day >= next)
  const before = past === null ? now : past.open
  if (before === undefined) end = told && endOf(told, judged)
  else if (open !== undefined) restate(before, next - 1)
  // Its end is now another night's than was told; it was over before and is over: nobody is called for it again.
  else if (fresh[0]?.type === 'over' && judged.wasOpen(before.since)) fresh = fresh.slice(1)
  else say(finding('loss', before, next - 1))
  for (const one of fresh)
    if (one.type === 'over') end = open && one
    else {
      const isOver = end !== undefined && isSettled(end, told, nights, one.since)
      if (end !== undefined && isOver) findings.push(end)
      // What is seen again before its end was sure is the same loss, and nobody is called for it a second time.
      if (end !== undefined && !isOver && open !== undefined && one.type === 'loss') {
        findings.push({ ...one, type: 'more', toldSince: open.since })
        open = one
      } else say(one)
      end = undefined
    }
  // A loss may shrink, or grow a little, without a night of its own that says so.
  const last = nights.at(-1)
  if (now !== undefined && last !== undefined) restate(now, last.day)
  if (end !== undefined && isSettled(end, told, nights)) {
    findings.push(end)
    return { told: undefined, findings }
  }
  if (now === undefined) return { told: open && (told ?? { ...open, nights: [] }), findings }
  const { since, m3h } = now
  return { told: { since, m3h, nights: carrying(now, told, nights) }, findings }
}

/** What has become of a loss that judging does not know of any more; undefined: the nights that carried it cannot be judged. */
function endOf(told: ToldLoss, { found, next, nights, finding }: Judged): ZoneFinding | undefined {
  const over = found.findLast(({ type, day }) => type === 'over' && day < next)
  if (over !== undefined) return over
  const carried = nights.filter(({ day }) => told.nights.includes(day))
  if (carried.length > 0 && carried.every(({ isJudged }) => isJudged)) return finding('gone', told, next - 1)
  // They were lost for good: the ones behind them decide.
  const last = lastOf(told)
  const behind = judgedBehind(last, nights)
  return behind.length >= SETTLED_NIGHTS ? finding('over', told, behind.at(-SETTLED_NIGHTS)!.day) : undefined
}

const lastOf = ({ since, nights }: ToldLoss): number => nights.at(-1) ?? since
const judgedBehind = (day: number, nights: readonly SeenNight[]): readonly SeenNight[] =>
  nights.filter((night) => night.isJudged && night.day > day)

/**
 * Whether no late upload is likely to bring the loss back: the nights behind its end are sound, and nearly all was heard or
 * they are enough. @param before the day up to which is looked
 */
function isSettled(
  { type, day, m3h }: ZoneFinding,
  told: ToldLoss | undefined,
  nights: readonly SeenNight[],
  before = Number.POSITIVE_INFINITY,
): boolean {
  const isGone = type === 'gone' && told !== undefined
  const ended = isGone ? lastOf(told) : day
  const behind = judgedBehind(ended, nights).filter((night) => night.day < before)
  const isEnough = behind.length >= SETTLED_NIGHTS
  const ending = nights.filter((night) => night.isJudged && night.day <= ended && night.day > ended - ENDING_NIGHTS)
  const carried = isGone ? ending.filter((night) => told.nights.includes(night.day)) : ending.slice(-1)
  const showing = isEnough ? behind.slice(-SETTLED_NIGHTS) : [...carried, ...behind]
  return (
    showing.every(({ beyondM3h }) => (beyondM3h ?? 0) < SOUND_SHARE * m3h) &&
    (isEnough || ending.every(({ unheardM3h }) => unheardM3h <= MOVES_SHARE * m3h))
  )
}

/** The nights that carry it now. */
function carrying({ since }: Loss, told: ToldLoss | undefined, nights: readonly SeenNight[]): number[] {
  const from = nights[0]?.day ?? Number.POSITIVE_INFINITY
  const kept = told?.nights.filter((day) => day >= since && day < from) ?? []
  const seen = nights.flatMap(({ day, isJudged }) => (isJudged && day >= since ? [day] : []))
  return [...kept, ...seen].slice(-KEPT_NIGHTS)
}
