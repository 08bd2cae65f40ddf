import type { Alarm, AlarmType } from '../../contract/alarms.ts'
import { isActive, severityRank } from '../../contract/alarms.ts'
import { incidentCell } from '../../contract/incident-cell.ts'
import type { Incident, IncidentKind, IncidentMode } from '../../contract/incidents.ts'
import { isOpenIncident } from '../../contract/incidents.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import { fireZoneOf } from './fire-zone.ts'
import type { KnownHandling } from './handling.ts'
import { joiningKey } from './joining-key.ts'
import {
  type Change,
  confirmed,
  opened,
  reopened,
  unacknowledged,
  type Where,
  withAlarm,
  withAlarmAsItIs,
} from './life.ts'
import { AFTER_RESET_MS, confirmedBy, evidenceOf, VERIFY_WITHIN_MS, type Witness } from './verification.ts'
import { incidentModeOf, marked, watchOver } from './watch-modes.ts'

/** A new alarm so soon after the closing is the same thing again, and opens the same incident. ms. */
export const REOPEN_MS = 10 * 60_000

/**
 * Whoever took an incident took what was there. So long after, another alarm is news to them too: a fire that was put out
 * and never closed must not hide the next. ms.
 */
const NEWS_AFTER_MS = REOPEN_MS

/** A fact that is known late belongs to an incident from so long before its first alarm. ms. */
const JOIN_BACK_MS = 10 * 60_000

/** What was observed, and the alarm as it was before and is now. */
export interface Observed {
  readonly alarm: Alarm
  readonly before: Alarm | undefined
  /** Its condition was seen now: no end, and nothing of the past. */
  readonly seenNow: boolean
  /** Where its device stands in the registry now; the alarm keeps where it was. */
  readonly device: Pick<RegisteredDevice, 'kind'>
  /** Arrival of the message, ms since 1970. */
  readonly arrivedAt: number
  readonly newId: () => string
}

export interface Joined {
  readonly alarm: Alarm
  readonly changes: readonly Change[]
  /** Alarms that stood alone (isolated) and belong to an incident now. */
  readonly alsoJoined: readonly Alarm[]
}

/**
 * An alarm and its incident: the alarms of one home or dwelling and one kind are one incident, as long as it is open and
 * for a short time after. Late and replayed facts join what is open and open nothing. Pure.
 */
export function join(observed: Observed, known: KnownHandling, now: number): Joined {
  const { before, seenNow, arrivedAt } = observed
  const mayOpen = seenNow && opens(observed)
  const kind = kindOf(observed.alarm)
  const watch = seenNow ? watchOver(observed.alarm, arrivedAt, known) : undefined
  // A drill and a test are of fire and care; a detector that falls silent meanwhile, or a leak, is no part of them.
  const watched = kind !== undefined || watch?.mode === 'isolated' ? watch : undefined
  const alarm = seenNow ? marked(observed.alarm, before, watched) : observed.alarm
  const mode = incidentModeOf(alarm)
  const of = alarm.incidentId === null ? undefined : known.incident(alarm.incidentId)
  if (of !== undefined && isOpenIncident(of) && (mode === undefined || mode === of.mode || !seenNow))
    return seenAgain(alarm, of, observed, known, now)
  if (kind === undefined || (!isActive(alarm) && before !== undefined)) return alone(alarm)
  const where = whereOf(alarm, known)
  const there = known.incidentAt(joiningKey({ kind, mode: mode ?? 'real', ...where }))
  const open = there !== undefined && isOpenIncident(there) && isOfItsTime(alarm, there, seenNow) ? there : undefined
  if (open !== undefined) return joins(alarm, open, [], observed, known, now)
  if (mode === undefined || !mayOpen) return alone(alarm)
  return opensOne(alarm, { kind, mode, where }, there, observed, known, now)
}

/** What is known only afterwards belongs to the incident in whose time it was measured. */
const isOfItsTime = ({ raisedAt }: Alarm, { openedAt }: Incident, seenNow: boolean): boolean =>
  seenNow || raisedAt >= openedAt - JOIN_BACK_MS

const alone = (alarm: Alarm): Joined => ({ alarm, changes: [], alsoJoined: [] })

const FIRE_TYPES: readonly AlarmType[] = [
  'smoke',
  'heat',
  'co',
  'gas',
  'detectorAlarm',
  'callPoint',
  'electrical',
  'cableHeat',
]

/** Somebody's call, and the water of who lives alone. */
const CARE_TYPES: readonly AlarmType[] = ['panic', 'noUse', 'overUse']

