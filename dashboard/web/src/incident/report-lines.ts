import type { Message } from '../../../../contract/channels.ts'
import type { HydrantEvent } from '../../../../contract/events.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { foldTimeline, type TimelineEntry } from '../queue/fold-timeline.ts'
import { storyOf } from './event-words.ts'

/** What the after-report says, cut so that it stays on one page of A4. Pure. */

/** Lines of the story that fit beside the longest of everything else. */
const LINES = 18

/** Who did what, oldest first. The beginning and the end of a long story stay; what was left out is counted. */
export function reportLines(timeline: readonly HydrantEvent[]): {
  readonly first: readonly TimelineEntry[]
  readonly leftOut: number
  readonly last: readonly TimelineEntry[]
} {
  // Messages have a table of their own.
  const story = storyOf(timeline).filter(({ type }) => !type.startsWith('message.'))
  const lines = foldTimeline(story).toReversed()
  if (lines.length <= LINES) return { first: lines, leftOut: 0, last: [] }
  const half = LINES / 2
  return { first: lines.slice(0, half), leftOut: lines.length - LINES, last: lines.slice(-half) }
}

/** One line per channel: how many messages, how many reached it. */
export function channelLines(
  messages: readonly Message[],
): readonly { readonly name: string; readonly sent: number; readonly lost: number; readonly waiting: number }[] {
  const byChannel = new Map<string, { name: string; sent: number; lost: number; waiting: number }>()
  for (const { channelId, channelName, state } of messages) {
    const line = byChannel.get(channelId) ?? { name: channelName, sent: 0, lost: 0, waiting: 0 }
    byChannel.set(channelId, line)
    if (state === 'sent') line.sent++
    else if (state === 'gave-up') line.lost++
    else line.waiting++
  }
  return [...byChannel.values()]
}

/** The steps of its life with when they were, in order; null: it never came to that. */
export const stepsOf = (
  incident: Pick<
    Incident,
    'openedAt' | 'noticedAt' | 'acknowledgedAt' | 'confirmedAt' | 'dispatchedAt' | 'onSceneAt' | 'closedAt'
  >,
) =>
  [
    { step: 'measured', at: incident.openedAt },
    { step: 'received', at: incident.noticedAt },
    { step: 'taken', at: incident.acknowledgedAt },
    { step: 'verified', at: incident.confirmedAt },
    { step: 'dispatched', at: incident.dispatchedAt },
    { step: 'on-scene', at: incident.onSceneAt },
    { step: 'closed', at: incident.closedAt },
  ] as const
