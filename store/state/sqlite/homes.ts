import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Disposition } from '../../../contract/alarms.ts'
import { CITY_TIME_ZONE } from '../../../contract/city-time.ts'
import { type FloorPlan, isStaffed, type Responder, type ResponderKind, type Staff } from '../../../contract/homes.ts'
import type { DutyCheck } from '../../../contract/incidents.ts'
import { transaction } from '../../sqlite.ts'
import type { Drill, HomeRecord, Homes, StoredPlan } from '../homes-port.ts'

const AT_PLACES = 'place_id IN (SELECT value FROM json_each(?))'

export class SqliteHomes implements Homes {
  private readonly db: DatabaseSync
  /** Asked by detection, for every fire alarm. */
  private readonly staffOfPlace: StatementSync
  private readonly staffNow: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.staffOfPlace = db.prepare('SELECT * FROM staff WHERE place_id = ? ORDER BY id')
    this.staffNow = db.prepare("SELECT value FROM counter WHERE name = 'staff_revision'")
  }

  async putStaff(staff: readonly Staff[]): Promise<void> {
    const insert = this.db.prepare('INSERT OR REPLACE INTO staff VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    transaction(this.db, () => {
      for (const one of staff) {
        const days = JSON.stringify(one.days)
        insert.run(one.id, one.placeId, one.name, one.duty, one.phone, one.from, one.to, days)
      }
    })
  }

  async removeStaff(id: string): Promise<boolean> {
    return this.db.prepare('DELETE FROM staff WHERE id = ?').run(id).changes > 0
  }

  async staff(placeIds?: readonly string[]): Promise<readonly Staff[]> {
    const rows =
      placeIds === undefined
        ? this.db.prepare('SELECT * FROM staff ORDER BY id').all()
        : this.db.prepare(`SELECT * FROM staff WHERE ${AT_PLACES} ORDER BY id`).all(JSON.stringify(placeIds))
    return rows.map(staffOf)
  }

  async staffRevision(): Promise<number> {
    return (this.staffNow.get() as { value: number }).value
  }

  async staffed(placeId: string, at: number): Promise<boolean> {
    return isStaffed(this.staffOfPlace.all(placeId).map(staffOf), at, CITY_TIME_ZONE)
  }

  async putResponders(responders: readonly Responder[]): Promise<void> {
    const insert = this.db.prepare('INSERT OR REPLACE INTO responder VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    transaction(this.db, () => {
      for (const one of responders)
        insert.run(one.id, one.kind, one.name, one.phone, one.lon, one.lat, one.serves, one.engines)
    })
  }

  async removeResponder(id: string): Promise<boolean> {
    return this.db.prepare('DELETE FROM responder WHERE id = ?').run(id).changes > 0
  }

  async responders(filter: { readonly kind?: ResponderKind | undefined } = {}): Promise<readonly Responder[]> {
    const kind = filter.kind ?? null
    return this.db
      .prepare('SELECT * FROM responder WHERE ?1 IS NULL OR kind = ?1 ORDER BY id')
      .all(kind)
      .map(responderOf)
  }

  async respondersTo(placeIds: readonly string[]): Promise<readonly Responder[]> {
    return this.db
      .prepare(
        `SELECT * FROM responder WHERE serves IS NULL
         UNION ALL SELECT * FROM responder WHERE serves IN (SELECT value FROM json_each(?))`,
      )
      .all(JSON.stringify(placeIds))
      .map(responderOf)
  }

  async putPlan(plan: Omit<StoredPlan, 'revision' | 'pins'>): Promise<StoredPlan> {
    const row = this.db
      .prepare(
        `INSERT INTO floor_plan VALUES (?, ?, ?, ?, ?, 1, '[]')
         ON CONFLICT (place_id) DO UPDATE SET image_id = excluded.image_id, media_type = excluded.media_type,
           width = excluded.width, height = excluded.height, revision = revision + 1
         RETURNING *`,
      )
      .get(plan.placeId, plan.imageId, plan.mediaType, plan.width, plan.height)
    return planOf(row as Row)
  }

  async setPins(placeId: string, pins: FloorPlan['pins']): Promise<StoredPlan | undefined> {
    const row = this.db
      .prepare('UPDATE floor_plan SET pins = ? WHERE place_id = ? RETURNING *')
      .get(JSON.stringify(pins), placeId)
    return row === undefined ? undefined : planOf(row)
  }

  async plan(placeId: string): Promise<StoredPlan | undefined> {
    const row = this.db.prepare('SELECT * FROM floor_plan WHERE place_id = ?').get(placeId)
    return row === undefined ? undefined : planOf(row)
  }

  async plans(placeIds: readonly string[]): Promise<readonly StoredPlan[]> {
    return this.db
      .prepare(`SELECT * FROM floor_plan WHERE ${AT_PLACES} ORDER BY place_id`)
      .all(JSON.stringify(placeIds))
      .map(planOf)
  }

  async lastRecords(placeIds: readonly string[]): Promise<ReadonlyMap<string, HomeRecord>> {
    // Two steps down an index for each place, whatever the years have left behind them.
    const rows = this.db
      .prepare(
        `SELECT value AS placeId,
           (SELECT max(since) FROM drill WHERE place_id = value) AS drill,
           (SELECT body FROM duty_check WHERE place_id = value ORDER BY asked_at DESC LIMIT 1) AS duty
         FROM json_each(?)`,
      )
      .all(JSON.stringify(placeIds))
    return new Map(
      rows
        .filter(({ drill, duty }) => drill !== null || duty !== null)
        .map(({ placeId, drill, duty }) => [
          placeId as string,
          {
            lastDrillAt: drill as number | null,
            lastDutyCheck: duty === null ? null : (JSON.parse(duty as string) as DutyCheck),
          },
        ]),
    )
  }

  async drills(placeIds: readonly string[], limit: number): Promise<readonly Drill[]> {
    return this.db
      .prepare(
        `SELECT place_id AS placeId, since, until, by, reason FROM drill WHERE ${AT_PLACES} ORDER BY since DESC LIMIT ?`,
      )
      .all(JSON.stringify(placeIds), limit)
      .map((row) => ({ ...row }) as unknown as Drill)
  }

  async dispositions(premisesId: string, since: number): Promise<Readonly<Partial<Record<Disposition, number>>>> {
    const rows = this.db
      .prepare(
        `SELECT json_extract(body, '$.disposition') AS disposition, count(*) AS n FROM incident
         WHERE premises_id = ? AND noticed_at >= ? AND state = 'closed' GROUP BY 1`,
      )
      .all(premisesId, since)
    return Object.fromEntries(rows.map(({ disposition, n }) => [disposition ?? 'unknown', n as number]))
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

type Row = Record<string, unknown>

const staffOf = (row: Row): Staff => ({
  id: row.id as string,
  placeId: row.place_id as string,
  name: row.name as string,
  duty: row.duty as Staff['duty'],
  phone: row.phone as string,
  from: row.from_clock as string,
  to: row.to_clock as string,
  days: JSON.parse(row.days as string) as number[],
})

const responderOf = (row: Row): Responder => ({
  id: row.id as string,
  kind: row.kind as ResponderKind,
  name: row.name as string,
  phone: row.phone as string,
  lon: row.lon as number | null,
  lat: row.lat as number | null,
  serves: row.serves as string | null,
  engines: row.engines as number,
})

const planOf = (row: Row): StoredPlan => ({
  placeId: row.place_id as string,
  imageId: row.image_id as string,
  mediaType: row.media_type as FloorPlan['mediaType'],
  width: row.width as number,
  height: row.height as number,
  revision: row.revision as number,
  pins: JSON.parse(row.pins as string) as FloorPlan['pins'],
})
