import type { Home } from '../../../../contract/home-answers.ts'
import type { DutyCheck } from '../../../../contract/incidents.ts'

/** What of a home wants somebody, the most urgent first. Pure; times are ms since 1970. */

/** `unchecked`: a duty check ran out without an answer. */
const CONCERN_KINDS = [
  'incidents',
  'alarm',
  'silent',
  'never',
  'unstaffed',
  'unchecked',
  'faulty',
  'overdue',
  'hazards',
] as const
export type ConcernKind = (typeof CONCERN_KINDS)[number]

export interface Concern {
  readonly kind: ConcernKind
  readonly count: number
}

/**
 * A fire drill at least every half-year: 机关、团体、企业、事业单位消防安全管理规定 (Order 61 of the Ministry of Public
 * Security), article 40, for premises of high fire risk, which homes for old people are.
 */
const DRILL_EVERY_MS = 183 * 86_400_000

type Answered = Pick<DutyCheck, 'askedAt' | 'dueAt' | 'answeredAt'>

export const isDrillDue = ({ kind, lastDrillAt }: Pick<Home, 'kind' | 'lastDrillAt'>, now: number): boolean =>
  kind === 'home' && (lastDrillAt === null || now - lastDrillAt > DRILL_EVERY_MS)

/** How a duty check stands: its time runs, it was answered in time or late, or its time is over. */
export function dutyState(
  { dueAt, answeredAt }: Answered,
  now: number,
): 'running' | 'answered' | 'late' | 'unanswered' {
  if (answeredAt !== null) return answeredAt <= dueAt ? 'answered' : 'late'
  return now < dueAt ? 'running' : 'unanswered'
}

export function concernsOf(home: Home, now: number): readonly Concern[] {
  const { devices, staff, lastDutyCheck } = home
  const counts: Record<ConcernKind, number> = {
    incidents: home.openIncidents,
    alarm: devices.alarm,
    silent: devices.silent,
    never: devices.never,
    // Where nobody has entered any staff, nothing is known; where they have, nobody is there.
    unstaffed: Number(home.kind === 'home' && staff.recorded > 0 && !staff.staffed),
    unchecked: Number(lastDutyCheck !== null && dutyState(lastDutyCheck, now) === 'unanswered'),
    faulty: devices.faulty,
    overdue: home.overdueHazards,
    hazards: home.openHazards - home.overdueHazards,
  }
  return CONCERN_KINDS.map((kind) => ({ kind, count: counts[kind] })).filter(({ count }) => count > 0)
}

/** How loud each is: a word beside it always says what it is. */
export const CONCERN_LOOKS: Readonly<Record<ConcernKind, 'critical' | 'major' | 'minor' | 'quiet'>> = {
  incidents: 'critical',
  alarm: 'critical',
  silent: 'major',
  never: 'major',
  unstaffed: 'major',
  unchecked: 'major',
  faulty: 'minor',
  overdue: 'minor',
  hazards: 'quiet',
}
