import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Alarm } from '../../../contract/alarms.ts'
import type {
  LatestValue,
  QuarantineDetail,
  QuarantineGroup,
  QuarantineItem,
  Rejection,
} from '../../../contract/api.ts'
import type { HydrantEvent, QuarantinedRecord } from '../../../contract/events.ts'
import type { DutyCheck, Incident, WatchMode } from '../../../contract/incidents.ts'
import type { Quantity } from '../../../contract/quantities.ts'
import { REASONS, type Reason } from '../../../contract/reasons.ts'
import type { JournalLane } from '../../journal/port.ts'
import type { Cursor } from '../decisions-port.ts'
import type { Page, PageOf } from '../page.ts'
import type { RoleMetric } from '../role-metrics-port.ts'
import type { AlarmFilter, IncidentFilter, QuarantineFilter, SightedDevice, Views } from '../views-port.ts'
import { Conditions } from './conditions.ts'
import { IncidentStore } from './incidents.ts'
import { QuarantineViews } from './quarantine-views.ts'
import type { StoredLatest } from './sightings.ts'

type Row = Record<string, unknown>

export class SqliteViews implements Views {
  private readonly db: DatabaseSync
  private readonly inQuarantine: QuarantineViews
  private readonly handled: IncidentStore
  // What the live layer asks every few milliseconds is prepared once.
  private readonly lastEvent: StatementSync
  private readonly events: StatementSync
  private readonly revNow: StatementSync
  private readonly sighted: StatementSync
  private readonly sightedAt: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.inQuarantine = new QuarantineViews(db)
    this.handled = new IncidentStore(db)
    db.exec('PRAGMA query_only = ON')
    this.lastEvent = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
    this.events = db.prepare('SELECT seq, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?')
    this.revNow = db.prepare("SELECT value FROM counter WHERE name = 'sighting_rev'")
    const columns = 'device_id, rev, last_heard_at, connected'
    this.sighted = db.prepare(`SELECT ${columns} FROM sighting WHERE rev > ? ORDER BY rev LIMIT ?`)
    this.sightedAt = db.prepare(`SELECT ${columns} FROM sighting WHERE rev = ?`)
  }

  async lastEventSeq(): Promise<number> {
    return (this.lastEvent.get() as { seq: number } | undefined)?.seq ?? 0
  }

  async eventsAfter(seq: number, limit: number): Promise<readonly HydrantEvent[]> {
    return this.events.all(seq, limit).map(eventOf)
  }

  async eventsOfAlarm(alarmId: string): Promise<readonly HydrantEvent[]> {
    return this.db.prepare('SELECT seq, body FROM event WHERE alarm_id = ? ORDER BY seq').all(alarmId).map(eventOf)
  }

  async alarms(filter: AlarmFilter): Promise<Page<Alarm>> {
    const where = new Conditions()
    // Named as in the partial index, so that years of closed alarms are not looked at.
    if (filter.state !== 'all') where.add("state <> 'CLEARED_ACK'")
    if (filter.state === 'active') where.add("state IN ('ACTIVE_UNACK', 'ACTIVE_ACK')")
    if (filter.severity !== undefined) where.add('severity = ?', filter.severity)
    if (filter.type !== undefined) where.add('type = ?', filter.type)
    if (filter.deviceId !== undefined) where.add('device_id = ?', filter.deviceId)
    if (filter.incidentId !== undefined) where.add('incident_id = ?', filter.incidentId)
    const { n: total } = this.db.prepare(`SELECT count(*) AS n FROM alarm ${where.sql}`).get(...where.values) as {
      n: number
    }
    const before = parseAlarmCursor(filter.cursor)
    if (before !== undefined) where.add('(raised_at, id) < (?, ?)', before.raisedAt, before.id)
    const rows = this.db
      .prepare(`SELECT body FROM alarm ${where.sql} ORDER BY raised_at DESC, id DESC LIMIT ?`)
      .all(...where.values, filter.limit + 1)
    const items = rows.slice(0, filter.limit).map(alarmOf)
    const last = rows.length > filter.limit ? items.at(-1) : undefined
    return { items, total, next: last === undefined ? null : alarmCursor(last) }
  }

  async alarm(id: string): Promise<Alarm | undefined> {
    const row = this.db.prepare('SELECT body FROM alarm WHERE id = ?').get(id)
    return row === undefined ? undefined : alarmOf(row)
  }

  async zoneLosses(lastAfter: number): Promise<readonly Alarm[]> {
    return this.db
      .prepare("SELECT body FROM alarm WHERE type = 'zoneLoss' AND json_extract(body, '$.lastAt') > ?")
      .all(lastAfter)
      .map(alarmOf)
  }

  async incidents(filter: IncidentFilter & PageOf): Promise<Page<Incident>> {
    return this.handled.page(filter)
  }

  async openIncidents(): Promise<readonly Incident[]> {
    return this.handled.openOrClosedAfter(Number.POSITIVE_INFINITY)
  }

  async incident(id: string): Promise<Incident | undefined> {
    return this.handled.incident(id)
  }

  async eventsOfIncident(id: string): Promise<readonly HydrantEvent[]> {
    return this.db.prepare('SELECT seq, body FROM event WHERE incident_id = ? ORDER BY seq').all(id).map(eventOf)
  }

  async watchModes(): Promise<readonly WatchMode[]> {
    return this.handled.watchModes()
  }

  async dutyChecks(filter: { readonly placeId?: string | undefined } & PageOf): Promise<Page<DutyCheck>> {
    return this.handled.dutyChecks(filter)
  }

  async dutyCheck(id: string): Promise<DutyCheck | undefined> {
    return this.handled.dutyCheck(id)
  }

  async lastRev(): Promise<number> {
    return (this.revNow.get() as { value: number }).value
  }

  async sightedAfter(rev: number, limit: number): Promise<readonly SightedDevice[]> {
    const rows = this.sighted.all(rev, limit).map(sightedOf)
    const last = rows.at(-1)
    if (rows.length < limit || last === undefined) return rows
    // One commit may touch more devices than a page holds; a reader that goes on after `last.rev` must have them all.
    return [...rows.filter((row) => row.rev < last.rev), ...this.sightedAt.all(last.rev).map(sightedOf)]
  }

  async sighting(deviceId: string): Promise<
    | (SightedDevice & {
        readonly latest: readonly LatestValue[]
        readonly attributes: Readonly<Record<string, unknown>>
      })
    | undefined
  > {
    const row = this.db.prepare('SELECT * FROM sighting WHERE device_id = ?').get(deviceId)
    if (row === undefined) return undefined
    return {
      ...sightedOf(row),
      latest: latestOf(row.latest as string),
      attributes: JSON.parse(row.attributes as string) as Record<string, unknown>,
    }
  }

  async quarantine(filter: QuarantineFilter & PageOf): Promise<Page<QuarantineItem>> {
    return this.inQuarantine.page(filter)
  }

  async quarantineGroups(filter: QuarantineFilter & PageOf): Promise<Page<QuarantineGroup>> {
    return this.inQuarantine.groups(filter)
  }

  async quarantineReasons(
    filter: QuarantineFilter,
  ): Promise<readonly { readonly reason: string; readonly count: number; readonly lastAt: number }[]> {
    return this.inQuarantine.reasons(filter)
  }

  async quarantineDetail(id: number): Promise<Omit<QuarantineDetail, 'offending'> | undefined> {
    return this.inQuarantine.detail(id)
  }

  async replayable(filter: Parameters<Views['replayable']>[0]): Promise<Omit<Page<QuarantinedRecord>, 'total'>> {
    return this.inQuarantine.replayable(filter)
  }

  async quarantineBytes(id: number): Promise<Uint8Array | undefined> {
    const row = this.db.prepare('SELECT bytes FROM quarantine WHERE id = ?').get(id)
    return row === undefined ? undefined : (row.bytes as Uint8Array)
  }

  async rejections(limit: number): Promise<readonly Rejection[]> {
    const rows = this.db
      .prepare(
        `SELECT reason, device_id AS deviceId, count, first_at AS firstAt, last_at AS lastAt, last_detail AS lastDetail
         FROM rejection ORDER BY last_at DESC, reason, device_id LIMIT ?`,
      )
      .all(limit) as unknown as (Omit<Rejection, 'fate'> & { reason: Reason })[]
    return rows.map((row) => ({ ...row, fate: REASONS[row.reason].fate }))
  }

  async rejectionTotals(): Promise<ReadonlyMap<Reason, number>> {
    const rows = this.db.prepare('SELECT reason, sum(count) AS n FROM rejection GROUP BY reason ORDER BY reason').all()
    return new Map(rows.map((row) => [row.reason as Reason, row.n as number]))
  }

  async cursors(): Promise<readonly { readonly cursor: Cursor; readonly lane: JournalLane; readonly seq: number }[]> {
    const rows = this.db.prepare('SELECT cursor, lane, seq FROM cursor ORDER BY cursor, lane').all()
    return rows.map((row) => ({
      cursor: row.cursor as Cursor,
      lane: row.lane as JournalLane,
      seq: row.seq as number,
    }))
  }

  async roleMetrics(): Promise<readonly RoleMetric[]> {
    const rows = this.db.prepare('SELECT role, name, value, at FROM role_metric ORDER BY role, name').all()
    return rows.map((row) => ({
      role: row.role as RoleMetric['role'],
      name: row.name as string,
      value: row.value as number,
      at: row.at as number,
    }))
  }

  async totals(): Promise<{ readonly readings: number; readonly lastReadingAt: number | null }> {
    const rows = this.db.prepare("SELECT name, value FROM counter WHERE name IN ('readings', 'last_reading_at')").all()
    const value = (name: string): number => (rows.find((row) => row.name === name)?.value as number | undefined) ?? 0
    return { readings: value('readings'), lastReadingAt: value('last_reading_at') || null }
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

const alarmOf = (row: Row): Alarm => JSON.parse(row.body as string) as Alarm

const eventOf = (row: Row): HydrantEvent =>
  ({ ...(JSON.parse(row.body as string) as object), seq: row.seq }) as unknown as HydrantEvent

const sightedOf = (row: Row): SightedDevice => ({
  deviceId: row.device_id as string,
  rev: row.rev as number,
  lastHeardAt: row.last_heard_at as number | null,
  connected: row.connected === 1,
})

const latestOf = (stored: string): LatestValue[] =>
  Object.entries(JSON.parse(stored) as StoredLatest).map(([quantity, [value, at]]) => ({
    quantity: quantity as Quantity,
    value: Array.isArray(value) ? [...value] : (value as LatestValue['value']),
    at,
  }))

const alarmCursor = (alarm: Alarm): string => `${alarm.raisedAt}~${alarm.id}`

/** Undefined for what is no cursor of ours: such a request gets the first page. */
function parseAlarmCursor(cursor: string | undefined): { raisedAt: number; id: string } | undefined {
  const parts = cursor === undefined ? null : /^(-?[0-9.]+)~(.+)$/.exec(cursor)
  return parts === null ? undefined : { raisedAt: Number(parts[1]), id: parts[2] ?? '' }
}
