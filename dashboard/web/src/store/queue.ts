import {
  ALARM_TYPES,
  type Alarm,
  isActive,
  SEVERITIES,
  type Severity,
  severityRank,
} from '../../../../contract/alarms.ts'
import type { Place } from '../../../../contract/api.ts'
import type { Incident, IncidentKind } from '../../../../contract/incidents.ts'
import { placesUpwards } from '../../../../contract/place-tree.ts'
import type { ConsoleState, DeviceFacts } from './console-state.ts'

/** The dispatcher's queue: what comes first, and what is one row. */

export type AlarmGroup = (typeof ALARM_TYPES)[keyof typeof ALARM_TYPES]['group']
export const ALARM_GROUPS = ['fire', 'care', 'water', 'device'] as const satisfies readonly AlarmGroup[]

export interface QueueFilter {
  readonly group: AlarmGroup | null
  readonly activeOnly: boolean
}

/** Alarms that no open incident has joined: one type at one site. */
export interface AlarmRow {
  readonly type: 'alarms'
  readonly key: string
  /** The alarm that speaks for the row: its first by urgency. */
  readonly lead: Alarm
  /** Most urgent first, `lead` included. */
  readonly members: readonly Alarm[]
  readonly unacknowledged: number
  readonly siteId: string | null
}

/** An open incident with everything that joined it. */
export interface IncidentRow {
  readonly type: 'incident'
  readonly key: string
  readonly incident: Incident
  /** 1 while nobody has taken it. */
  readonly unacknowledged: number
}

export type QueueRow = AlarmRow | IncidentRow
type Queue = Pick<ConsoleState, 'alarms' | 'incidents'>

export const isUnacknowledged = (alarm: Alarm): boolean => alarm.state.endsWith('_UNACK')
export const isUntaken = (incident: Incident): boolean => incident.acknowledgedBy === null
const stillGoesOn = (incident: Incident): boolean => incident.sources.some((source) => source.active)

/** The open incident that answers for an alarm: what is done about the alarm is done there. */
export const incidentOf = (alarm: Alarm, incidents: Queue['incidents']): Incident | undefined =>
  alarm.incidentId === null ? undefined : incidents.get(alarm.incidentId)

/** Whether a person has still to answer for it, at the alarm or at its incident. */
export function isWaiting(alarm: Alarm, incidents: Queue['incidents']): boolean {
  const incident = incidentOf(alarm, incidents)
  return isUnacknowledged(alarm) && (incident === undefined || isUntaken(incident))
}

interface Weight {
  readonly waiting: boolean
  readonly real: boolean
  readonly severity: Severity
  readonly people: boolean
  readonly sure: boolean
  readonly active: boolean
  readonly at: number
  readonly id: string
}

/** People may be in danger; of an outage or a duty check nobody asks whether it is believed either. */
export const isOfPeople = ({ kind }: Incident): boolean => kind === 'fire' || kind === 'care'

const weightOfAlarm = (alarm: Alarm): Weight => ({
  waiting: isUnacknowledged(alarm),
  real: true,
  severity: alarm.severity,
  people: false,
  sure: true,
  active: isActive(alarm),
  at: alarm.raisedAt,
  id: alarm.id,
})

const weightOfRow = (row: QueueRow): Weight =>
  row.type === 'alarms'
    ? weightOfAlarm(row.lead)
    : {
        waiting: row.unacknowledged > 0,
        real: row.incident.mode === 'real',
        severity: row.incident.severity,
        people: isOfPeople(row.incident),
        sure: row.incident.verification === 'confirmed' || !isOfPeople(row.incident),
        active: stillGoesOn(row.incident),
        at: row.incident.openedAt,
        id: row.incident.id,
      }