/** Which incident an alarm is part of. Water and devices have none of their own; an outage is joined by its cause. */
const kindOf = ({ type }: Alarm): Extract<IncidentKind, 'fire' | 'care'> | undefined =>
  FIRE_TYPES.includes(type) ? 'fire' : CARE_TYPES.includes(type) ? 'care' : undefined

/**
 * An electrician is sent to a residual current, and somebody looks at a meter or a door that alarms by itself: such an
 * alarm is a fact of a fire that is there, and opens none. So is water that is only unlike a person.
 */
const opens = ({ alarm, device }: Observed): boolean => {
  if (alarm.type === 'electrical' || alarm.type === 'cableHeat') return false
  // Unlike the person is something to look at; the city's rule sends somebody to the door.
  if (alarm.type === 'noUse' || alarm.type === 'overUse') return alarm.severity === 'MAJOR'
  if (alarm.type !== 'detectorAlarm') return true
  return alarm.severity === 'CRITICAL' || alarm.test || device.kind === 'fire-panel' || device.kind === 'fire-detector'
}

/** A device that is in no home and no dwelling is its own premises; what hangs on a fire panel is where the panel is. */
function whereOf({ deviceId, placeId }: Alarm, known: KnownHandling): Where {
  const premises = known.places.premisesOf(placeId)
  if (premises !== undefined) return { premisesId: premises.id, placeId, cell: null }
  return {
    premisesId: null,
    placeId,
    cell:
      deviceId === null
        ? incidentCell('place', placeId ?? '')
        : incidentCell('device', known.panelOf(deviceId) ?? deviceId),
  }
}

/** One of an incident's alarms is seen again, has ended, or has become worse. */
function seenAgain(alarm: Alarm, of: Incident, observed: Observed, known: KnownHandling, now: number): Joined {
  const isAgain = isNews(alarm, of, observed)
  const asItIs = withAlarmAsItIs(of, alarm)
  const updated = isAgain ? { ...unacknowledged(asItIs, now), lastAt: Math.max(of.lastAt, alarm.lastAt) } : asItIs
  const changes: Change[] = []
  if (updated !== of)
    changes.push({ incident: updated, event: isAgain ? 'incident.reopened' : 'incident.updated', alarmId: alarm.id })
  if (observed.seenNow) judge(changes, updated, of, alarm, observed, known, now)
  return { alarm, changes, alsoJoined: [] }
}

function joins(
  alarm: Alarm,
  incident: Incident,
  isolated: readonly Alarm[],
  observed: Observed,
  known: KnownHandling,
  now: number,
  event: 'incident.opened' | 'incident.reopened' | 'incident.joined' = 'incident.joined',
): Joined {
  const alarms = [...isolated, alarm].map((one) => ({ ...one, incidentId: incident.id }))
  let joined = incident
  for (const one of alarms) joined = withAlarm(joined, one, isNewDevice(one, joined, known))
  const isAgain = isNews(alarm, incident, observed)
  if (isAgain) joined = unacknowledged(joined, now)
  const changes: Change[] = [{ incident: joined, event: isAgain ? 'incident.reopened' : event, alarmId: alarm.id }]
  if (observed.seenNow) judge(changes, joined, incident, alarm, observed, known, now)
  return { alarm: { ...alarm, incidentId: incident.id }, changes, alsoJoined: alarms.slice(0, -1) }
}

/** Whether an alarm that begins, or a button that is pressed again, comes so late that it rings again. */
function isNews(alarm: Alarm, incident: Incident, { before, seenNow, arrivedAt }: Observed): boolean {
  const { acknowledgedAt, lastAt, mode } = incident
  if (acknowledgedAt === null || mode !== 'real' || !seenNow || !isActive(alarm)) return false
  if (evidenceOf(alarm) === 'none') return false
  if (before !== undefined && isActive(before) && alarm.type !== 'panic') return false
  return !arrivedWithin(NEWS_AFTER_MS, Math.max(acknowledgedAt, lastAt, before?.lastAt ?? 0), arrivedAt)
}

function opensOne(
  alarm: Alarm,
  { kind, mode, where }: { readonly kind: IncidentKind; readonly mode: IncidentMode; readonly where: Where },
  closed: Incident | undefined,
  observed: Observed,
  known: KnownHandling,
  now: number,
): Joined {
  // What stood alone because it was isolated counts as soon as something that is not isolated alarms too.
  const isolated = mode === 'real' ? isolatedAt(joiningKey({ kind, mode, ...where }), alarm, known) : []
  if (closed !== undefined && closed.closedAt !== null && arrivedWithin(REOPEN_MS, closed.closedAt, observed.arrivedAt))
    return joins(alarm, reopened(closed, now), isolated, observed, known, now, 'incident.reopened')
  const { severity, raisedAt, noticedAt } = alarm
  const openedAt = alarm.mode === undefined && observed.before?.mode !== undefined ? alarm.lastAt : raisedAt
  const facts = { ...where, id: observed.newId(), kind, mode, severity, openedAt }
  const noticed = observed.before === undefined ? noticedAt : observed.arrivedAt
  const incident = opened({ ...facts, noticedAt: noticed }, now)
  return joins(alarm, incident, isolated, observed, known, now, 'incident.opened')
}

