import type { DefaultEventsMap, Server, Socket } from 'socket.io'
import type { ClientToServer, ServerToClient } from '../../contract/live.ts'
import type { Caller } from '../access/sessions.ts'

interface SocketData {
  client: Client
}
export type LiveServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>
export type LiveSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>

/** The room of those who have everything and get the rest as it happens. */
export const IN_STEP = 'in-step'

/** Packets waiting behind a stalled connection before it is cut off from the stream and caught up later. */
const MAX_WAITING = 64
/** Requests per second a console may make; a person needs two. */
const MAX_REQUESTS_PER_S = 20
/** What asking for everything counts for: a snapshot is a thousand times the work of a click. */
const HELLO_COST = 5
/** Requests in one second after which it is no console: it is disconnected. */
const FLOOD_PER_S = 200
/** Silencing is written down this often at most: whoever toggles the bell says nothing new. */
const MUTED_EVERY_MS = 5000
/** Device pages one console may have open. */
const MAX_WATCHED = 20

/** One open console (or program) at the live stream. */
export class Client {
  readonly socket: LiveSocket
  caller: Caller
  /** The last event and device revision that were sent to it. */
  seq = 0
  rev = 0
  inStep = false
  /** A catching-up is under way. */
  busy = false
  /** It was in step once: when it has fallen behind, it is caught up again without asking. */
  greeted = false
  readonly watched = new Set<string>()
  /** Watched devices that changed since their state was last sent. */
  readonly changed = new Set<string>()
  /** Packets handed to the connection that it could not pass on yet. */
  waiting = 0
  /** The access revision at which its caller was last looked up. */
  revision: number
  private mutedAt = 0
  private secondStart = 0
  private requests = 0

  constructor(socket: LiveSocket, caller: Caller, revision: number) {
    this.socket = socket
    this.caller = caller
    this.revision = revision
    socket.conn.on('packetCreate', () => {
      this.waiting += 1
    })
    socket.conn.on('flush', () => {
      this.waiting = 0
    })
  }

  get congested(): boolean {
    return this.waiting > MAX_WAITING
  }

  stepIn(): void {
    this.inStep = true
    this.greeted = true
    void this.socket.join(IN_STEP)
  }

  stepOut(): void {
    this.inStep = false
    void this.socket.leave(IN_STEP)
  }

  watch(deviceId: string): boolean {
    if (this.watched.size >= MAX_WATCHED) return false
    this.watched.add(deviceId)
    this.changed.add(deviceId)
    return true
  }

  unwatch(deviceId: string): void {
    this.watched.delete(deviceId)
    this.changed.delete(deviceId)
  }

  /** Who its caller is by the state; a console whose person may now do more or less is told. */
  isNow(caller: Caller): void {
    const { role, hasPassword } = this.caller
    this.caller = caller
    if (caller.role !== role || caller.hasPassword !== hasPassword)
      this.socket.emit('session', { name: caller.name, role: caller.role, mustSetPassword: !caller.hasPassword })
  }

  /** Whether this silencing of its bell is worth an entry. */
  noteMuted(now: number): boolean {
    if (Math.abs(now - this.mutedAt) < MUTED_EVERY_MS) return false
    this.mutedAt = now
    return true
  }

  /** Whether one more request is welcome, or one too many, or a flood. */
  judgeRequest(event: string, now: number): 'welcome' | 'too-many' | 'flood' {
    // Either way: a clock that was set back must not shut a console out until it has caught up.
    if (Math.abs(now - this.secondStart) >= 1000) {
      this.secondStart = now
      this.requests = 0
    }
    this.requests += event === 'hello' ? HELLO_COST : 1
    if (this.requests > FLOOD_PER_S) return 'flood'
    return this.requests <= MAX_REQUESTS_PER_S ? 'welcome' : 'too-many'
  }
}
