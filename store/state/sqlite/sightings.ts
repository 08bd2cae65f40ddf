import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Quantity, Value } from '../../../contract/quantities.ts'
import type { DeviceSighting } from '../decisions-port.ts'

/** A device's attributes together, bytes of JSON: as much as one payload may hold. Beyond it only the newest are kept. */
const MAX_ATTRIBUTES = 64 * 1024

interface SightingRow {
  last_heard_at: number | null
  connected: number
  latest: string
  attributes: string
}

/** How `latest` lies in the table: quantity → [value, measured at]. */
export type StoredLatest = Partial<Record<Quantity, readonly [Value, number]>>

/** What is known of each device now. */
export class Sightings {
  private readonly read: StatementSync
  private readonly upsert: StatementSync
  private readonly touch: StatementSync
  private readonly bump: StatementSync

  constructor(db: DatabaseSync) {
    this.read = db.prepare('SELECT last_heard_at, connected, latest, attributes FROM sighting WHERE device_id = ?')
    this.upsert = db.prepare(
      `INSERT OR REPLACE INTO sighting (device_id, rev, last_heard_at, connected, latest, attributes)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    this.touch = db.prepare(
      'INSERT INTO sighting (device_id, rev) VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET rev = excluded.rev',
    )
    this.bump = db.prepare("UPDATE counter SET value = value + 1 WHERE name = 'sighting_rev' RETURNING value")
  }

  /** Merges `sightings` and gives one new rev to every device in them and in `alsoChanged`. */
  write(sightings: readonly DeviceSighting[], alsoChanged: readonly string[]): void {
    if (sightings.length === 0 && alsoChanged.length === 0) return
    const rev = (this.bump.get() as { value: number }).value
    const written = new Set<string>()
    for (const sighting of sightings) {
      this.merge(sighting, rev)
      written.add(sighting.deviceId)
    }
    for (const deviceId of alsoChanged) {
      if (written.has(deviceId)) continue
      this.touch.run(deviceId, rev)
      written.add(deviceId)
    }
  }

  private merge(sighting: DeviceSighting, rev: number): void {
    const known = this.read.get(sighting.deviceId) as SightingRow | undefined
    const heard = sighting.lastHeardAt ?? known?.last_heard_at ?? null
    const connected = sighting.connected === undefined ? (known?.connected ?? 0) : Number(sighting.connected)
    this.upsert.run(
      sighting.deviceId,
      rev,
      heard,
      connected,
      mergeLatest(known?.latest ?? '{}', sighting.latest),
      mergeAttributes(known?.attributes ?? '{}', sighting.attributes, sighting.earlierAttributes),
    )
  }
}

function mergeLatest(known: string, news: DeviceSighting['latest']): string {
  if (news === undefined || news.size === 0) return known
  const merged = JSON.parse(known) as StoredLatest
  for (const [quantity, { value, at }] of news) merged[quantity] = [value, at]
  return JSON.stringify(merged)
}

function mergeAttributes(
  known: string,
  news: DeviceSighting['attributes'],
  earlier: DeviceSighting['earlierAttributes'],
): string {
  if (news === undefined && earlier === undefined) return known
  const present = { ...(JSON.parse(known) as Record<string, unknown>), ...news }
  const merged = JSON.stringify({ ...earlier, ...present })
  return merged.length <= MAX_ATTRIBUTES ? merged : JSON.stringify(news ?? present)
}
