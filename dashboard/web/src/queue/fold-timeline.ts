import type { HydrantEvent } from '../../../../contract/events.ts'

/** One line of an alarm's timeline: an event, or a run of observations with nothing else in between. */
export interface TimelineEntry {
  /** The last event of the run. */
  readonly event: HydrantEvent
  /** When the run began; the event's own time where it stands alone. */
  readonly from: number
  readonly count: number
}

/** What comes many times over in a fire and says little each time. */
const FOLDED: ReadonlySet<HydrantEvent['type']> = new Set(['alarm.updated', 'alarm.cleared', 'incident.joined'])

/**
 * Newest first. A detector in a fire reports every few seconds: told one by one, its observations would bury who was
 * called and what was decided.
 */
export function foldTimeline(events: readonly HydrantEvent[]): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (const event of events) {
    const before = entries.at(-1)
    if (before?.event.type === event.type && FOLDED.has(event.type))
      entries[entries.length - 1] = { event, from: before.from, count: before.count + 1 }
    else entries.push({ event, from: event.at, count: 1 })
  }
  return entries.reverse()
}
