import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { type ChannelKind, type ChannelRule, channelRuleSchema } from '../../../contract/channels.ts'
import { sqliteCode } from '../../sqlite.ts'
import type { Channels, StoredChannel } from '../channels-port.ts'
import { DuplicateName } from '../duplicate-name.ts'

const SQLITE_CONSTRAINT = 19

interface Row {
  id: string
  kind: string
  name: string
  settings: string
  secrets: string
  rules: string
  disabled: number
  disabled_why: string | null
  created_at: number
}

export class SqliteChannels implements Channels {
  private readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.db = db
  }

  async revision(): Promise<number> {
    return counter(this.db, 'channel_revision')
  }

  async list(): Promise<readonly StoredChannel[]> {
    const rows = this.db.prepare('SELECT * FROM channel ORDER BY created_at, id').all()
    return rows.map((row) => channelOf(row as unknown as Row))
  }

  async find(id: string): Promise<StoredChannel | undefined> {
    const row = this.db.prepare('SELECT * FROM channel WHERE id = ?').get(id)
    return row === undefined ? undefined : channelOf(row as unknown as Row)
  }

  async put(channel: StoredChannel): Promise<void> {
    try {
      this.db
        .prepare(
          `INSERT INTO channel (id, kind, name, settings, secrets, rules, disabled, disabled_why, created_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             settings = excluded.settings, secrets = excluded.secrets, rules = excluded.rules,
             disabled = excluded.disabled, disabled_why = excluded.disabled_why`,
        )
        .run(
          channel.id,
          channel.kind,
          channel.name,
          JSON.stringify(channel.settings),
          JSON.stringify(channel.secrets),
          JSON.stringify(channel.rules),
          Number(channel.disabled),
          channel.disabledWhy,
          channel.createdAt,
        )
    } catch (error) {
      if (sqliteCode(error) === SQLITE_CONSTRAINT) throw new DuplicateName(`there is already a channel ${channel.name}`)
      throw error
    }
  }

  async remove(id: string): Promise<boolean> {
    return this.db.prepare('DELETE FROM channel WHERE id = ?').run(id).changes > 0
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

const channelOf = (row: Row): StoredChannel => ({
  id: row.id,
  kind: row.kind as ChannelKind,
  name: row.name,
  settings: JSON.parse(row.settings) as Record<string, unknown>,
  secrets: JSON.parse(row.secrets) as Record<string, string>,
  // Parsed, so that a rule of before has what rules have learned since.
  rules: z.array(channelRuleSchema).parse(JSON.parse(row.rules)) as ChannelRule[],
  disabled: row.disabled !== 0,
  disabledWhy: row.disabled_why,
  createdAt: row.created_at,
})

/** A change counter of the state. */
const counter = (db: DatabaseSync, name: string): number =>
  (db.prepare('SELECT value FROM counter WHERE name = ?').get(name) as { value: number }).value
