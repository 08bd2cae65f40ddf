import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Alarm } from '../../../contract/alarms.ts'
import type { NewEvent } from '../../../contract/events.ts'
import type { DutyCheck, Incident, WatchMode } from '../../../contract/incidents.ts'
import type { JournalLane } from '../../journal/port.ts'
import { keepSpareRoom, type SpareRoom } from '../../spare-room.ts'
import { sqliteCode, transaction } from '../../sqlite.ts'
import { type Cursor, type Decision, type Decisions, type OpenEntry, StateUnavailable } from '../decisions-port.ts'
import { AloneRows } from './alone.ts'
import { Discovered } from './discovered.ts'
import { IncidentStore } from './incidents.ts'
import { MessageWriter } from './outbox.ts'
import { type BoundsOfSetAside, DEFAULT_BOUNDS, SetAside } from './set-aside.ts'
import { Sightings } from './sightings.ts'
import { ZoneWriter } from './zones.ts'

const DONE = 'CLEARED_ACK'

/** BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL (sqlite.org/rescode.html). */
const UNAVAILABLE: ReadonlySet<number | undefined> = new Set([5, 6, 7, 8, 10, 11, 13, 14, 15])

export class SqliteDecisions implements Decisions {
  private readonly db: DatabaseSync
  private readonly sightings: Sightings
  private readonly setAside: SetAside
  private readonly discovered: Discovered
  private readonly messages: MessageWriter
  private readonly handled: IncidentStore
  private readonly zones: ZoneWriter
  private readonly alone: AloneRows
  private readonly readCursor: StatementSync
  private readonly writeCursor: StatementSync
  private readonly readDetector: StatementSync
  private readonly writeDetector: StatementSync
  private readonly removeDetector: StatementSync
  private readonly readAlarm: StatementSync
  private readonly writeAlarm: StatementSync
  private readonly writeEvent: StatementSync
  private readonly lastEvent: StatementSync
  private readonly addReadings: StatementSync
  private readonly ask: StatementSync

