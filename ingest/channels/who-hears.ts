import { createHash } from 'node:crypto'
import { severityRank } from '../../contract/alarms.ts'
import type { Place } from '../../contract/api.ts'
import type { ChannelRule, Occasion } from '../../contract/channels.ts'
import { CITY_TIME_ZONE } from '../../contract/city-time.ts'
import type { NewEvent } from '../../contract/events.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { IncidentNotice } from '../../contract/notice.ts'
import { publicPath } from '../../contract/public-place.ts'
import { isInShift } from '../../contract/shifts.ts'
import type { StoredChannel } from '../../store/state/channels-port.ts'
import type { NewMessage } from '../../store/state/outbox-port.ts'

export type NewIncidentEvent = Extract<NewEvent, { incident: unknown }>

/** What of an incident's story is told at all. A reopened one is news as a new one is. */
const TOLD: Readonly<Partial<Record<NewIncidentEvent['type'], Occasion>>> = {
  'incident.opened': 'opened',
  'incident.reopened': 'opened',
  'incident.confirmed': 'confirmed',
  'incident.escalated': 'escalated',
  'incident.told': 'told',
  'incident.closed': 'closed',
}

export const isTold = (event: NewEvent): event is NewIncidentEvent =>
  'incident' in event && TOLD[event.type] !== undefined

/**
 * Who hears of an incident event, and what. The same event gives the same messages with the same ids, however often it
 * is decided.
 *
 * @param path from the outermost place to the incident's own; empty: it is in no place
 */
export function whoHears(
  event: NewIncidentEvent,
  channels: readonly StoredChannel[],
  path: readonly Place[],
): readonly NewMessage[] {
  const happened = TOLD[event.type]
  if (happened === undefined) return []
  const { incident } = event
  const occasions: readonly Occasion[] =
    happened === 'opened' && incident.verification === 'confirmed' ? ['confirmed', 'opened'] : [happened]
  const within = new Set(path.map(({ id }) => id))
  const messages: NewMessage[] = []
  let notice: IncidentNotice | undefined
  for (const channel of channels) {
    if (channel.disabled) continue
    // "A fire" goes before "something new": who is to hear both, hears the one that says more, once.
    const occasion = occasions.find((one) => channel.rules.some((rule) => hears(rule, one, event, within)))
    if (occasion === undefined) continue
    notice ??= noticeOf(incident, path)
    const step = occasion === 'escalated' ? incident.escalation.step : 0
    messages.push({
      id: deliveryId(event, occasion, step, channel.id),
      incidentId: incident.id,
      channelId: channel.id,
      channelName: channel.name,
      occasion,
      step,
      urgent: incident.kind === 'fire' && incident.mode === 'real' && occasion !== 'closed',
      at: event.at,
      incident: notice,
    })
  }
  return messages
}

function hears(rule: ChannelRule, occasion: Occasion, event: NewIncidentEvent, within: ReadonlySet<string>): boolean {
  const { incident, at } = event
  if (!rule.occasions.includes(occasion)) return false
  if (rule.kinds.length > 0 && !rule.kinds.includes(incident.kind)) return false
  if (rule.placeId !== null && !within.has(rule.placeId)) return false
  if (occasion === 'escalated' && incident.escalation.step < rule.fromStep) return false
  // One key, everyone knows: a person has decided that these are to be told, whatever the hour.
  if (occasion === 'told') return true
  if (severityRank(incident.severity) > severityRank(rule.atLeast)) return false
  return rule.shift === null || isInShift(rule.shift, at, CITY_TIME_ZONE)
}

/**
 * What makes a message another one. What a person does may be done again (told twice, closed anew), and is then told
 * again; what Hydrant decides is told once for each step. A reopened incident begins its story anew.
 */
function deliveryId(event: NewIncidentEvent, occasion: Occasion, step: number, channelId: string): string {
  const again =
    event.type === 'incident.reopened'
      ? `reopened ${event.incident.lastAt} ${event.incident.alarms}`
      : occasion === 'told' || occasion === 'closed'
        ? (event.commandId ?? String(event.incident.closedAt ?? ''))
        : ''
  const digest = createHash('sha256').update([event.incident.id, occasion, step, channelId, again].join('\n')).digest()
  return `msg_${digest.subarray(0, ID_BYTES).toString('base64url')}`
}

/** 2^96 ids: no two messages of a city's lifetime share one. */
const ID_BYTES = 12

/** Field by field: what is not named here cannot be told. */
function noticeOf(incident: Incident, path: readonly Place[]): IncidentNotice {
  const where = path.findLast(({ lon, lat }) => lon !== null && lat !== null)
  return {
    id: incident.id,
    kind: incident.kind,
    state: incident.state,
    mode: incident.mode,
    verification: incident.verification,
    severity: incident.severity,
    placeId: incident.placeId,
    openedAt: incident.openedAt,
    noticedAt: incident.noticedAt,
    confirmedAt: incident.confirmedAt,
    acknowledgedAt: incident.acknowledgedAt,
    closedAt: incident.closedAt,
    alarms: incident.alarms,
    devices: incident.devices,
    disposition: incident.disposition,
    cause: incident.cause,
    place: [...publicPath(path)],
    lon: where?.lon ?? null,
    lat: where?.lat ?? null,
    alarmTypes: [...new Set(incident.sources.map(({ type }) => type))],
  }
}
