import type { DatabaseSync } from 'node:sqlite'
import type { Role } from '../../../contract/roles.ts'
import { transaction } from '../../sqlite.ts'
import { type Accounts, DuplicateName, type User } from '../port.ts'

const USER = 'name, role, password_hash IS NOT NULL AS has_password, created_at'

export class SqliteAccounts implements Accounts {
  private readonly db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.db = db
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
    const { changes } = this.db.prepare('UPDATE user SET password_hash = ? WHERE name = ?').run(passwordHash, name)
    if (changes === 0) throw new Error(`there is no user ${name}`)
  }

  async removeUser(name: string): Promise<boolean> {
    return transaction(this.db, () => {
      this.db.prepare('DELETE FROM session WHERE user_name = ?').run(name)
      this.db.prepare('DELETE FROM link WHERE user_name = ?').run(name)
      return this.db.prepare('DELETE FROM user WHERE name = ?').run(name).changes > 0
    })
  }

  async addLink(tokenHash: Uint8Array, userName: string, expiresAt: number): Promise<void> {
    this.db
      .prepare('INSERT INTO link (token_hash, user_name, expires_at) VALUES (?, ?, ?)')
      .run(tokenHash, userName, expiresAt)
  }

  async redeemLink(tokenHash: Uint8Array, now: number): Promise<string | undefined> {
    return transaction(this.db, () => {
      const row = this.db
        .prepare('DELETE FROM link WHERE token_hash = ? RETURNING user_name, expires_at')
        .get(tokenHash)
      this.db.prepare('DELETE FROM link WHERE expires_at <= ?').run(now)
      return row !== undefined && (row.expires_at as number) > now ? (row.user_name as string) : undefined
    })
  }

  async addSession(tokenHash: Uint8Array, userName: string, createdAt: number, expiresAt: number): Promise<void> {
    transaction(this.db, () => {
      this.db.prepare('DELETE FROM session WHERE expires_at <= ?').run(createdAt)
      this.db
        .prepare('INSERT INTO session (token_hash, user_name, created_at, expires_at) VALUES (?, ?, ?, ?)')
        .run(tokenHash, userName, createdAt, expiresAt)
    })
  }

  async session(tokenHash: Uint8Array, now: number): Promise<User | undefined> {
    const row = this.db
      .prepare(
        `SELECT u.name, u.role, u.password_hash IS NOT NULL AS has_password, u.created_at
         FROM session s JOIN user u ON u.name = s.user_name WHERE s.token_hash = ? AND s.expires_at > ?`,
      )
      .get(tokenHash, now)
    return row === undefined ? undefined : userOf(row)
  }

  async removeSession(tokenHash: Uint8Array): Promise<void> {
    this.db.prepare('DELETE FROM session WHERE token_hash = ?').run(tokenHash)
  }

  async removeSessions(userName: string, except: Uint8Array): Promise<void> {
    transaction(this.db, () => {
      this.db.prepare('DELETE FROM session WHERE user_name = ? AND token_hash <> ?').run(userName, except)
      this.db.prepare('DELETE FROM link WHERE user_name = ?').run(userName)
    })
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
    const row = this.db.prepare('SELECT name, role FROM token WHERE token_hash = ?').get(tokenHash)
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

  async audit(entry: {
    readonly at: number
    readonly actor: string
    readonly action: string
    readonly target: string
    readonly detail: string
  }): Promise<void> {
    this.db
      .prepare('INSERT INTO audit (at, actor, action, target, detail) VALUES (?, ?, ?, ?, ?)')
      .run(entry.at, entry.actor, entry.action, entry.target, entry.detail)
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close()
  }
}

const userOf = (row: Record<string, unknown>): User => ({
  name: row.name as string,
  role: row.role as Role,
  hasPassword: row.has_password === 1,
  createdAt: row.created_at as number,
})
