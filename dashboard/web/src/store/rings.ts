import { type Alarm, isActive } from '../../../../contract/alarms.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import type { ConsoleState } from './console-state.ts'
import { incidentOf, isUnacknowledged, isUntaken } from './queue.ts'

/**
 * What rings: an incident rings once for all its alarms, an alarm that no open incident answers for by itself. Ringing
 * ends when a named person takes it.
 */

/** `fire`: a siren. `pre-alarm`: calmer, somebody is to look. */
const URGENCIES = ['fire', 'pre-alarm'] as const
export type Urgency = (typeof URGENCIES)[number]

export interface Ring {
  /** Another one where a pre-alarm has become a fire: who muted the one has not muted the other. */
  readonly key: string
  readonly urgency: Urgency
  readonly incident: Incident | null
  readonly alarm: Alarm | null
  readonly since: number
  readonly active: boolean
}

type Heard = Pick<ConsoleState, 'alarms' | 'incidents'>

/**
 * What waits for a person aloud: fires before pre-alarms, what still goes on first, then the newest. A fire of the past
 * that a replay has found waits in the queue, in silence; so does a test or a drill.
 */
export function ringing({ alarms, incidents }: Heard): readonly Ring[] {
  const rings: Ring[] = []
  for (const incident of incidents.values()) {
    const urgency = urgencyOf(incident)
    if (urgency === null || !isUntaken(incident)) continue
    rings.push({
      key: `incident/${incident.id}/${urgency}`,
      urgency,
      incident,
      alarm: null,
      since: incident.noticedAt,
      active: incident.sources.some((source) => source.active),
    })
  }
  for (const alarm of alarms.values()) {
    if (alarm.severity !== 'CRITICAL' || !isUnacknowledged(alarm)) continue
    if (alarm.mode !== undefined || (alarm.replayed === true && !isActive(alarm))) continue
    // Unknown or closed, an incident answers for nothing: better one ring too many.
    if (incidentOf(alarm, incidents) !== undefined) continue
    rings.push({
      key: alarm.id,
      urgency: 'fire',
      incident: null,
      alarm,
      since: alarm.noticedAt,
      active: isActive(alarm),
    })
  }
  return rings.sort(
    (a, b) =>
      URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency) ||
      Number(b.active) - Number(a.active) ||
      b.since - a.since ||
      (a.key < b.key ? 1 : -1),
  )
}

/** An unanswered duty check alerts until somebody answers (GB 26875.1), but it is no fire. */
function urgencyOf({ kind, mode, severity, verification }: Incident): Urgency | null {
  if (mode !== 'real' || kind === 'outage') return null
  if (kind === 'duty') return 'pre-alarm'
  // Somebody who lives alone has drawn no water for a day: calmer than a fire, and yet somebody is to look.
  if (kind === 'care' && severity === 'MAJOR') return 'pre-alarm'
  if (severity !== 'CRITICAL') return null
  return verification === 'confirmed' ? 'fire' : 'pre-alarm'
}

/** What rings once and softly: an outage, a test, a drill. */
export const notices = (incidents: Heard['incidents']): readonly { readonly key: string; readonly at: number }[] =>
  [...incidents.values()]
    .filter(({ kind, mode }) => kind === 'outage' || mode !== 'real')
    .map(({ id, noticedAt }) => ({ key: id, at: noticedAt }))
