import type { AuditRecord } from '../../contract/api.ts'
import type { Role } from '../../contract/roles.ts'
import type { Page, PageOf } from './page.ts'

export interface User {
  readonly name: string
  readonly role: Role
  readonly hasPassword: boolean
  /** May not sign in; kept because their name stands in the audit. */
  readonly disabled: boolean
  readonly createdAt: number
}

/** Where a session was opened from, for its owner to recognise. */
export interface SessionOrigin {
  readonly address: string
  /** What the browser calls itself. */
  readonly agent: string
  /** By a one-time link, not by a password. */
  readonly byLink: boolean
}

export interface StoredSession extends SessionOrigin {
  /** Names it to people; cannot be used to sign in. */
  readonly id: string
  readonly userName: string
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly expiresAt: number
}

/** The change would leave nobody who may administer. */
export class LastAdmin extends Error {
  override name = 'LastAdmin'
}

export interface AuditEntry {
  readonly at: number
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly detail: string
}

export interface AuditFilter {
  readonly actor?: string | undefined
  /** From its beginning: `user.` is every change of a user. */
  readonly action?: string | undefined
  readonly target?: string | undefined
  /** ms since 1970; `to` is not included. */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Secrets go in as SHA-256 of a random token, passwords as an encoded scrypt hash; nothing here can be used to sign in. */
export interface Accounts {
  users(): Promise<readonly User[]>
  user(name: string): Promise<(User & { readonly passwordHash: string | null }) | undefined>
  addUser(user: {
    readonly name: string
    readonly role: Role
    readonly passwordHash: string | null
    readonly createdAt: number
  }): Promise<void>
  /** Also turns the sessions that came by a link into ordinary ones. */
  setPassword(name: string, passwordHash: string): Promise<void>
  /**
   * Resolves false where there is no such user. Disabling ends every session, link and known device. Throws LastAdmin
   * where `keepAdmin` is asked for and this is the last enabled administrator.
   */
  changeUser(
    name: string,
    change: { readonly role?: Role | undefined; readonly disabled?: boolean | undefined },
    options: { readonly keepAdmin: boolean },
  ): Promise<boolean>
  removeUser(name: string, options?: { readonly keepAdmin: boolean }): Promise<boolean>
  addLink(tokenHash: Uint8Array, userName: string, expiresAt: number): Promise<void>
  /** Whose link it is, without using it up. */
  linkOwner(tokenHash: Uint8Array, now: number): Promise<string | undefined>
  /** Uses up the link: resolves its user once, then never again. Nobody's for a disabled user. */
  redeemLink(tokenHash: Uint8Array, now: number): Promise<string | undefined>
  addSession(
    tokenHash: Uint8Array,
    userName: string,
    createdAt: number,
    expiresAt: number,
    origin?: SessionOrigin,
  ): Promise<void>
  /** Who has this session at `now`, and the session; undefined also for a disabled user. */
  session(tokenHash: Uint8Array, now: number): Promise<(User & { readonly session: StoredSession }) | undefined>
  /** A user's sessions, the last used first. */
  sessions(userName: string, now: number): Promise<readonly StoredSession[]>
  /** These sessions are in use at `now`; the address where it is known. */
  touchSessions(tokenHashes: readonly Uint8Array[], now: number, address?: string): Promise<void>
  removeSession(tokenHash: Uint8Array): Promise<void>
  /** Ends the session of that id if it is the user's. */
  endSession(userName: string, id: string): Promise<boolean>
  /** Ends every session of a user but `except`, and every link that they have not used. @returns how many sessions */
  removeSessions(userName: string, except?: Uint8Array): Promise<number>
  /** Grows whenever a session ended, a user or token changed or went: what open sockets ask, whoever wrote it. */
  accessRevision(): Promise<number>
  /** Remembers a browser of a user; the newest few are kept. */
  addKnownDevice(tokenHash: Uint8Array, userName: string, now: number): Promise<void>
  /** Whether this person, or without a name anybody, has signed in with that browser since. */
  isKnownDevice(tokenHash: Uint8Array, usedAfter: number, userName?: string): Promise<boolean>
  addToken(token: {
    readonly name: string
    readonly role: Role
    readonly tokenHash: Uint8Array
    readonly createdAt: number
  }): Promise<void>
  token(tokenHash: Uint8Array): Promise<{ readonly name: string; readonly role: Role } | undefined>
  tokens(): Promise<readonly { readonly name: string; readonly role: Role; readonly createdAt: number }[]>
  removeToken(name: string): Promise<boolean>
  /** Append-only; several entries are written together or not at all. */
  audit(...entries: readonly AuditEntry[]): Promise<void>
  /** Newest first. */
  auditEntries(filter: AuditFilter & PageOf): Promise<Page<AuditRecord>>
  close(): Promise<void>
}
