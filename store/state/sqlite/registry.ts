import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AloneFacts } from '../../../contract/alone.ts'
import { type Place, placeSchema } from '../../../contract/api.ts'
import { type DetectionLimits, effectiveLimits, readLimits } from '../../../contract/detection-limits.ts'
import type { Kind } from '../../../contract/kinds.ts'
import { transaction } from '../../sqlite.ts'
import {
  type ChangedLimits,
  DuplicateDevice,
  DuplicateGbAddress,
  type Identity,
  type NewDevice,
  type RegisteredDevice,
  type Registry,
} from '../registry-port.ts'

interface DeviceRow {
  id: string
  kind: string
  name: string
  model: string | null
  place_id: string | null
  gateway_id: string | null
  lon: number | null
  lat: number | null
  disabled: number
  rhythm_s: number | null
  secret_hash: Uint8Array
  revision: number
  identity: string
  generation: number
  denied: number
  gb_address: number | null
  gb_from: string
  limits: string | null
  home_limits: string | null
  alone: string | null
}

const COLUMNS =
  'id, kind, name, model, place_id, gateway_id, lon, lat, disabled, rhythm_s, secret_hash, revision, identity, generation, gb_address, gb_from'
/** Of the nearest place above that has any. Nobody pays for the climb where no place has. */
const HOME_LIMITS = `CASE WHEN EXISTS (SELECT 1 FROM place WHERE limits IS NOT NULL) THEN (
  WITH RECURSIVE up (parent_id, limits, depth) AS (
    SELECT parent_id, limits, 0 FROM place WHERE id = device.place_id
    UNION ALL SELECT p.parent_id, p.limits, depth + 1 FROM place p, up WHERE p.id = up.parent_id AND depth < 16)
  SELECT limits FROM up WHERE limits IS NOT NULL ORDER BY depth LIMIT 1) END`
const READ = `${COLUMNS}, EXISTS (SELECT 1 FROM device_denied WHERE device_denied.id = device.id) AS denied,
  limits, ${HOME_LIMITS} AS home_limits, (SELECT facts FROM alone WHERE alone.device_id = device.id) AS alone`

/** Word for word as in the index `device_of_fire_and_care`, or it is not used. */
const BULK_KINDS = `'water-meter', 'bulk-meter', 'pressure-sensor',
  'level-sensor', 'quality-sensor', 'rain-gauge', 'valve', 'temperature-sensor', 'gateway'`

/** A place tree deeper than this has a loop in it. County, township, home, building, floor, room, bed is seven. */
const DEEPEST_PLACE = 16

