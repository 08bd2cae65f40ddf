import type { Right, Role } from '../../contract/roles.ts'
import { may } from '../../contract/roles.ts'
import { hashSecret, makeSecret } from '../../store/identity.ts'
import type { Accounts } from '../../store/state/port.ts'

/** Who is asking: a person with a session, or a program with a bearer token. */
export interface Caller {
  readonly via: 'session' | 'token'
  readonly name: string
  readonly role: Role
  /** False for a person who came by a one-time link and has not set a password yet. */
  readonly hasPassword: boolean
  readonly tokenHash: Uint8Array
}

export const callerMay = (caller: Caller, right: Right): boolean => may(caller.role, right)
/** What stands in the audit and at an alarm. A program's name cannot be mistaken for a person's. */
export const actorOf = (caller: Caller): string => (caller.via === 'token' ? `token:${caller.name}` : caller.name)

export interface SessionLimits {
  readonly idleMs: number
  readonly maxMs: number
}

/**
 * Server-side sessions: the cookie holds a random token, the state its SHA-256. A session ends when it is removed, when
 * its absolute end has come (kept in the state), or when nobody has used it for `idleMs` (kept in memory: after a
 * restart of the dashboard the idle time starts anew, the absolute end does not).
 */
export class Sessions {
  private readonly accounts: Accounts
  private readonly limits: SessionLimits
  private readonly now: () => number
  private readonly lastUsed = new Map<string, number>()

  constructor(accounts: Accounts, limits: SessionLimits, now: () => number) {
    this.accounts = accounts
    this.limits = limits
    this.now = now
  }

  /** @returns the token for the cookie */
  async open(userName: string): Promise<string> {
    const token = makeSecret()
    const at = this.now()
    await this.accounts.addSession(hashSecret(token), userName, at, at + this.limits.maxMs)
    return token
  }

  /** Looks a session up and counts it as used. */
  async find(tokenHash: Uint8Array): Promise<Caller | undefined> {
    const at = this.now()
    const key = Buffer.from(tokenHash).toString('base64')
    const user = await this.accounts.session(tokenHash, at)
    const usedAt = this.lastUsed.get(key)
    if (user === undefined || (usedAt !== undefined && at - usedAt > this.limits.idleMs)) {
      this.lastUsed.delete(key)
      if (user !== undefined) await this.accounts.removeSession(tokenHash)
      return undefined
    }
    this.lastUsed.set(key, at)
    return { via: 'session', name: user.name, role: user.role, hasPassword: user.hasPassword, tokenHash }
  }

  async findToken(tokenHash: Uint8Array): Promise<Caller | undefined> {
    const token = await this.accounts.token(tokenHash)
    return token === undefined
      ? undefined
      : { via: 'token', name: token.name, role: token.role, hasPassword: true, tokenHash }
  }

  /** Is this caller still who it was? Asked for every open socket twice a second. */
  renew(caller: Caller): Promise<Caller | undefined> {
    return caller.via === 'session' ? this.find(caller.tokenHash) : this.findToken(caller.tokenHash)
  }

  /** Of a caller that is no longer known: has its time run out (true), or has somebody ended it? */
  async hasExpired(caller: Caller): Promise<boolean> {
    // Asked as if it were 1970, the state also shows a session whose end has passed.
    return caller.via === 'session' && (await this.accounts.session(caller.tokenHash, 0)) !== undefined
  }

  async end(tokenHash: Uint8Array): Promise<void> {
    this.lastUsed.delete(Buffer.from(tokenHash).toString('base64'))
    await this.accounts.removeSession(tokenHash)
  }
}
