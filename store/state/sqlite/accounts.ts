import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AuditRecord } from '../../../contract/api.ts'
import type { Role } from '../../../contract/roles.ts'
import { transaction } from '../../sqlite.ts'
import {
  type Accounts,
  type AuditEntry,
  type AuditFilter,
  LastAdmin,
  type SessionOrigin,
  type StoredSession,
  type User,
} from '../accounts-port.ts'
import { DuplicateName } from '../duplicate-name.ts'
import type { Page, PageOf } from '../page.ts'
import { appendAudit, readAudit } from './audit.ts'

const USER = 'name, role, password_hash IS NOT NULL AS has_password, disabled, created_at'
/** 64 of the hash's 256 bits: tells a person's sessions apart and is no key to any. */
const SESSION = `lower(hex(substr(s.token_hash, 1, 8))) AS id, s.user_name, s.created_at AS opened_at, s.last_used_at,
  s.expires_at, s.address, s.agent, s.by_link`
const UNKNOWN_ORIGIN: SessionOrigin = { address: '', agent: '', byLink: false }
/** Browsers remembered of one person: desk, wall, phone, home, and as many again. */
const KNOWN_DEVICES = 10
/** Sessions one person may have; the longest unused ends when one more is opened. */
const SESSIONS_PER_USER = 100

export class SqliteAccounts implements Accounts {
  private readonly db: DatabaseSync
  // What is asked for every request and every open socket is prepared once.
  private readonly readSession: StatementSync
  private readonly readToken: StatementSync
  private readonly readRevision: StatementSync

  constructor(db: DatabaseSync) {
    this.db = db
    this.readSession = db.prepare(
      `SELECT u.name, u.role, u.password_hash IS NOT NULL AS has_password, u.disabled, u.created_at, ${SESSION}
       FROM session s JOIN user u ON u.name = s.user_name
       WHERE s.token_hash = ? AND s.expires_at > ? AND u.disabled = 0`,
    )
    this.readToken = db.prepare('SELECT name, role FROM token WHERE token_hash = ?')
    this.readRevision = db.prepare("SELECT value FROM counter WHERE name = 'access_revision'")
  }

  async users(): Promise<readonly User[]> {
    return this.db.prepare(`SELECT ${USER} FROM user ORDER BY name`).all().map(userOf)
  }

  async user(name: string): Promise<(User & { readonly passwordHash: string | null }) | undefined> {
    const row = this.db.prepare(`SELECT ${USER}, password_hash FROM user WHERE name = ?`).get(name)
    return row === undefined ? undefined : { ...userOf(row), passwordHash: row.password_hash as string | null }
  }

  async addUser(user: {
    readonly name: string
    readonly role: Role
    readonly passwordHash: string | null
    readonly createdAt: number
  }): Promise<void> {
    const { changes } = this.db
      .prepare('INSERT OR IGNORE INTO user (name, role, password_hash, created_at) VALUES (?, ?, ?, ?)')
      .run(user.name, user.role, user.passwordHash, user.createdAt)
    if (changes === 0) throw new DuplicateName(`there is already a user ${user.name}`)
  }

  async setPassword(name: string, passwordHash: string): Promise<void> {
    transaction(this.db, () => {
      const { changes } = this.db.prepare('UPDATE user SET password_hash = ? WHERE name = ?').run(passwordHash, name)
      if (changes === 0) throw new Error(`there is no user ${name}`)
      this.db.prepare('UPDATE session SET by_link = 0 WHERE user_name = ?').run(name)
    })
  }

  async changeUser(
    name: string,
    change: { readonly role?: Role | undefined; readonly disabled?: boolean | undefined },
    options: { readonly keepAdmin: boolean },
  ): Promise<boolean> {
    return transaction(this.db, () => {
      const before = this.db.prepare(`SELECT ${USER} FROM user WHERE name = ?`).get(name)
      if (before === undefined) return false
      const disabled = change.disabled ?? before.disabled === 1
      this.db
        .prepare('UPDATE user SET role = ?, disabled = ? WHERE name = ?')
        .run(change.role ?? (before.role as Role), disabled ? 1 : 0, name)
      if (disabled) this.forget(name)
      if (options.keepAdmin) this.mustHaveAdmin()
      return true
    })
  }

