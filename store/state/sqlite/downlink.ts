import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { DownlinkOutcome, DownlinkRequest } from '../../../contract/downlink.ts'
import type { Downlink, StoredDownlink } from '../downlink-port.ts'

interface Row {
  n: number
  id: string
  device_id: string
  request: string
  at: number
  expires_at: number
  sent_at: number | null
  settled_at: number | null
  outcome: string | null
}

export class SqliteDownlink implements Downlink {
  private readonly db: DatabaseSync
  private readonly readWaiting: StatementSync
  private readonly readById: StatementSync
  private readonly readByNumber: StatementSync
  private readonly writeSent: StatementSync
  private readonly writeOutcome: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.readWaiting = db.prepare('SELECT * FROM downlink WHERE outcome IS NULL ORDER BY n LIMIT ?')
    this.readById = db.prepare('SELECT * FROM downlink WHERE id = ?')
    this.readByNumber = db.prepare('SELECT * FROM downlink WHERE n = ?')
    this.writeSent = db.prepare('UPDATE downlink SET sent_at = coalesce(sent_at, ?) WHERE n = ?')
    this.writeOutcome = db.prepare('UPDATE downlink SET settled_at = ?, outcome = ? WHERE n = ? AND outcome IS NULL')
  }

  async waiting(limit: number): Promise<readonly StoredDownlink[]> {
    return this.readWaiting.all(limit).map((row) => downlinkOf(row as unknown as Row))
  }

  async find(id: string): Promise<StoredDownlink | undefined> {
    const row = this.readById.get(id)
    return row === undefined ? undefined : downlinkOf(row as unknown as Row)
  }

  async findByNumber(n: number): Promise<StoredDownlink | undefined> {
    const row = this.readByNumber.get(n)
    return row === undefined ? undefined : downlinkOf(row as unknown as Row)
  }

  async sent(n: number, at: number): Promise<void> {
    this.writeSent.run(at, n)
  }

  async settled(n: number, at: number, outcome: DownlinkOutcome): Promise<void> {
    this.writeOutcome.run(at, outcome, n)
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

const downlinkOf = (row: Row): StoredDownlink => ({
  n: row.n,
  id: row.id,
  deviceId: row.device_id,
  request: JSON.parse(row.request) as DownlinkRequest,
  at: row.at,
  expiresAt: row.expires_at,
  sentAt: row.sent_at,
  settledAt: row.settled_at,
  outcome: row.outcome as DownlinkOutcome | null,
})
