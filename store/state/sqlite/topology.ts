import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ZonePipes } from '../../../contract/zones.ts'
import { transaction } from '../../sqlite.ts'
import type { BulkFlow, MeterExchange, Placement, Topology } from '../water-port.ts'

export class SqliteTopology implements Topology {
  private readonly db: DatabaseSync
  private readonly placed: StatementSync
  private readonly exchanged: StatementSync
  private readonly flowing: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.placed = db.prepare('SELECT from_at, place_id FROM placement WHERE device_id = ? ORDER BY from_at')
    this.exchanged = db.prepare('SELECT at, last_l, first_l FROM meter_exchange WHERE device_id = ? ORDER BY at')
    this.flowing = db.prepare('SELECT from_at, into_zone, out_of FROM bulk_flow WHERE device_id = ? ORDER BY from_at')
  }

  async placements(deviceId: string): Promise<readonly Placement[]> {
    const rows = this.placed.all(deviceId) as unknown as { from_at: number; place_id: string | null }[]
    return rows.map(({ from_at, place_id }, i) => ({
      deviceId,
      placeId: place_id,
      from: from_at,
      to: rows[i + 1]?.from_at ?? null,
    }))
  }

  async movedAt(deviceId: string, at: number): Promise<boolean> {
    return transaction(this.db, () => {
      const [last, before] = (this.placed.all(deviceId) as unknown as { from_at: number }[]).reverse()
      if (last === undefined || before === undefined || before.from_at >= at) return false
      this.db
        .prepare('UPDATE placement SET from_at = ? WHERE device_id = ? AND from_at = ?')
        .run(at, deviceId, last.from_at)
      this.touch(deviceId)
      return true
    })
  }

  async exchanges(deviceId: string): Promise<readonly MeterExchange[]> {
    return this.exchanged.all(deviceId).map((row) => ({
      deviceId,
      at: row.at as number,
      lastLitres: row.last_l as number | null,
      firstLitres: row.first_l as number | null,
    }))
  }

  async putExchange({ deviceId, at, lastLitres, firstLitres }: MeterExchange): Promise<void> {
    transaction(this.db, () => {
      this.db
        .prepare('INSERT OR REPLACE INTO meter_exchange VALUES (?, ?, ?, ?)')
        .run(deviceId, at, lastLitres, firstLitres)
      this.touch(deviceId)
    })
  }

  async removeExchange(deviceId: string, at: number): Promise<boolean> {
    return transaction(this.db, () => {
      const { changes } = this.db.prepare('DELETE FROM meter_exchange WHERE device_id = ? AND at = ?').run(deviceId, at)
      if (changes === 0) return false
      this.touch(deviceId)
      return true
    })
  }

  async flows(deviceId: string): Promise<readonly BulkFlow[]> {
    return this.flowing.all(deviceId).map((row) => ({
      deviceId,
      into: row.into_zone as string | null,
      outOf: row.out_of as string | null,
      from: row.from_at as number,
    }))
  }

  async putFlow({ deviceId, into, outOf, from }: BulkFlow): Promise<void> {
    transaction(this.db, () => {
      this.db.prepare('INSERT OR REPLACE INTO bulk_flow VALUES (?, ?, ?, ?)').run(deviceId, from, into, outOf)
      this.touch(deviceId)
    })
  }

  async bulkFlows(): Promise<readonly BulkFlow[]> {
    return this.db
      .prepare(
        `SELECT f.device_id, f.from_at, f.into_zone, f.out_of FROM device d JOIN bulk_flow f ON f.device_id = d.id
         WHERE d.kind = 'bulk-meter' AND f.from_at = (SELECT max(from_at) FROM bulk_flow WHERE device_id = d.id)
         ORDER BY f.device_id`,
      )
      .all()
      .map((row) => ({
        deviceId: row.device_id as string,
        into: row.into_zone as string | null,
        outOf: row.out_of as string | null,
        from: row.from_at as number,
      }))
  }

  async pipes(zone: string): Promise<ZonePipes> {
    const row = this.db.prepare('SELECT mains_km, private_km, pressure_m FROM zone_pipes WHERE zone = ?').get(zone)
    return {
      mainsKm: (row?.mains_km ?? null) as number | null,
      privateKm: (row?.private_km ?? null) as number | null,
      pressureM: (row?.pressure_m ?? null) as number | null,
    }
  }

  async putPipes(zone: string, { mainsKm, privateKm, pressureM }: ZonePipes): Promise<void> {
    this.db.prepare('INSERT OR REPLACE INTO zone_pipes VALUES (?, ?, ?, ?)').run(zone, mainsKm, privateKm, pressureM)
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  /** Who follows the registry looks at the device again. */
  private touch(deviceId: string): void {
    this.db
      .prepare(
        "UPDATE device SET revision = (SELECT value + 1 FROM counter WHERE name = 'registry_revision') WHERE id = ?",
      )
      .run(deviceId)
    this.db.prepare("UPDATE counter SET value = value + 1 WHERE name = 'registry_revision'").run()
  }
}