  async removeUser(name: string, options: { readonly keepAdmin: boolean } = { keepAdmin: false }): Promise<boolean> {
    return transaction(this.db, () => {
      this.forget(name)
      const removed = this.db.prepare('DELETE FROM user WHERE name = ?').run(name).changes > 0
      if (options.keepAdmin) this.mustHaveAdmin()
      return removed
    })
  }

  async addLink(tokenHash: Uint8Array, userName: string, expiresAt: number): Promise<void> {
    this.db
      .prepare('INSERT INTO link (token_hash, user_name, expires_at) VALUES (?, ?, ?)')
      .run(tokenHash, userName, expiresAt)
  }

  async linkOwner(tokenHash: Uint8Array, now: number): Promise<string | undefined> {
    const row = this.db
      .prepare(
        `SELECT l.user_name FROM link l JOIN user u ON u.name = l.user_name
         WHERE l.token_hash = ? AND l.expires_at > ? AND u.disabled = 0`,
      )
      .get(tokenHash, now)
    return row?.user_name as string | undefined
  }

  async redeemLink(tokenHash: Uint8Array, now: number): Promise<string | undefined> {
    return transaction(this.db, () => {
      const row = this.db
        .prepare(
          `DELETE FROM link WHERE token_hash = ? RETURNING user_name, expires_at,
             EXISTS (SELECT 1 FROM user WHERE name = user_name AND disabled = 0) AS welcome`,
        )
        .get(tokenHash)
      this.db.prepare('DELETE FROM link WHERE expires_at <= ?').run(now)
      const good = row !== undefined && (row.expires_at as number) > now && row.welcome === 1
      return good ? (row.user_name as string) : undefined
    })
  }