export class SqliteRegistry implements Registry {
  private readonly db: DatabaseSync
  /** Asked at every CONNECT: prepared once, one lookup by primary key. */
  private readonly byId: StatementSync
  private readonly byGbAddress: StatementSync
  private readonly revisionNow: StatementSync
  private readonly placesNow: StatementSync
  private readonly upsert: StatementSync
  private readonly bumpRevision: StatementSync
  private readonly noLongerRemoved: StatementSync
  private readonly childCount: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.byId = db.prepare(`SELECT ${READ} FROM device WHERE id = ?`)
    this.byGbAddress = db.prepare(`SELECT ${READ} FROM device WHERE gb_address = ?`)
    this.revisionNow = db.prepare("SELECT value FROM counter WHERE name = 'registry_revision'")
    this.placesNow = db.prepare("SELECT value FROM counter WHERE name = 'place_revision'")
    this.bumpRevision = db.prepare(
      "UPDATE counter SET value = value + 1 WHERE name = 'registry_revision' RETURNING value",
    )
    // Whoever replaces a device without saying so does not enable one that was disabled, nor revive its old keys.
    this.upsert = db.prepare(
      `INSERT INTO device (${COLUMNS}) VALUES ($id, $kind, $name, $model, $place, $gateway, $lon, $lat,
         coalesce($disabled, 0), $rhythm, $hash, $revision, coalesce($identity, 'secret'),
         coalesce($generation, (SELECT generation FROM device_removed WHERE id = $id), 1), $gb, coalesce($gbFrom, ''))
       ON CONFLICT (id) DO UPDATE SET kind = $kind, name = $name, model = $model, place_id = $place,
         gateway_id = $gateway, lon = $lon, lat = $lat, disabled = coalesce($disabled, disabled), rhythm_s = $rhythm,
         secret_hash = $hash, revision = $revision, identity = coalesce($identity, identity),
         generation = coalesce($generation, generation), gb_address = iif($keepGb, gb_address, $gb),
         gb_from = coalesce($gbFrom, gb_from)`,
    )
    this.noLongerRemoved = db.prepare('DELETE FROM device_removed WHERE id = ?')
    this.childCount = db.prepare('SELECT count(*) AS n FROM device WHERE gateway_id = ?')
  }

  async find(id: string): Promise<RegisteredDevice | undefined> {
    const row = this.byId.get(id)
    return row === undefined ? undefined : deviceOf(row as unknown as DeviceRow)
  }

  async findByGbAddress(address: number): Promise<RegisteredDevice | undefined> {
    const row = this.byGbAddress.get(address)
    return row === undefined ? undefined : deviceOf(row as unknown as DeviceRow)
  }

  async list(after: string, limit: number): Promise<readonly RegisteredDevice[]> {
    return this.devices('WHERE id > ? ORDER BY id LIMIT ?', after, limit)
  }

  async children(gatewayId: string): Promise<readonly RegisteredDevice[]> {
    return this.devices('WHERE gateway_id = ? ORDER BY id', gatewayId)
  }

  async countChildren(gatewayId: string): Promise<number> {
    return (this.childCount.get(gatewayId) as { n: number }).n
  }

  async put(devices: readonly NewDevice[], options: { readonly replace: boolean }): Promise<void> {
    if (devices.length === 0) return
    transaction(this.db, () => {
      const revision = this.nextRevision()
      const seen = new Set<string>()
      for (const device of devices) {
        if (!options.replace && (seen.has(device.id) || this.byId.get(device.id) !== undefined))
          throw new DuplicateDevice(`device ${device.id} is already registered`)
        seen.add(device.id)
        this.refuseSharedAddress(device)
        this.upsert.run({
          $id: device.id,
          $kind: device.kind,
          $name: device.name,
          $model: device.model,
          $place: device.placeId,
          $gateway: device.gatewayId,
          $lon: device.lon,
          $lat: device.lat,
          $disabled: device.disabled === undefined ? null : Number(device.disabled),
          $rhythm: device.rhythmS,
          $hash: device.secretHash,
          $revision: revision,
          $identity: device.identity ?? null,
          $generation: device.generation ?? null,
          $gb: device.gbAddress ?? null,
          $keepGb: Number(device.gbAddress === undefined),
          $gbFrom: device.gbFrom?.join(',') ?? null,
        })
        this.noLongerRemoved.run(device.id)
      }
    })
  }

  async remove(id: string): Promise<boolean> {
    return transaction(this.db, () => {
      const removed = this.db.prepare('DELETE FROM device WHERE id = ? RETURNING generation').get(id)
      if (removed === undefined) return false
      this.db
        .prepare('INSERT OR REPLACE INTO device_removed (id, revision, generation) VALUES (?, ?, ?)')
        .run(id, this.nextRevision(), (removed as { generation: number }).generation)
      return true
    })
  }

  async setDisabled(id: string, disabled: boolean): Promise<boolean> {
    return transaction(this.db, () => {
      if (this.byId.get(id) === undefined) return false
      this.db
        .prepare('UPDATE device SET disabled = ?, revision = ? WHERE id = ?')
        .run(Number(disabled), this.nextRevision(), id)
      return true
    })
  }

  async nextGeneration(id: string): Promise<number | undefined> {
    return transaction(this.db, () => {
      if (this.byId.get(id) === undefined) return undefined
      const raised = this.db
        .prepare('UPDATE device SET generation = generation + 1, revision = ? WHERE id = ? RETURNING generation')
        .get(this.nextRevision(), id)
      return (raised as { generation: number }).generation
    })
  }

  async deny(ids: readonly string[], at: number): Promise<void> {
    transaction(this.db, () => {
      const insert = this.db.prepare('INSERT OR IGNORE INTO device_denied (id, at) VALUES (?, ?)')
      for (const id of ids) insert.run(id, at)
      this.touch(ids)
    })
  }

  async allow(ids: readonly string[]): Promise<readonly string[]> {
    return transaction(this.db, () => {
      const remove = this.db.prepare('DELETE FROM device_denied WHERE id = ?')
      const allowed = ids.filter((id) => remove.run(id).changes > 0)
      this.touch(allowed)
      return allowed
    })
  }

  async denied(): Promise<readonly { readonly id: string; readonly at: number }[]> {
    const rows = this.db.prepare('SELECT id, at FROM device_denied ORDER BY id').all()
    return rows.map((row) => ({ id: row.id as string, at: row.at as number }))
  }

  async setDeviceLimits(id: string, limits: DetectionLimits): Promise<boolean> {
    return transaction(this.db, () => {
      if (this.byId.get(id) === undefined) return false
      this.db.prepare('UPDATE device SET limits = ? WHERE id = ?').run(stored(limits), id)
      this.touch([id])
      return true
    })
  }

  async setPlaceLimits(id: string, limits: DetectionLimits): Promise<boolean> {
    return transaction(this.db, () => {
      if (this.db.prepare('UPDATE place SET limits = ? WHERE id = ?').run(stored(limits), id).changes === 0)
        return false
      this.db
        .prepare(
          `WITH RECURSIVE under (id) AS (VALUES (?) UNION SELECT p.id FROM place p, under WHERE p.parent_id = under.id)
           UPDATE device SET revision = ? WHERE place_id IN (SELECT id FROM under)`,
        )
        .run(id, this.nextRevision())
      return true
    })
  }

  async changedLimits(): Promise<readonly ChangedLimits[]> {
    const rows = this.db
      .prepare(
        `SELECT 'device' AS "of", id, name, limits FROM device WHERE limits IS NOT NULL
         UNION ALL SELECT 'place', id, name, limits FROM place WHERE limits IS NOT NULL ORDER BY 1, 2`,
      )
      .all()
    return rows.map((row) => ({
      of: row.of as 'device' | 'place',
      id: row.id as string,
      name: row.name as string,
      limits: readLimits(row.limits as string) ?? {},
    }))
  }

  async revision(): Promise<number> {
    return (this.revisionNow.get() as { value: number }).value
  }

  async changesSince(revision: number): Promise<{
    readonly revision: number
    readonly changed: readonly RegisteredDevice[]
    readonly removed: readonly string[]
  }> {
    // One read transaction: the three answers belong together.
    this.db.exec('BEGIN')
    try {
      return {
        revision: (this.revisionNow.get() as { value: number }).value,
        changed: this.devices('WHERE revision > ? ORDER BY revision, id', revision),
        removed: this.db
          .prepare('SELECT id FROM device_removed WHERE revision > ? ORDER BY revision, id')
          .all(revision)
          .map((row) => row.id as string),
      }
    } finally {
      this.db.exec('COMMIT')
    }
  }

  async count(): Promise<number> {
    return (this.db.prepare('SELECT count(*) AS n FROM device').get() as { n: number }).n
  }

  async putPlaces(places: readonly Place[]): Promise<void> {
    if (places.length === 0) return
    transaction(this.db, () => {
      const insert = this.db.prepare(
        `INSERT INTO place (id, parent_id, kind, name, lon, lat, contact) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, kind = excluded.kind, name = excluded.name,
           lon = excluded.lon, lat = excluded.lat, contact = excluded.contact`,
      )
      for (const p of places) insert.run(p.id, p.parentId, p.kind, p.name, p.lon, p.lat, p.contact)
      // What a device is shown under has changed: whoever watches the registry's revision looks again.
      this.nextRevision()
    })
  }

  async places(): Promise<readonly Place[]> {
    const rows = this.db
      .prepare('SELECT id, parent_id AS parentId, kind, name, lon, lat, contact FROM place ORDER BY id')
      .all()
    return rows.map((row) => placeSchema.parse({ ...row }))
  }

  async placeRevision(): Promise<number> {
    return (this.placesNow.get() as { value: number }).value
  }

  async fireAndCare(): Promise<readonly RegisteredDevice[]> {
    return this.devices(`WHERE kind NOT IN (${BULK_KINDS}) ORDER BY id`)
  }

  async pathOfPlace(id: string): Promise<readonly Place[]> {
    const rows = this.db
      .prepare(
        `WITH RECURSIVE up (id, depth) AS (VALUES (?, 0) UNION ALL
           SELECT p.parent_id, depth + 1 FROM place p, up WHERE p.id = up.id AND p.parent_id IS NOT NULL AND depth < ${DEEPEST_PLACE})
         SELECT p.id, p.parent_id AS parentId, p.kind, p.name, p.lon, p.lat, p.contact FROM up
           JOIN place p ON p.id = up.id ORDER BY depth DESC`,
      )
      .all(id)
    return rows.map((row) => placeSchema.parse({ ...row }))
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  private refuseSharedAddress({ id, gbAddress }: NewDevice): void {
    if (gbAddress === undefined || gbAddress === null) return
    const owner = this.byGbAddress.get(gbAddress) as { id: string } | undefined
    if (owner !== undefined && owner.id !== id)
      throw new DuplicateGbAddress(`the GB/T 26875.3 address ${gbAddress} is that of ${owner.id}`)
  }

  /** Tells those who follow the registry that these devices are not what they were. */
  private touch(ids: readonly string[]): void {
    const revision = this.nextRevision()
    const touch = this.db.prepare('UPDATE device SET revision = ? WHERE id = ?')
    for (const id of ids) touch.run(revision, id)
  }

  private nextRevision(): number {
    return (this.bumpRevision.get() as { value: number }).value
  }

  private devices(where: string, ...values: (string | number)[]): RegisteredDevice[] {
    const rows = this.db.prepare(`SELECT ${READ} FROM device ${where}`).all(...values)
    return rows.map((row) => deviceOf(row as unknown as DeviceRow))
  }
}

const stored = (limits: DetectionLimits): string | null =>
  Object.keys(limits).length === 0 ? null : JSON.stringify(limits)

function limitsOf(row: DeviceRow): { readonly limits?: DetectionLimits } {
  const limits = effectiveLimits(readLimits(row.home_limits), readLimits(row.limits))
  return limits === undefined ? {} : { limits }
}

const deviceOf = (row: DeviceRow): RegisteredDevice => ({
  id: row.id,
  kind: row.kind as Kind,
  name: row.name,
  model: row.model,
  placeId: row.place_id,
  gatewayId: row.gateway_id,
  lon: row.lon,
  lat: row.lat,
  disabled: row.disabled !== 0,
  rhythmS: row.rhythm_s,
  identity: row.identity as Identity,
  secretHash: row.secret_hash,
  generation: row.generation,
  denied: row.denied !== 0,
  ...limitsOf(row),
  ...(row.alone === null ? {} : { alone: JSON.parse(row.alone) as AloneFacts }),
  revision: row.revision,
  gbAddress: row.gb_address,
  gbFrom: row.gb_from === '' ? [] : row.gb_from.split(','),
})
