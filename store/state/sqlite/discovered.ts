import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { DiscoveredDevice } from '../decisions-port.ts'

/** Devices that their gateway has named itself, in the transaction that decides what it said of them. */
export class Discovered {
  private readonly upsert: StatementSync
  private readonly noLongerRemoved: StatementSync
  private readonly revision: StatementSync
  private readonly setRevision: StatementSync

  constructor(db: DatabaseSync) {
    // A secret of no bytes matches nothing: who is discovered cannot sign in. Its old keys stay dead if it was removed.
    this.upsert = db.prepare(
      `INSERT INTO device (id, kind, name, model, place_id, gateway_id, lon, lat, rhythm_s, secret_hash, revision, generation)
       VALUES ($id, $kind, $name, $model, $place, $gateway, $lon, $lat, $rhythm, x'', $revision,
         coalesce((SELECT generation FROM device_removed WHERE id = $id), 1))
       ON CONFLICT (id) DO UPDATE SET name = $name, revision = $revision WHERE name = $provisional AND name <> $name`,
    )
    this.noLongerRemoved = db.prepare('DELETE FROM device_removed WHERE id = ?')
    this.revision = db.prepare("SELECT value FROM counter WHERE name = 'registry_revision'")
    this.setRevision = db.prepare("UPDATE counter SET value = ? WHERE name = 'registry_revision'")
  }

  /** Inside the decision's transaction. */
  write(devices: readonly DiscoveredDevice[]): void {
    if (devices.length === 0) return
    const revision = (this.revision.get() as { value: number }).value + 1
    let changed = false
    for (const device of devices) {
      const { changes } = this.upsert.run({
        $id: device.id,
        $kind: device.kind,
        $name: device.name,
        $model: device.model,
        $place: device.placeId,
        $gateway: device.gatewayId,
        $lon: device.lon,
        $lat: device.lat,
        $rhythm: device.rhythmS,
        $revision: revision,
        $provisional: device.provisionalName,
      })
      if (changes === 0) continue
      changed = true
      this.noLongerRemoved.run(device.id)
    }
    if (changed) this.setRevision.run(revision)
  }
}
