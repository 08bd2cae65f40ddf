import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Alone, AloneBody, AloneEvent, Away, NewAloneEvent, OwnUse } from '../../../contract/alone.ts'
import { factsOfAlone } from '../../../contract/alone.ts'
import { transaction } from '../../sqlite.ts'
import type { AloneChange, AloneWatches, Homecoming, WatchToPut } from '../alone-port.ts'

/** The rows of watched people, for whoever writes them: people through the port, ingest within its decision. */
export class AloneRows {
  private readonly byMeter: StatementSync
  private readonly write: StatementSync
  private readonly addEvent: StatementSync

  constructor(db: DatabaseSync) {
    this.byMeter = db.prepare('SELECT * FROM alone WHERE device_id = ?')
    // Not "INSERT OR REPLACE": the triggers behind it tell a change from a new one.
    this.write = db.prepare(
      `INSERT INTO alone (device_id, body, away, judged_from, facts) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (device_id) DO UPDATE SET body = excluded.body, away = excluded.away,
         judged_from = excluded.judged_from, facts = excluded.facts`,
    )
    this.addEvent = db.prepare(
      `INSERT INTO alone_event (device_id, at, type, by, answer, stage, contact, away_from, away_until, incident_id, note)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
  }

  find(deviceId: string): Alone | undefined {
    const row = this.byMeter.get(deviceId)
    return row === undefined ? undefined : aloneOf(row)
  }

  put(alone: Alone): void {
    const { deviceId, away, judgedFrom, placeId, residentId, rule, contacts } = alone
    const body: AloneBody = { placeId, residentId, rule, contacts }
    const facts = JSON.stringify(factsOfAlone(alone))
    this.write.run(deviceId, JSON.stringify(body), away === null ? null : JSON.stringify(away), judgedFrom, facts)
  }

  event(deviceId: string, event: NewAloneEvent): void {
    const { at, type, by, answer, stage, contact, from, until, incidentId, note } = event
    this.addEvent.run(
      deviceId,
      at,
      type,
      by,
      answer ?? null,
      stage ?? null,
      contact ?? null,
      from ?? null,
      until ?? null,
      incidentId ?? null,
      note ?? '',
    )
  }

  /** Ends the absence that it is about; decided again, it finds none and does nothing. */
  homeAgain({ deviceId, at }: Homecoming): void {
    const before = this.find(deviceId)
    if (before === undefined || before.away === null || before.away.from >= at) return
    this.put({ ...before, away: null, judgedFrom: Math.max(before.judgedFrom, Math.min(at, before.away.until ?? at)) })
    const { from, until } = before.away
    this.event(deviceId, { at, type: 'back-by-itself', by: null, from, until })
  }
}

export class SqliteAlone implements AloneWatches {
  private readonly db: DatabaseSync
  private readonly rows: AloneRows

  constructor(db: DatabaseSync) {
    this.db = db
    this.rows = new AloneRows(db)
  }

  async revision(): Promise<number> {
    return (this.db.prepare("SELECT value FROM counter WHERE name = 'alone_revision'").get() as { value: number }).value
  }

  async all(): Promise<readonly Alone[]> {
    return this.db.prepare('SELECT * FROM alone ORDER BY device_id').all().map(aloneOf)
  }

  async find(deviceId: string): Promise<Alone | undefined> {
    return this.rows.find(deviceId)
  }

  async put(watches: readonly WatchToPut[], by: string, at: number): Promise<void> {
    transaction(this.db, () => {
      for (const watch of watches) {
        const before = this.rows.find(watch.deviceId)
        this.rows.put({ ...watch, away: before?.away ?? null, judgedFrom: before?.judgedFrom ?? at })
        this.rows.event(watch.deviceId, { at, type: before === undefined ? 'watched' : 'changed', by })
      }
    })
  }

  async remove(deviceId: string, by: string, at: number): Promise<boolean> {
    return transaction(this.db, () => {
      if (this.db.prepare('DELETE FROM alone WHERE device_id = ?').run(deviceId).changes === 0) return false
      this.rows.event(deviceId, { at, type: 'unwatched', by })
      return true
    })
  }

  async note(deviceId: string, event: NewAloneEvent, change: AloneChange): Promise<boolean> {
    return transaction(this.db, () => {
      const before = this.rows.find(deviceId)
      if (before === undefined) return false
      if (Object.keys(change).length > 0) this.rows.put({ ...before, ...change })
      this.rows.event(deviceId, event)
      return true
    })
  }

  async history(deviceId: string, limit: number): Promise<readonly AloneEvent[]> {
    return this.db
      .prepare(`SELECT ${EVENT} FROM alone_event WHERE device_id = ? ORDER BY n DESC LIMIT ?`)
      .all(deviceId, limit)
      .map((row) => ({ ...row }) as unknown as AloneEvent)
  }

  async answersSince(deviceIds: readonly string[], since: number): Promise<ReadonlyMap<string, readonly AloneEvent[]>> {
    const rows = this.db
      .prepare(
        `SELECT device_id AS deviceId, ${EVENT} FROM alone_event
         WHERE device_id IN (SELECT value FROM json_each(?)) AND at >= ? AND type = 'answer' ORDER BY n`,
      )
      .all(JSON.stringify(deviceIds), since)
    const byMeter = Map.groupBy(rows, (row) => row.deviceId as string)
    return new Map(
      [...byMeter].map(([id, events]) => [
        id,
        events.map(({ deviceId: _, ...event }) => event as unknown as AloneEvent),
      ]),
    )
  }

  async ownUse(
    afterRev: number,
  ): Promise<readonly { readonly deviceId: string; readonly rev: number; readonly use: OwnUse }[]> {
    // From the watched ones to their sightings: there are a few thousand of them among a city's meters.
    const rows = this.db
      .prepare(
        `SELECT alone.device_id AS deviceId, sighting.rev AS rev,
           json_extract(detector.state, '$.detectors.noUse.memory') AS use
         FROM alone CROSS JOIN sighting ON sighting.device_id = alone.device_id AND sighting.rev > ?
           CROSS JOIN detector ON detector.device_id = alone.device_id`,
      )
      .all(afterRev)
    return rows.flatMap(({ deviceId, rev, use }) =>
      use === null
        ? []
        : [{ deviceId: deviceId as string, rev: rev as number, use: JSON.parse(use as string) as OwnUse }],
    )
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

const EVENT = `n, at, type, by, answer, stage, contact, away_from AS "from", away_until AS "until",
  incident_id AS incidentId, note`

function aloneOf(row: Record<string, unknown>): Alone {
  return {
    deviceId: row.device_id as string,
    ...(JSON.parse(row.body as string) as AloneBody),
    away: row.away === null ? null : (JSON.parse(row.away as string) as Away),
    judgedFrom: row.judged_from as number,
  }
}