/** Also after the clock was set back. */
const arrivedWithin = (ms: number, since: number, arrivedAt: number): boolean => Math.abs(arrivedAt - since) <= ms

function isolatedAt(key: string, alarm: Alarm, known: KnownHandling): readonly Alarm[] {
  // As long as nothing is isolated, there is no need to look through all the city's alarms.
  if (![...known.watchModes()].some(({ mode }) => mode === 'isolated')) return []
  return [...known.alarms.openAlarms()].filter((other) => {
    if (other.mode !== 'isolated' || other.incidentId !== null || other.id === alarm.id || !isActive(other))
      return false
    const kind = kindOf(other)
    return kind !== undefined && joiningKey({ kind, mode: 'real', ...whereOf(other, known) }) === key
  })
}

function isNewDevice({ id, deviceId }: Alarm, incident: Incident, { alarms }: KnownHandling): boolean {
  if (incident.sources.some((source) => source.deviceId === deviceId)) return false
  // Beyond what an incident lists, the device's other alarms say it.
  if (incident.alarms === incident.sources.length || deviceId === null) return true
  return !FIRE_TYPES.some((type) => {
    const other = alarms.openAlarm(deviceId, type)
    return other !== undefined && other.id !== id && other.incidentId === incident.id
  })
}

/** Whether it is believed now, and whether that is more than what somebody has taken. */
function judge(
  changes: Change[],
  incident: Incident,
  before: Incident,
  alarm: Alarm,
  observed: Observed,
  known: KnownHandling,
  now: number,
): void {
  const alarmId = alarm.id
  const worse = severityRank(incident.severity) < severityRank(before.severity)
  const amend = (next: Incident, event: Change['event'] | undefined): void => {
    if (event === undefined) changes.splice(-1, 1, { ...(changes.at(-1) as Change), incident: next })
    else changes.push({ incident: next, event, alarmId })
  }
  let current = incident
  if (worse && current !== unacknowledged(current, now)) {
    current = unacknowledged(current, now)
    amend(current, changes.length > 0 ? undefined : 'incident.updated')
  }
  if (current.verification === 'confirmed') return
  const by = confirmedBy(witnessOf(alarm, known), othersOf(current, alarm, known), sceneOf(alarm, observed, known))
  if (by !== undefined) {
    amend(confirmed(unacknowledged(current, now), by, observed.arrivedAt, now), 'incident.confirmed')
    return
  }
  const evidence = evidenceOf(alarm)
  if (current.verifyBy !== null || evidence !== 'alarm' || current.mode !== 'real') return
  current = { ...current, verifyBy: observed.arrivedAt + VERIFY_WITHIN_MS }
  amend(current, changes.length > 0 ? undefined : 'incident.updated')
}

const witnessOf = (
  alarm: Pick<Alarm, 'deviceId' | 'placeId' | 'type' | 'severity' | 'state' | 'raisedAt'>,
  { places }: KnownHandling,
): Witness => ({
  deviceId: alarm.deviceId ?? '',
  type: alarm.type,
  zone: fireZoneOf(places, alarm.placeId),
  evidence: evidenceOf(alarm),
  at: alarm.raisedAt,
  active: isActive(alarm),
})

const othersOf = (incident: Incident, alarm: Alarm, { places }: KnownHandling): readonly Witness[] =>
  incident.sources
    .filter(({ alarmId }) => alarmId !== alarm.id)
    .map(({ deviceId, placeId, type, severity, at, active }) => ({
      deviceId: deviceId ?? '',
      type,
      zone: fireZoneOf(places, placeId),
      evidence: evidenceOf({ type, severity }),
      at,
      active,
    }))

function sceneOf(alarm: Alarm, { arrivedAt }: Observed, known: KnownHandling): Parameters<typeof confirmedBy>[2] {
  const premises = known.places.premisesOf(alarm.placeId)
  return {
    nobodyToLook: premises === undefined || premises.kind === 'dwelling' || !known.isStaffed(premises.id, arrivedAt),
    afterReset: known.places.upwards(alarm.placeId).some(({ id }) => {
      const at = known.resetAt(id)
      return at !== undefined && arrivedAt > at && arrivedAt - at <= AFTER_RESET_MS
    }),
  }
}
