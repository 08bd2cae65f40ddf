import { STAGES } from '../../contract/alone.ts'
import type { Incident } from '../../contract/incidents.ts'

/**
 * Who has not acknowledged in time is followed by the next. Step 0 is the telling itself; every further step tells the
 * next contacts, and behind the last named wait it is told again and again until a named person acknowledges. Numbers of
 * steps only grow: none comes twice, none is left out.
 */
const S = 1000
const MINUTE = 60 * S

/** ms from one step to the next: the first entry to step 1, the last one for every step behind it. */
type Waits = readonly [number, ...number[]]

const WAITS = {
  /** Steps at 30 s, 90 s, 210 s: own staff have one minute, neighbours three, the brigade five (1-3-5). */
  fire: [30 * S, MINUTE, 2 * MINUTE],
  /** As a fire until the minute of verification is over; then it is one, or it has ended. */
  preAlarm: [30 * S, MINUTE, 2 * MINUTE, 5 * MINUTE],
  /** Family, then the neighbour or cadre, then a visit. */
  care: [MINUTE, 2 * MINUTE, 3 * MINUTE],
  /** No button: water that did not run for a day. The next contacts are told as long after as they are given (alone.ts). */
  careByWater: [STAGES.family.minutes * MINUTE, STAGES.nearby.minutes * MINUTE, STAGES.visit.minutes * MINUTE],
  /** Nobody is hurt while it waits. */
  water: [10 * MINUTE, 20 * MINUTE, 30 * MINUTE],
  outage: [10 * MINUTE, 20 * MINUTE, 30 * MINUTE],
  /** GB 26875.1: alerts until answered, or 10 min. */
  duty: [2 * MINUTE, 2 * MINUTE, 2 * MINUTE],
} as const satisfies Record<string, Waits>

function waitsOf({ kind, verification }: Pick<Incident, 'kind' | 'verification'>): Waits {
  if (verification !== 'pre-alarm') return WAITS[kind]
  return kind === 'fire' ? WAITS.preAlarm : kind === 'care' ? WAITS.careByWater : WAITS[kind]
}

/** From `step` to the next, ms. */
function waitAfter(incident: Pick<Incident, 'kind' | 'verification'>, step: number): number {
  const waits = waitsOf(incident)
  return waits[Math.min(step, waits.length - 1)] as number
}

type Escalating = Pick<Incident, 'kind' | 'verification' | 'mode' | 'acknowledgedBy'>

/** The clock runs from `at`, behind the step it is at. A test and a drill are recorded, and call nobody. */
export const waiting = (
  incident: Escalating,
  step: number,
  at: number,
  wait = waitAfter(incident, step),
): Incident['escalation'] => ({
  step,
  nextAt: incident.mode === 'real' && incident.acknowledgedBy === null ? at + wait : null,
})

/** Nobody has it any more: the next contacts are told as soon as at the first time. */
export const waitingAnew = (incident: Escalating & Pick<Incident, 'escalation'>, at: number): Incident['escalation'] =>
  waiting(incident, incident.escalation.step, at, waitAfter(incident, 0))

/**
 * The incidents after each step that is due at `now`, in order: every step that was missed while nobody ran is taken, each
 * by its own time; a repetition of the last is taken once, and then waits from now.
 */
export function escalate(incident: Incident, now: number): readonly Incident[] {
  const taken: Incident[] = []
  const named = waitsOf(incident).length
  for (let current = incident; ; ) {
    const { step, nextAt } = current.escalation
    if (nextAt === null || nextAt > now) return taken
    const next = step + 1
    current = { ...current, escalation: waiting(current, next, next < named ? nextAt : now) }
    taken.push(current)
  }
}

/** A clock that was set back must not make a step wait longer than it ever does; one set forward moves nothing. */
export function notLater(incident: Incident, now: number): Incident {
  const { step, nextAt } = incident.escalation
  const latest = now + waitAfter(incident, step)
  if (nextAt === null || nextAt <= latest) return incident
  return { ...incident, escalation: { step, nextAt: latest } }
}