/** Waiting before taken, real before test, worse before lesser, people before things, sure before suspected, active before over, newer first. */
const compareWeights = (a: Weight, b: Weight): number =>
  Number(b.waiting) - Number(a.waiting) ||
  Number(b.real) - Number(a.real) ||
  severityRank(a.severity) - severityRank(b.severity) ||
  Number(b.people) - Number(a.people) ||
  Number(b.sure) - Number(a.sure) ||
  Number(b.active) - Number(a.active) ||
  b.at - a.at ||
  (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

export const compareAlarms = (a: Alarm, b: Alarm): number => compareWeights(weightOfAlarm(a), weightOfAlarm(b))

/**
 * The parts of the queue from the top: what is urgent and nobody has; incidents of people that somebody works on; what
 * else waits; what is known.
 */
export const QUEUE_SECTIONS = ['urgent', 'working', 'waiting', 'known'] as const
export type QueueSection = (typeof QUEUE_SECTIONS)[number]

export function sectionOf(row: QueueRow): QueueSection {
  const { waiting, real, severity } = weightOfRow(row)
  if (waiting) return real && severity === 'CRITICAL' ? 'urgent' : 'waiting'
  return row.type === 'incident' && isOfPeople(row.incident) && real ? 'working' : 'known'
}

/** Where people respond: a care home, a dwelling, a village, a plant. */
const SITES: ReadonlySet<Place['kind']> = new Set(['home', 'dwelling', 'village', 'plant'])
/** From the place up to its county. */
export const placeChain = (placeId: string | null | undefined, places: ReadonlyMap<string, Place>): readonly Place[] =>
  placesUpwards(placeId, (id) => places.get(id))

/** The place where people respond to something at `placeId`; the place itself where the tree names none. */
function siteOf(placeId: string | null | undefined, places: ReadonlyMap<string, Place>): Place | undefined {
  const chain = placeChain(placeId, places)
  return chain.find((place) => SITES.has(place.kind)) ?? chain[0]
}

export const placeOfAlarm = (alarm: Alarm, devices: ReadonlyMap<string, DeviceFacts>): string | null =>
  alarm.placeId ?? (alarm.deviceId ? (devices.get(alarm.deviceId)?.place?.id ?? null) : null)

export const passes = (alarm: Alarm, filter: QueueFilter): boolean =>
  (filter.group === null || ALARM_TYPES[alarm.type].group === filter.group) && (!filter.activeOnly || isActive(alarm))

const GROUP_OF: Readonly<Record<IncidentKind, AlarmGroup>> = {
  fire: 'fire',
  care: 'care',
  water: 'water',
  outage: 'device',
  duty: 'fire',
}
const incidentPasses = (incident: Incident, filter: QueueFilter): boolean =>
  (filter.group === null || GROUP_OF[incident.kind] === filter.group) && (!filter.activeOnly || stillGoesOn(incident))

let lone: (Queue & { readonly found: readonly Alarm[] }) | undefined

/** Alarms that no open incident answers for. Looked for once per change: counts, filters and rows all ask. */
function loneAlarms({ alarms, incidents }: Queue): readonly Alarm[] {
  if (lone?.alarms !== alarms || lone.incidents !== incidents) {
    const found = [...alarms.values()].filter((alarm) => incidentOf(alarm, incidents) === undefined)
    lone = { alarms, incidents, found }
  }
  return lone.found
}

/** How many rows' worth of a group there is: what a filter's button says. */
export function countPassing(queue: Queue, filter: QueueFilter): number {
  const incidents = [...queue.incidents.values()].filter((incident) => incidentPasses(incident, filter))
  return incidents.length + loneAlarms(queue).filter((alarm) => passes(alarm, filter)).length
}

const rowsOfIncidents = new WeakMap<Incident, IncidentRow>()

/** The same row as long as the incident is the same: what has not changed is not drawn again when another alarm comes. */
function rowOfIncident(incident: Incident): IncidentRow {
  let row = rowsOfIncidents.get(incident)
  if (row === undefined) {
    const unacknowledged = Number(isUntaken(incident))
    row = { type: 'incident', key: `incident/${incident.id}`, incident, unacknowledged }
    rowsOfIncidents.set(incident, row)
  }
  return row
}

/** Every open incident is one row; alarms of one site and one type that belong to none are one row. The most urgent first. */
export function queueOf(
  state: Pick<ConsoleState, 'alarms' | 'incidents' | 'devices' | 'places'>,
  filter: QueueFilter,
): readonly QueueRow[] {
  const incidents = [...state.incidents.values()]
    .filter((incident) => incidentPasses(incident, filter))
    .map(rowOfIncident)
  const alarms = foldAlarms(
    loneAlarms(state).filter((alarm) => passes(alarm, filter)),
    state.devices,
    state.places,
  )
  return [...incidents, ...alarms]
    .map((row) => ({ row, section: QUEUE_SECTIONS.indexOf(sectionOf(row)), weight: weightOfRow(row) }))
    .sort((a, b) => a.section - b.section || compareWeights(a.weight, b.weight))
    .map(({ row }) => row)
}

function foldAlarms(
  alarms: Iterable<Alarm>,
  devices: ReadonlyMap<string, DeviceFacts>,
  places: ReadonlyMap<string, Place>,
): readonly AlarmRow[] {
  const folds = new Map<string, { members: Alarm[]; siteId: string | null }>()
  for (const alarm of alarms) {
    const siteId = siteOf(placeOfAlarm(alarm, devices), places)?.id ?? null
    const key = `${alarm.type}@${siteId ?? alarm.deviceId ?? alarm.id}`
    const fold = folds.get(key)
    if (fold) fold.members.push(alarm)
    else folds.set(key, { members: [alarm], siteId })
  }
  return [...folds].map(([key, { members, siteId }]): AlarmRow => {
    members.sort(compareAlarms)
    const unacknowledged = members.filter(isUnacknowledged).length
    return { type: 'alarms', key, lead: members[0]!, members, siteId, unacknowledged }
  })
}

/** How many incidents and lone alarms of each severity are open, and how many of them nobody has. Tests and drills are none. */
export function countBySeverity(
  queue: Queue,
): Readonly<Record<Severity, { readonly open: number; readonly unacknowledged: number }>> {
  const counts = Object.fromEntries(SEVERITIES.map((s) => [s, { open: 0, unacknowledged: 0 }])) as Record<
    Severity,
    { open: number; unacknowledged: number }
  >
  const count = (severity: Severity, waiting: boolean): void => {
    counts[severity].open++
    if (waiting) counts[severity].unacknowledged++
  }
  for (const incident of queue.incidents.values())
    if (incident.mode === 'real') count(incident.severity, isUntaken(incident))
  for (const alarm of loneAlarms(queue)) if (alarm.mode === undefined) count(alarm.severity, isUnacknowledged(alarm))
  return counts
}
