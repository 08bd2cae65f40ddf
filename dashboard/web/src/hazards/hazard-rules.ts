import { HAZARD_VERDICT_NAMES, type Hazard, type HazardVerdict, mayJudge } from '../../../../contract/hazards.ts'
import { ROLES, type Role } from '../../../../contract/roles.ts'

/** What a page says of a hazard before anybody clicks; the server decides. Pure. */

/** Whose verdict it is; an administrator may stand in. */
export const partyOf = (verdict: HazardVerdict): Role =>
  ROLES.find((role) => role !== 'admin' && mayJudge(role, verdict)) ?? 'admin'

export type WhyNot = 'closed' | 'not-claimed' | 'not-your-verdict' | 'one-verdict-each'

/** Why this person cannot give this verdict now; null: they can. */
export function whyNotJudge(
  hazard: Pick<Hazard, 'state' | 'verdicts'>,
  verdict: HazardVerdict,
  who: { readonly name: string; readonly role: Role },
): WhyNot | null {
  if (hazard.state === 'closed') return 'closed'
  if (!mayJudge(who.role, verdict)) return 'not-your-verdict'
  if (hazard.state === 'open') return 'not-claimed'
  const hasGivenAnother = HAZARD_VERDICT_NAMES.some((one) => one !== verdict && hazard.verdicts[one]?.by === who.name)
  return hasGivenAnother ? 'one-verdict-each' : null
}

const DAY_MS = 86_400_000

/** Whole days until a deadline; negative: since. The day itself is 0. Days are those of the city. */
export function daysLeft(dueAt: number, now: number, dayOf: (at: number) => string): number {
  const day = (at: number): number => Date.parse(dayOf(at)) / DAY_MS
  return day(dueAt) - day(now)
}

/** A remark with the times in it as a person reads them. */
export const withReadableTimes = (words: string, say: (at: number) => string): string =>
  words.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => say(Date.parse(iso)))
