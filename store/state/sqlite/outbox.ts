import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Message, MessageState } from '../../../contract/channels.ts'
import type { NewEvent } from '../../../contract/events.ts'
import type { IncidentNotice } from '../../../contract/notice.ts'
import { transaction } from '../../sqlite.ts'
import type { Attempt, NewMessage, Outbox, StoredMessage } from '../outbox-port.ts'
import type { Page, PageOf } from '../page.ts'

/** A channel's limit is one of letters a minute; older ones count for nothing. */
const LETTERS_KEPT_MS = 600_000

interface Row {
  n: number
  id: string
  incident_id: string
  channel_id: string
  channel_name: string
  occasion: string
  step: number
  urgent: number
  body: string
  created_at: number
  queued_at: number
  state: string
  attempts: number
  settled_at: number | null
  last_error: string | null
}

/** Writes messages that are new; for the outbox and for the transaction of a decision. */
export class MessageWriter {
  private readonly insert: StatementSync

  constructor(db: DatabaseSync) {
    this.insert = db.prepare(
      `INSERT INTO outbox (id, incident_id, channel_id, channel_name, occasion, step, urgent, body, created_at, queued_at)
       VALUES ($id, $incident, $channel, $name, $occasion, $step, $urgent, $body, $at, $at) ON CONFLICT (id) DO NOTHING`,
    )
  }

  write(message: NewMessage): void {
    this.insert.run({
      $id: message.id,
      $incident: message.incidentId,
      $channel: message.channelId,
      $name: message.channelName,
      $occasion: message.occasion,
      $step: message.step,
      $urgent: Number(message.urgent),
      $body: JSON.stringify(message.incident),
      $at: message.at,
    })
  }
}

