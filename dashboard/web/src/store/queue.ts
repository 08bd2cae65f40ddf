import {
  ALARM_TYPES,
  type Alarm,
  isActive,
  SEVERITIES,
  type Severity,
  severityRank,
} from '../../../../contract/alarms.ts'
import type { Place } from '../../../../contract/api.ts'
import type { DeviceFacts } from './console-state.ts'

/** The dispatcher's queue: what comes first, and what is one row. */

export type AlarmGroup = (typeof ALARM_TYPES)[keyof typeof ALARM_TYPES]['group']
export const ALARM_GROUPS = ['fire', 'care', 'water', 'device'] as const satisfies readonly AlarmGroup[]

export interface QueueFilter {
  readonly group: AlarmGroup | null
  readonly activeOnly: boolean
}

export interface QueueRow {
  readonly key: string
  /** The alarm that speaks for the row: its first by urgency. */
  readonly lead: Alarm
  /** Most urgent first, `lead` included. */
  readonly members: readonly Alarm[]
  readonly unacknowledged: number
  readonly siteId: string | null
}

export const isUnacknowledged = (alarm: Alarm): boolean => alarm.state.endsWith('_UNACK')

/** Unacknowledged before acknowledged, still active before over, worse before lesser, newer before older. */
export function compareAlarms(a: Alarm, b: Alarm): number {
  return (
    Number(isUnacknowledged(b)) - Number(isUnacknowledged(a)) ||
    severityRank(a.severity) - severityRank(b.severity) ||
    Number(isActive(b)) - Number(isActive(a)) ||
    b.raisedAt - a.raisedAt ||
    (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
  )
}

/** Where people respond: a care home, a dwelling, a village, a plant. */
const SITES: ReadonlySet<Place['kind']> = new Set(['home', 'dwelling', 'village', 'plant'])
/** No tree of places is deeper; guards against a circle in the registry. */
const DEEPEST = 12

/** From the place up to its county. */
export function placeChain(placeId: string | null | undefined, places: ReadonlyMap<string, Place>): readonly Place[] {
  const chain: Place[] = []
  let place = placeId ? places.get(placeId) : undefined
  while (place && chain.length < DEEPEST) {
    chain.push(place)
    place = place.parentId ? places.get(place.parentId) : undefined
  }
  return chain
}

/** The place where people respond to something at `placeId`; the place itself where the tree names none. */
function siteOf(placeId: string | null | undefined, places: ReadonlyMap<string, Place>): Place | undefined {
  const chain = placeChain(placeId, places)
  return chain.find((place) => SITES.has(place.kind)) ?? chain[0]
}

export const placeOfAlarm = (alarm: Alarm, devices: ReadonlyMap<string, DeviceFacts>): string | null =>
  alarm.placeId ?? (alarm.deviceId ? (devices.get(alarm.deviceId)?.place?.id ?? null) : null)

export const passes = (alarm: Alarm, filter: QueueFilter): boolean =>
  (filter.group === null || ALARM_TYPES[alarm.type].group === filter.group) && (!filter.activeOnly || isActive(alarm))

/** Alarms of one site and one type are one row: forty detectors of one home never are forty rows. */
export function foldQueue(
  alarms: Iterable<Alarm>,
  devices: ReadonlyMap<string, DeviceFacts>,
  places: ReadonlyMap<string, Place>,
): readonly QueueRow[] {
  const folds = new Map<string, { members: Alarm[]; siteId: string | null }>()
  for (const alarm of alarms) {
    const siteId = siteOf(placeOfAlarm(alarm, devices), places)?.id ?? null
    const key = `${alarm.type}@${siteId ?? alarm.deviceId ?? alarm.id}`
    const fold = folds.get(key)
    if (fold) fold.members.push(alarm)
    else folds.set(key, { members: [alarm], siteId })
  }
  const rows = [...folds].map(([key, { members, siteId }]): QueueRow => {
    members.sort(compareAlarms)
    return { key, lead: members[0]!, members, siteId, unacknowledged: members.filter(isUnacknowledged).length }
  })
  return rows.sort((a, b) => compareAlarms(a.lead, b.lead))
}

/** How many alarms of each severity are open, and how many of them nobody has acknowledged. */
export function countBySeverity(
  alarms: Iterable<Alarm>,
): Readonly<Record<Severity, { readonly open: number; readonly unacknowledged: number }>> {
  const counts = Object.fromEntries(SEVERITIES.map((s) => [s, { open: 0, unacknowledged: 0 }])) as Record<
    Severity,
    { open: number; unacknowledged: number }
  >
  for (const alarm of alarms) {
    counts[alarm.severity].open++
    if (isUnacknowledged(alarm)) counts[alarm.severity].unacknowledged++
  }
  return counts
}

/** What rings and fills the banner: what still burns first, then the newest. A fire of the past that a replay has found waits in the queue, in silence. */
export const ringing = (alarms: ReadonlyMap<string, Alarm>): readonly Alarm[] =>
  [...alarms.values()]
    .filter(
      (alarm) =>
        alarm.severity === 'CRITICAL' && isUnacknowledged(alarm) && (alarm.replayed !== true || isActive(alarm)),
    )
    .sort((a, b) => Number(isActive(b)) - Number(isActive(a)) || b.noticedAt - a.noticedAt || (a.id < b.id ? 1 : -1))
