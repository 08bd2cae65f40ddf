import type { Alarm } from '../../contract/alarms.ts'
import type { LatestValue, QuarantineDetail, QuarantineGroup, QuarantineItem, Rejection } from '../../contract/api.ts'
import type { HydrantEvent, QuarantinedRecord } from '../../contract/events.ts'
import type { DutyCheck, Incident, IncidentKind, WatchMode } from '../../contract/incidents.ts'
import type { Reason } from '../../contract/reasons.ts'
import type { JournalLane } from '../journal/port.ts'
import type { Cursor } from './decisions-port.ts'
import type { Page, PageOf } from './page.ts'
import type { RoleMetric } from './role-metrics-port.ts'

/** What the live layer needs of one device after it changed. `rev` grows with every commit that touched the device. */
export interface SightedDevice {
  readonly deviceId: string
  readonly rev: number
  readonly lastHeardAt: number | null
  readonly connected: boolean
}

export interface AlarmFilter {
  readonly state: 'active' | 'open' | 'all'
  readonly severity?: string | undefined
  readonly type?: string | undefined
  readonly deviceId?: string | undefined
  readonly incidentId?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface IncidentFilter {
  readonly state: 'open' | 'all'
  readonly kind?: IncidentKind | undefined
  readonly premisesId?: string | undefined
}

/** Which entries of the quarantine; `pattern` is a group's, and time is time of arrival. */
export interface QuarantineFilter {
  readonly deviceId?: string | undefined
  readonly reason?: string | undefined
  readonly pattern?: string | undefined
  /** ms since 1970; `to` is not included. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Absent: all. */
  readonly state?: 'open' | 'replayed' | 'all' | undefined
}

export interface Views {
  lastEventSeq(): Promise<number>
  /** Oldest first. */
  eventsAfter(seq: number, limit: number): Promise<readonly HydrantEvent[]>
  eventsOfAlarm(alarmId: string): Promise<readonly HydrantEvent[]>
  alarms(filter: AlarmFilter): Promise<Page<Alarm>>
  alarm(id: string): Promise<Alarm | undefined>
  /** Losses of zones that were last seen after then, open or over. */
  zoneLosses(lastAfter: number): Promise<readonly Alarm[]>
  /** Newest first. */
  incidents(filter: IncidentFilter & PageOf): Promise<Page<Incident>>
  openIncidents(): Promise<readonly Incident[]>
  incident(id: string): Promise<Incident | undefined>
  /** Its own events, its alarms' and its messages', oldest first. */
  eventsOfIncident(id: string): Promise<readonly HydrantEvent[]>
  /** Tests, drills and isolations; one whose end has passed is over although it may still be listed for a second. */
  watchModes(): Promise<readonly WatchMode[]>
  /** Newest first. */
  dutyChecks(filter: { readonly placeId?: string | undefined } & PageOf): Promise<Page<DutyCheck>>
  dutyCheck(id: string): Promise<DutyCheck | undefined>
  lastRev(): Promise<number>
  /** Ordered by rev. */
  sightedAfter(rev: number, limit: number): Promise<readonly SightedDevice[]>
  sighting(deviceId: string): Promise<
    | (SightedDevice & {
        readonly latest: readonly LatestValue[]
        readonly attributes: Readonly<Record<string, unknown>>
      })
    | undefined
  >
  quarantine(filter: QuarantineFilter & PageOf): Promise<Page<QuarantineItem>>
  /** The same thing again and again is one row. Newest first. */
  quarantineGroups(filter: QuarantineFilter & PageOf): Promise<Page<QuarantineGroup>>
  /** Entries by reason, most first. */
  quarantineReasons(
    filter: QuarantineFilter,
  ): Promise<readonly { readonly reason: string; readonly count: number; readonly lastAt: number }[]>
  /** Without where it goes wrong: that is not stored. */
  quarantineDetail(id: number): Promise<Omit<QuarantineDetail, 'offending'> | undefined>
  quarantineBytes(id: number): Promise<Uint8Array | undefined>
  /**
   * Open records that can be decoded anew, oldest first, each once: at least one, until `limit` or `maxBytes`.
   */
  replayable(
    filter: QuarantineFilter & PageOf & { readonly id?: number | undefined; readonly maxBytes: number },
  ): Promise<Omit<Page<QuarantinedRecord>, 'total'>>
  rejections(limit: number): Promise<readonly Rejection[]>
  /** Sums per reason over all devices, for /metrics. */
  rejectionTotals(): Promise<ReadonlyMap<Reason, number>>
  cursors(): Promise<readonly { readonly cursor: Cursor; readonly lane: JournalLane; readonly seq: number }[]>
  /** Every figure that every role has published of itself. */
  roleMetrics(): Promise<readonly RoleMetric[]>
  totals(): Promise<{ readonly readings: number; readonly lastReadingAt: number | null }>
  close(): Promise<void>
}
