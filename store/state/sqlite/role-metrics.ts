import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { transaction } from '../../sqlite.ts'
import type { RoleMetric, RoleMetrics } from '../role-metrics-port.ts'

/**
 * Pages of the write-ahead log after which this connection would write it back (the default is 1,000): far enough above
 * ingest's own bound that the broker never spends its time on it, and a bound all the same while ingest is down.
 */
const CHECKPOINT_PAGES = 10_000

export class SqliteRoleMetrics implements RoleMetrics {
  private readonly db: DatabaseSync
  private readonly write: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    this.write = db.prepare('INSERT OR REPLACE INTO role_metric (role, name, value, at) VALUES (?, ?, ?, ?)')
  }

  async publish(role: RoleMetric['role'], at: number, values: Readonly<Record<string, number>>): Promise<void> {
    transaction(this.db, () => {
      for (const [name, value] of Object.entries(values)) this.write.run(role, name, value, at)
    })
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}
