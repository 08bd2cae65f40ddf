import type { Right, Role } from '../../contract/roles.ts'
import { may } from '../../contract/roles.ts'
import { hashSecret, makeSecret } from '../../store/identity.ts'
import type { Accounts, SessionOrigin } from '../../store/state/accounts-port.ts'

/** Who is asking: a person with a session, or a program with a bearer token. */
export interface Caller {
  readonly via: 'session' | 'token'
  readonly name: string
  readonly role: Role
  /** False for a person who came by a one-time link and has not set a password yet. */
  readonly hasPassword: boolean
  /** A person who came by a one-time link may set a password without knowing the one before. */
  readonly byLink: boolean
  readonly tokenHash: Uint8Array
  /** When everybody has to sign in anew, ms since 1970; a token has no end. */
  readonly expiresAt: number
}

export const callerMay = (caller: Caller, right: Right): boolean => may(caller.role, right)
/** What stands in the audit and at an alarm. A program's name cannot be mistaken for a person's. */
export const actorOf = (caller: Caller): string => (caller.via === 'token' ? `token:${caller.name}` : caller.name)

export interface SessionLimits {
  readonly idleMs: number
  readonly maxMs: number
}

/** Use is written down this often, so that a request is a read and seldom a write. */
const NOTED_EVERY_MS = 60_000
/** A short idle time (tests, kiosks) is still kept to within a quarter. */
const NOTED_PER_IDLE = 4
/** What is kept of a browser's name of itself, characters. */
const AGENT_LENGTH = 200

/**
 * Server-side sessions: the cookie holds a random token, the state its SHA-256. A session ends when it is removed, when
 * its absolute end has come, or when nobody has used it for `idleMs`; all three are kept in the state, so a restart
 * changes nothing. Whoever has a console open is using it.
 */
export class Sessions {
  private readonly accounts: Accounts
  private readonly limits: SessionLimits
  private readonly now: () => number

  constructor(accounts: Accounts, limits: SessionLimits, now: () => number) {
    this.accounts = accounts
    this.limits = limits
    this.now = now
  }

  /** How often use is to be noted, ms. */
  get notedEveryMs(): number {
    return Math.min(NOTED_EVERY_MS, this.limits.idleMs / NOTED_PER_IDLE)
  }

  /** @returns the token for the cookie */
  async open(userName: string, origin: SessionOrigin): Promise<string> {
    const token = makeSecret()
    const at = this.now()
    await this.accounts.addSession(hashSecret(token), userName, at, at + this.limits.maxMs, {
      ...origin,
      agent: origin.agent.slice(0, AGENT_LENGTH),
    })
    return token
  }

  /** Looks a session up and counts it as used from `address`. */
  async find(tokenHash: Uint8Array, address?: string): Promise<Caller | undefined> {
    const at = this.now()
    const user = await this.accounts.session(tokenHash, at)
    if (user === undefined) return undefined
    const unusedMs = at - user.session.lastUsedAt
    if (unusedMs > this.limits.idleMs) {
      await this.accounts.removeSession(tokenHash)
      return undefined
    }
    if (unusedMs >= this.notedEveryMs) await this.note([tokenHash], address)
    return personOf(user, tokenHash)
  }

  async findToken(tokenHash: Uint8Array): Promise<Caller | undefined> {
    const token = await this.accounts.token(tokenHash)
    if (token === undefined) return undefined
    const { name, role } = token
    return {
      via: 'token',
      name,
      role,
      hasPassword: true,
      byLink: false,
      tokenHash,
      expiresAt: Number.POSITIVE_INFINITY,
    }
  }

  /** Who this caller of an open socket is now; undefined: it may stay no longer. */
  async current(caller: Caller): Promise<Caller | undefined> {
    if (caller.via === 'token') return this.findToken(caller.tokenHash)
    const user = await this.accounts.session(caller.tokenHash, this.now())
    return user === undefined ? undefined : personOf(user, caller.tokenHash)
  }

  /** Grows whenever somebody may do less or something else than before. */
  revision(): Promise<number> {
    return this.accounts.accessRevision()
  }

  /** These callers have a console open. */
  inUse(callers: Iterable<Caller>): Promise<void> {
    const people = [...callers].filter((caller) => caller.via === 'session')
    return this.note(
      people.map((caller) => caller.tokenHash),
      undefined,
    )
  }

  async end(tokenHash: Uint8Array): Promise<void> {
    await this.accounts.removeSession(tokenHash)
  }

  /** A full disk must not sign people out: what cannot be noted is noted a minute later. */
  private async note(tokenHashes: readonly Uint8Array[], address: string | undefined): Promise<void> {
    if (tokenHashes.length === 0) return
    await this.accounts.touchSessions(tokenHashes, this.now(), address).catch(() => undefined)
  }
}

const personOf = (user: NonNullable<Awaited<ReturnType<Accounts['session']>>>, tokenHash: Uint8Array): Caller => ({
  via: 'session',
  name: user.name,
  role: user.role,
  hasPassword: user.hasPassword,
  byLink: user.session.byLink,
  tokenHash,
  expiresAt: user.session.expiresAt,
})