export class SqliteOutbox implements Outbox {
  private readonly db: DatabaseSync
  private readonly writer: MessageWriter
  private readonly readRevision: StatementSync
  private readonly readWaiting: StatementSync
  private readonly readOne: StatementSync
  private readonly note: StatementSync
  private readonly writeEvent: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.writer = new MessageWriter(db)
    this.readRevision = db.prepare("SELECT value FROM counter WHERE name = 'outbox_revision'")
    this.readWaiting = db.prepare(
      `SELECT * FROM outbox WHERE state = 'waiting' AND channel_id = ? ORDER BY urgent DESC, attempts, n LIMIT ?`,
    )
    this.readOne = db.prepare('SELECT * FROM outbox WHERE id = ?')
    this.note = db.prepare(
      `UPDATE outbox SET state = $state, attempts = attempts + $tried, last_error = $error,
         settled_at = CASE $state WHEN 'waiting' THEN NULL ELSE $at END
       WHERE id = $id AND state = 'waiting' RETURNING *`,
    )
    this.writeEvent = db.prepare('INSERT INTO event (at, type, incident_id, body) VALUES (?, ?, ?, ?)')
  }

  async revision(): Promise<number> {
    return (this.readRevision.get() as { value: number }).value
  }

  async put(messages: readonly NewMessage[]): Promise<void> {
    transaction(this.db, () => {
      for (const message of messages) this.writer.write(message)
    })
  }

  async waitingChannels(): Promise<
    readonly { readonly channelId: string; readonly count: number; readonly oldestAt: number }[]
  > {
    const rows = this.db
      .prepare(
        `SELECT channel_id, count(*) AS count, min(queued_at) AS oldest_at FROM outbox WHERE state = 'waiting' GROUP BY channel_id`,
      )
      .all() as unknown as { channel_id: string; count: number; oldest_at: number }[]
    return rows.map((row) => ({ channelId: row.channel_id, count: row.count, oldestAt: row.oldest_at }))
  }

  async waiting(channelId: string, limit: number): Promise<readonly StoredMessage[]> {
    return this.readWaiting.all(channelId, limit).map((row) => messageOf(row as unknown as Row))
  }

  async settle(attempts: readonly Attempt[], at: number, letter?: { readonly channelId: string }): Promise<void> {
    transaction(this.db, () => {
      for (const { id, result, error } of attempts) {
        const state: MessageState = result === 'failed' ? 'waiting' : result
        const row = this.note.get({
          $id: id,
          $state: state,
          $tried: letter === undefined ? 0 : 1,
          $error: error,
          $at: at,
        })
        if (row !== undefined) this.tell(messageOf(row as unknown as Row), result, at)
      }
      if (letter === undefined) return
      this.db.prepare('INSERT INTO outbox_letter (channel_id, at) VALUES (?, ?)').run(letter.channelId, at)
      this.db.prepare('DELETE FROM outbox_letter WHERE at < ?').run(at - LETTERS_KEPT_MS)
    })
  }

  async lettersSince(channelId: string, at: number): Promise<readonly number[]> {
    const rows = this.db.prepare('SELECT at FROM outbox_letter WHERE channel_id = ? AND at > ? ORDER BY at')
    return rows.all(channelId, at).map((row) => row.at as number)
  }

  async find(id: string): Promise<StoredMessage | undefined> {
    const row = this.readOne.get(id)
    return row === undefined ? undefined : messageOf(row as unknown as Row)
  }

  async ofIncident(incidentId: string): Promise<readonly Message[]> {
    const rows = this.db.prepare('SELECT * FROM outbox WHERE incident_id = ? ORDER BY n').all(incidentId)
    return rows.map((row) => fateOf(messageOf(row as unknown as Row)))
  }

  async deadLetters({ limit, cursor }: PageOf): Promise<Page<Message>> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)
    const rows = this.db
      .prepare(`SELECT * FROM outbox WHERE state = 'gave-up' AND n < ? ORDER BY n DESC LIMIT ?`)
      .all(Number.isSafeInteger(before) ? before : 0, limit) as unknown as Row[]
    const { total } = this.db.prepare(`SELECT count(*) AS total FROM outbox WHERE state = 'gave-up'`).get() as {
      total: number
    }
    const last = rows.length < limit ? undefined : rows.at(-1)
    return {
      items: rows.map((row) => fateOf(messageOf(row))),
      total,
      next: last === undefined ? null : String(last.n),
    }
  }

  async deadLetterCounts(): Promise<ReadonlyMap<string, number>> {
    const rows = this.db.prepare(
      `SELECT channel_id, count(*) AS count FROM outbox WHERE state = 'gave-up' GROUP BY channel_id`,
    )
    return new Map(rows.all().map((row) => [row.channel_id as string, row.count as number]))
  }

  async sendAgain(id: string, at: number): Promise<boolean> {
    return (
      this.db
        .prepare(
          `UPDATE outbox SET state = 'waiting', attempts = 0, queued_at = ?, settled_at = NULL
           WHERE id = ? AND state = 'gave-up'`,
        )
        .run(at, id).changes > 0
    )
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  /** Into the log of its incident. Of failures only the first: how often it was tried stands on the message. */
  private tell(message: StoredMessage, result: Attempt['result'], at: number): void {
    if (message.incidentId === '' || (result === 'failed' && message.attempts > 1)) return
    const type = `message.${result}` as const
    const event: NewEvent = { type, at, commandId: null, actor: null, message: fateOf(message) }
    this.writeEvent.run(at, type, message.incidentId, JSON.stringify(event))
  }
}

const messageOf = (row: Row): StoredMessage => ({
  n: row.n,
  id: row.id,
  incidentId: row.incident_id,
  channelId: row.channel_id,
  channelName: row.channel_name,
  occasion: row.occasion as Message['occasion'],
  step: row.step,
  state: row.state as MessageState,
  attempts: row.attempts,
  createdAt: row.created_at,
  sentAt: row.state === 'sent' ? row.settled_at : null,
  lastError: row.last_error,
  urgent: row.urgent !== 0,
  queuedAt: row.queued_at,
  incident: JSON.parse(row.body) as IncidentNotice | null,
})

const fateOf = ({ n: _, urgent: _u, queuedAt: _q, incident: _i, ...fate }: StoredMessage): Message => fate
