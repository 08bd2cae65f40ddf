import { isActive } from '../../contract/alarms.ts'
import type { Incident } from '../../contract/incidents.ts'
import { watchTarget } from '../../contract/incidents.ts'
import type { Draft } from '../draft.ts'
import type { Cause } from '../stable-id.ts'
import { unanswered } from './duty.ts'
import { escalate, notLater } from './escalation.ts'
import { confirmed } from './life.ts'
import { confirmedByTime, evidenceOf, VERIFY_WITHIN_MS } from './verification.ts'
import { isEndless, watchTargetsOf } from './watch-modes.ts'

/** GB 26875.1: a duty check alerts for 10 min at most. What would run longer was asked before the clock was set back. */
const LONGEST_DUTY_MS = 10 * 60_000

/** Incidents whose time has come, in one transaction: 15 ms. A city in alarm must not hold up the next fire. */
const AT_ONCE = 100

/**
 * What the passing of time makes of incidents, watch modes and duty checks, on the draft. Once a second.
 * @returns whether there is more to do at once
 */
export function letTimePass(draft: Draft, cause: Cause, now: number): boolean {
  let passed = 0
  for (const incident of [...draft.handling.openIncidents()]) {
    if (!pass(draft, incident, now)) continue
    passed += 1
    if (passed === AT_ONCE) return true
  }
  for (const watch of [...draft.handling.watchModes()])
    if (watch.until <= now || isEndless(watch.until, now)) {
      draft.handling.setWatch(watch, true)
      draft.event({ at: now, commandId: null, actor: null, type: 'watch.changed', watch })
      endOfWatch(draft, watchTarget(watch), cause)
    }
  for (const duty of [...draft.handling.dutyChecks()])
    if (duty.settled === null && (duty.dueAt <= now || duty.dueAt > now + LONGEST_DUTY_MS))
      unanswered(draft, duty, cause, now)
  return false
}

/** @returns whether anything has changed */
function pass(draft: Draft, incident: Incident, now: number): boolean {
  let current = sooner(incident, now)
  if (current !== incident) draft.handling.setIncident(current)
  if (current.verifyBy !== null && current.verifyBy <= now) {
    const burns = confirmedByTime(
      current.sources.map((source) => ({ evidence: evidenceOf(source), active: source.active })),
    )
    current = burns ? confirmed(current, 'time', current.verifyBy, now) : { ...current, verifyBy: null }
    draft.change({ incident: current, event: burns ? 'incident.confirmed' : 'incident.updated', alarmId: null })
  }
  if (current.kind === 'outage' && current.acknowledgedBy !== null && isBack(draft, current)) {
    const over = { closedAt: now, closedBy: null, disposition: 'unknown', cause: 'network' } as const
    draft.change({ incident: { ...current, ...over, state: 'closed' }, event: 'incident.closed', alarmId: null })
    return true
  }
  for (const next of escalate(current, now)) {
    current = next
    draft.change({ incident: next, event: 'incident.escalated', alarmId: null })
  }
  return current !== incident
}

/** Somebody has seen the outage, and everybody is heard again. */
function isBack(draft: Draft, { id }: Incident): boolean {
  for (const alarm of draft.openAlarms()) if (alarm.incidentId === id) return false
  return true
}

/** After the clock was set back nothing waits longer than it ever does. */
function sooner(incident: Incident, now: number): Incident {
  const next = notLater(incident, now)
  if (next.verifyBy === null || next.verifyBy <= now + VERIFY_WITHIN_MS) return next
  return { ...next, verifyBy: now + VERIFY_WITHIN_MS }
}

/** What still holds when its test, drill or isolation ends is real from now on. */
function endOfWatch(draft: Draft, target: string, cause: Cause): void {
  for (const alarm of [...draft.openAlarms()]) {
    if (alarm.mode === undefined || !isActive(alarm)) continue
    if (watchTargetsOf(alarm, draft.handling.places).includes(target)) draft.seeAgain(alarm, cause)
  }
}