  async addSession(
    tokenHash: Uint8Array,
    userName: string,
    createdAt: number,
    expiresAt: number,
    origin: SessionOrigin = UNKNOWN_ORIGIN,
  ): Promise<void> {
    transaction(this.db, () => {
      this.db.prepare('DELETE FROM session WHERE expires_at <= ?').run(createdAt)
      this.db
        .prepare(
          `DELETE FROM session WHERE token_hash IN
             (SELECT token_hash FROM session WHERE user_name = ? ORDER BY last_used_at DESC LIMIT -1 OFFSET ?)`,
        )
        .run(userName, SESSIONS_PER_USER - 1)
      this.db
        .prepare(
          `INSERT INTO session (token_hash, user_name, created_at, expires_at, last_used_at, address, agent, by_link)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(tokenHash, userName, createdAt, expiresAt, createdAt, origin.address, origin.agent, origin.byLink ? 1 : 0)
    })
  }

  async session(tokenHash: Uint8Array, now: number): Promise<(User & { readonly session: StoredSession }) | undefined> {
    const row = this.readSession.get(tokenHash, now)
    return row === undefined ? undefined : { ...userOf(row), session: sessionOf(row) }
  }

  async sessions(userName: string, now: number): Promise<readonly StoredSession[]> {
    return this.db
      .prepare(`SELECT ${SESSION} FROM session s WHERE user_name = ? AND expires_at > ? ORDER BY last_used_at DESC, id`)
      .all(userName, now)
      .map(sessionOf)
  }

  async touchSessions(tokenHashes: readonly Uint8Array[], now: number, address?: string): Promise<void> {
    const touch = this.db.prepare(
      'UPDATE session SET last_used_at = ?, address = coalesce(?, address) WHERE token_hash = ?',
    )
    transaction(this.db, () => {
      for (const tokenHash of tokenHashes) touch.run(now, address ?? null, tokenHash)
    })
  }

  async removeSession(tokenHash: Uint8Array): Promise<void> {
    this.db.prepare('DELETE FROM session WHERE token_hash = ?').run(tokenHash)
  }

  async endSession(userName: string, id: string): Promise<boolean> {
    const { changes } = this.db
      .prepare('DELETE FROM session WHERE user_name = ? AND lower(hex(substr(token_hash, 1, 8))) = ?')
      .run(userName, id)
    return changes > 0
  }

  async removeSessions(userName: string, except: Uint8Array = new Uint8Array()): Promise<number> {
    return transaction(this.db, () => {
      this.db.prepare('DELETE FROM link WHERE user_name = ?').run(userName)
      const { changes } = this.db
        .prepare('DELETE FROM session WHERE user_name = ? AND token_hash <> ?')
        .run(userName, except)
      return Number(changes)
    })
  }

  async accessRevision(): Promise<number> {
    return (this.readRevision.get() as { value: number }).value
  }

  async addKnownDevice(tokenHash: Uint8Array, userName: string, now: number): Promise<void> {
    transaction(this.db, () => {
      this.db
        .prepare('INSERT OR REPLACE INTO known_device (token_hash, user_name, last_used_at) VALUES (?, ?, ?)')
        .run(tokenHash, userName, now)
      this.db
        .prepare(
          `DELETE FROM known_device WHERE user_name = ?1 AND token_hash IN
             (SELECT token_hash FROM known_device WHERE user_name = ?1 ORDER BY last_used_at DESC LIMIT -1 OFFSET ?2)`,
        )
        .run(userName, KNOWN_DEVICES)
    })
  }

  async isKnownDevice(tokenHash: Uint8Array, usedAfter: number, userName?: string): Promise<boolean> {
    const row = this.db
      .prepare(
        'SELECT 1 FROM known_device WHERE token_hash = ? AND last_used_at > ? AND user_name = coalesce(?, user_name)',
      )
      .get(tokenHash, usedAfter, userName ?? null)
    return row !== undefined
  }

  async addToken(token: {
    readonly name: string
    readonly role: Role
    readonly tokenHash: Uint8Array
    readonly createdAt: number
  }): Promise<void> {
    const { changes } = this.db
      .prepare('INSERT OR IGNORE INTO token (name, role, token_hash, created_at) VALUES (?, ?, ?, ?)')
      .run(token.name, token.role, token.tokenHash, token.createdAt)
    if (changes === 0) throw new DuplicateName(`there is already a token ${token.name}`)
  }

  async token(tokenHash: Uint8Array): Promise<{ readonly name: string; readonly role: Role } | undefined> {
    const row = this.readToken.get(tokenHash)
    return row === undefined ? undefined : { name: row.name as string, role: row.role as Role }
  }

  async tokens(): Promise<readonly { readonly name: string; readonly role: Role; readonly createdAt: number }[]> {
    return this.db
      .prepare('SELECT name, role, created_at FROM token ORDER BY name')
      .all()
      .map((row) => ({ name: row.name as string, role: row.role as Role, createdAt: row.created_at as number }))
  }

  async removeToken(name: string): Promise<boolean> {
    return this.db.prepare('DELETE FROM token WHERE name = ?').run(name).changes > 0
  }

  async audit(...entries: readonly AuditEntry[]): Promise<void> {
    appendAudit(this.db, entries)
  }

  async auditEntries(filter: AuditFilter & PageOf): Promise<Page<AuditRecord>> {
    return readAudit(this.db, filter)
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }

  /** Ends whatever lets a person in without their password. */
  private forget(userName: string): void {
    for (const table of ['session', 'link', 'known_device'])
      this.db.prepare(`DELETE FROM ${table} WHERE user_name = ?`).run(userName)
  }

  private mustHaveAdmin(): void {
    const row = this.db.prepare("SELECT 1 FROM user WHERE role = 'admin' AND disabled = 0 LIMIT 1").get()
    if (row === undefined) throw new LastAdmin('nobody would be left who may administer')
  }
}

const userOf = (row: Record<string, unknown>): User => ({
  name: row.name as string,
  role: row.role as Role,
  hasPassword: row.has_password === 1,
  disabled: row.disabled === 1,
  createdAt: row.created_at as number,
})

const sessionOf = (row: Record<string, unknown>): StoredSession => ({
  id: row.id as string,
  userName: row.user_name as string,
  createdAt: row.opened_at as number,
  lastUsedAt: row.last_used_at as number,
  expiresAt: row.expires_at as number,
  address: row.address as string,
  agent: row.agent as string,
  byLink: row.by_link === 1,
})
