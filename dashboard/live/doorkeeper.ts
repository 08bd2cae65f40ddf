import type { IncomingMessage } from 'node:http'
import { hashSecret } from '../../store/identity.ts'
import { readSessionCookie } from '../access/cookie.ts'
import { provenance } from '../access/origin.ts'
import { type Caller, callerMay } from '../access/sessions.ts'
import type { Desk } from '../desk.ts'
import { Client, type LiveSocket } from './client.ts'

const MAX_SOCKETS = 1000
/** Consoles one session may have open (tabs), and one person or program altogether (walls): nobody takes all the rest. */
const MAX_SOCKETS_PER_SESSION = 20
const MAX_SOCKETS_PER_NAME = 100
/** Connections that have not said who they are: so many at once, so long. Who shows a good cookie need not queue. */
const MAX_STRANGERS = 200
export const STRANGER_MS = 5000

/** Who comes in to the live stream, and who may stay. */
export class Doorkeeper {
  private readonly desk: Desk
  /** Those who are in; the hub's own set. */
  private readonly clients: ReadonlySet<Client>
  private lastInUse = 0

  constructor(desk: Desk, clients: ReadonlySet<Client>) {
    this.desk = desk
    this.clients = clients
  }

  isOwnPage(request: IncomingMessage): boolean {
    const { publicUrl } = this.desk.config
    return provenance(request.headers, publicUrl === undefined ? undefined : new URL(publicUrl).origin) !== 'foreign'
  }

  /**
   * Whether a connection may be opened at all; who it is comes later, from its first packet.
   *
   * @param connections open ones, those that have said who they are included
   */
  async mayKnock(request: IncomingMessage, connections: number): Promise<boolean> {
    if (!this.isOwnPage(request)) return false
    const strangers = connections - this.clients.size
    if (strangers < MAX_STRANGERS) return true
    return (await this.personOf(request.headers.cookie)) !== undefined
  }

  private async personOf(cookies: string | undefined): Promise<Caller | undefined> {
    const cookie = readSessionCookie(cookiesOf(cookies), this.desk.config)
    return cookie === undefined ? undefined : this.desk.sessions.find(hashSecret(cookie))
  }

  /** @returns why not; undefined: come in */
  async admit(socket: LiveSocket): Promise<string | undefined> {
    if (this.clients.size >= MAX_SOCKETS) return 'limit.sockets'
    const { sessions } = this.desk
    // Before the look-up: what is revoked after it is noticed by the next check.
    const revision = await sessions.revision()
    const auth: unknown = socket.handshake.auth.token
    const caller =
      typeof auth === 'string'
        ? await sessions.findToken(hashSecret(auth))
        : await this.personOf(socket.handshake.headers.cookie)
    if (caller === undefined) return typeof auth === 'string' ? 'token.unknown' : 'session.none'
    if (!callerMay(caller, 'read')) return 'right.missing'
    if (this.hasTooMany(caller)) return 'limit.sockets'
    socket.data.client = new Client(socket, caller, revision)
    return undefined
  }

  private hasTooMany(caller: Caller): boolean {
    let ofSession = 0
    let ofName = 0
    for (const { caller: other } of this.clients) {
      if (keyOf(other) === keyOf(caller)) ofSession += 1
      if (other.via === caller.via && other.name === caller.name) ofName += 1
    }
    return ofSession >= MAX_SOCKETS_PER_SESSION || ofName >= MAX_SOCKETS_PER_NAME
  }

  /** Looks callers up again when anybody's access has changed, and those whose time is over. */
  async checkAccess(): Promise<void> {
    const { sessions, now } = this.desk
    const revision = await sessions.revision()
    const at = now()
    const looked = new Map<string, Caller | undefined>()
    for (const client of this.clients) {
      if (client.revision === revision && at < client.caller.expiresAt) continue
      const key = keyOf(client.caller)
      if (!looked.has(key)) looked.set(key, await sessions.current(client.caller))
      this.reconsider(client, looked.get(key))
      client.revision = revision
    }
    if (Math.abs(at - this.lastInUse) < sessions.notedEveryMs) return
    this.lastInUse = at
    const callers = new Map([...this.clients].map((client) => [keyOf(client.caller), client.caller]))
    await sessions.inUse(callers.values())
    await this.desk.stores.accounts.audit(...this.desk.refusedSignIns.summary(at))
  }

  private reconsider(client: Client, caller: Caller | undefined): void {
    if (caller === undefined || !callerMay(caller, 'read')) {
      const expired = client.caller.expiresAt <= this.desk.now()
      client.socket.emit('bye', { code: expired ? 'session.expired' : 'session.revoked' })
      client.socket.disconnect(true)
      return
    }
    client.isNow(caller)
  }
}

/** The same for every socket of one session or token. */
const keyOf = (caller: Caller): string => `${caller.via}:${Buffer.from(caller.tokenHash).toString('base64')}`

function cookiesOf(header: string | undefined): Record<string, string> {
  const pairs = (header ?? '').split(';').map((part) => {
    const at = part.indexOf('=')
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()] as const
  })
  return Object.fromEntries(pairs)
}