  constructor(db: DatabaseSync, bounds: BoundsOfSetAside = DEFAULT_BOUNDS) {
    this.db = db
    this.sightings = new Sightings(db)
    this.setAside = new SetAside(db, bounds)
    this.discovered = new Discovered(db)
    this.messages = new MessageWriter(db)
    this.handled = new IncidentStore(db)
    this.zones = new ZoneWriter(db)
    this.alone = new AloneRows(db)
    this.readCursor = db.prepare('SELECT seq FROM cursor WHERE cursor = ? AND lane = ?')
    this.writeCursor = db.prepare('INSERT OR REPLACE INTO cursor (cursor, lane, seq) VALUES (?, ?, ?)')
    this.readDetector = db.prepare('SELECT state FROM detector WHERE device_id = ?')
    this.writeDetector = db.prepare('INSERT OR REPLACE INTO detector (device_id, state) VALUES (?, ?)')
    this.removeDetector = db.prepare('DELETE FROM detector WHERE device_id = ?')
    this.readAlarm = db.prepare('SELECT body FROM alarm WHERE id = ?')
    // Not "INSERT OR REPLACE": that would answer a second open alarm by deleting the first.
    this.writeAlarm = db.prepare(
      `INSERT INTO alarm (id, source, device_id, place_id, type, severity, state, raised_at, incident_id, body)
       VALUES ($id, $source, $device, $place, $type, $severity, $state, $raisedAt, $incident, $body)
       ON CONFLICT (id) DO UPDATE SET source = $source, device_id = $device, place_id = $place, type = $type,
         severity = $severity, state = $state, raised_at = $raisedAt, incident_id = $incident, body = $body`,
    )
    this.writeEvent = db.prepare(
      'INSERT INTO event (at, type, alarm_id, incident_id, command_id, actor, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.lastEvent = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
    this.addReadings = db.prepare(
      `UPDATE counter SET value = CASE name WHEN 'readings' THEN value + ? ELSE max(value, ?) END
       WHERE name IN ('readings', 'last_reading_at')`,
    )
    this.ask = db.prepare(
      `INSERT INTO downlink (id, device_id, request, at, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    )
  }

  async cursor(cursor: Cursor, lane: JournalLane): Promise<number> {
    return (this.readCursor.get(cursor, lane) as { seq: number } | undefined)?.seq ?? 0
  }

  async advance(cursor: Cursor, lane: JournalLane, seq: number): Promise<void> {
    this.writeCursor.run(cursor, lane, seq)
  }

  async detectorState(deviceId: string): Promise<string | undefined> {
    return (this.readDetector.get(deviceId) as { state: string } | undefined)?.state
  }

  async commit(decision: Decision): Promise<number> {
    try {
      return transaction(this.db, () => this.store(decision))
    } catch (error) {
      if (!UNAVAILABLE.has(sqliteCode(error))) throw error
      throw new StateUnavailable(`the state cannot be written: ${(error as Error).message}`, { cause: error })
    }
  }

  private store(decision: Decision): number {
    for (const [lane, seq] of Object.entries(decision.cursors)) this.writeCursor.run('detect', lane, seq)
    this.discovered.write(decision.discovered)
    this.sightings.write(decision.sightings, devicesOf(decision.alarms))
    for (const [deviceId, state] of decision.detectorStates) {
      if (state === null) this.removeDetector.run(deviceId)
      else this.writeDetector.run(deviceId, state)
    }
    this.storeAlarms(decision.alarms)
    this.handled.write(decision)
    for (const event of decision.events) this.storeEvent(event)
    this.setAside.quarantine(decision.quarantine)
    this.setAside.replayed(decision.replayed)
    this.setAside.reject(decision.rejections)
    for (const { id, deviceId, request, at, expiresAt } of decision.downlink)
      this.ask.run(id, deviceId, JSON.stringify(request), at, expiresAt)
    for (const message of decision.messages ?? []) this.messages.write(message)
    if (decision.water !== undefined) this.zones.write(decision.water)
    for (const homecoming of decision.homecomings ?? []) this.alone.homeAgain(homecoming)
    if (decision.readings > 0) this.addReadings.run(decision.readings, newestArrival(decision))
    return (this.lastEvent.get() as { seq: number } | undefined)?.seq ?? 0
  }

  async openAlarms(): Promise<readonly Alarm[]> {
    return this.db
      .prepare(`SELECT body FROM alarm WHERE state <> '${DONE}' ORDER BY raised_at, id`)
      .all()
      .map((row) => JSON.parse(row.body as string) as Alarm)
  }

  async alarm(id: string): Promise<Alarm | undefined> {
    const row = this.readAlarm.get(id) as { body: string } | undefined
    return row === undefined ? undefined : (JSON.parse(row.body) as Alarm)
  }

  async quarantined(lane: JournalLane, journalSeq: number): Promise<readonly OpenEntry[]> {
    return this.setAside.open(lane, journalSeq)
  }

  async incidents(closedAfter: number): Promise<readonly Incident[]> {
    return this.handled.openOrClosedAfter(closedAfter)
  }

  async incident(id: string): Promise<Incident | undefined> {
    return this.handled.incident(id)
  }

  async watchModes(): Promise<readonly WatchMode[]> {
    return this.handled.watchModes()
  }

  async openDutyChecks(): Promise<readonly DutyCheck[]> {
    return this.handled.openDutyChecks()
  }

  async dutyCheck(id: string): Promise<DutyCheck | undefined> {
    return this.handled.dutyCheck(id)
  }

  async placeResets(after: number): Promise<ReadonlyMap<string, number>> {
    return this.handled.placeResets(after)
  }

  async attributes(deviceId: string): Promise<Readonly<Record<string, unknown>>> {
    const row = this.db.prepare('SELECT attributes FROM sighting WHERE device_id = ?').get(deviceId)
    return row === undefined ? {} : (JSON.parse(row.attributes as string) as Record<string, unknown>)
  }

  async lastHeard(): Promise<ReadonlyMap<string, number>> {
    const heard = new Map<string, number>()
    const rows = this.db.prepare('SELECT device_id, last_heard_at FROM sighting WHERE last_heard_at IS NOT NULL')
    for (const row of rows.iterate()) heard.set(row.device_id as string, row.last_heard_at as number)
    return heard
  }

  async tidy(room: SpareRoom): Promise<boolean> {
    return keepSpareRoom(this.db, room)
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  private storeAlarms(alarms: readonly Alarm[]): void {
    // What is over goes first: in one batch an alarm may end and the next of its kind begin.
    const ordered = alarms.toSorted((a, b) => Number(a.state !== DONE) - Number(b.state !== DONE))
    for (const alarm of ordered) {
      const source = alarm.deviceId ?? alarm.placeId
      if (source === null) throw new Error(`alarm ${alarm.id} names neither a device nor a place`)
      this.writeAlarm.run({
        $id: alarm.id,
        $source: source,
        $device: alarm.deviceId,
        $place: alarm.placeId,
        $type: alarm.type,
        $severity: alarm.severity,
        $state: alarm.state,
        $raisedAt: alarm.raisedAt,
        $incident: alarm.incidentId,
        $body: JSON.stringify(alarm),
      })
    }
  }

  private storeEvent(event: NewEvent): void {
    const alarmId = 'alarm' in event ? event.alarm.id : null
    const { at, type, commandId, actor } = event
    this.writeEvent.run(at, type, alarmId, incidentOf(event), commandId, actor, JSON.stringify(event))
  }
}

/** A changed alarm changes how its device stands, which the live layer learns from the device's rev. */
const devicesOf = (alarms: readonly Alarm[]): string[] =>
  alarms.map((alarm) => alarm.deviceId).filter((id) => id !== null)

const newestArrival = (decision: Decision): number =>
  decision.sightings.reduce((newest, sighting) => Math.max(newest, sighting.lastHeardAt ?? 0), 0)

/** What tells an incident's story: its own events, its alarms' and its messages'. */
function incidentOf(event: NewEvent): string | null {
  if ('incident' in event) return event.incident.id
  if ('alarm' in event) return event.alarm.incidentId
  return 'message' in event && typeof event.message === 'object' ? event.message.incidentId : null
}
