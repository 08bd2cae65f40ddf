import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { Server } from 'socket.io'
import type { ServerToClient, WatchedDevice } from '../../contract/live.ts'
import { seesUse, withoutUse } from '../access/household-use.ts'
import type { Desk } from '../desk.ts'
import { BoundedWebSockets } from './bounded-web-sockets.ts'
import { type CatchUpSources, CHANGES_PER_BATCH, catchUp, type Have } from './catch-up.ts'
import { type Client, IN_STEP, type LiveServer, type LiveSocket } from './client.ts'
import { Doorkeeper, STRANGER_MS } from './doorkeeper.ts'
import type { EventBatch, EventTail } from './event-tail.ts'
import { noticesOf } from './notices.ts'
import { answerRequests } from './requests.ts'

/** Device changes are gathered for this long: a batch of ingest's is one message. */
const CHANGES_EVERY_MS = 200
/** The first change after a quiet time waits only this long. */
const FIRST_CHANGE_MS = 5
/** Changes sent per gathering; the rest, newest state each, go with the next. */
const MAX_CHANGES = 5 * CHANGES_PER_BATCH
const WATCHED_EVERY_MS = 250
const PULSE_EVERY_MS = 5000
/** A revoked session loses its sockets within a second, whoever revoked it: one number is read this often. */
const ACCESS_EVERY_MS = 250
/** What a console may send in one message: a comment of 2,000 characters is 6 KB. Bytes. */
const MAX_MESSAGE = 16 * 1024
/** A half-open connection is noticed after the two together. */
const PING_INTERVAL_MS = 10_000
const PING_TIMEOUT_MS = 10_000
type Pulse = Parameters<ServerToClient['pulse']>[0]

/** The live stream: who is connected, what they have, and what goes to whom when. */
export class LiveHub {
  private readonly desk: Desk
  private readonly tail: EventTail
  private readonly sources: CatchUpSources
  private readonly clients = new Set<Client>()
  private readonly door: Doorkeeper
  private readonly changed = new Set<string>()
  private io: LiveServer | undefined
  private readonly timers: NodeJS.Timeout[] = []
  private changesTimer: NodeJS.Timeout | undefined
  private lastChangesAt = 0
  /** Shown at once to who comes, instead of after five seconds. */
  private lastPulse: Pulse | undefined
  private readonly since: number

  constructor(desk: Desk, tail: EventTail) {
    this.desk = desk
    this.since = desk.now()
    this.tail = tail
    this.door = new Doorkeeper(desk, this.clients)
    this.sources = { views: desk.stores.views, tail, fleet: desk.fleet, now: desk.now }
  }

  /** Answers at /socket.io of this server. */
  attach(http: HttpServer): void {
    const io: LiveServer = new Server(http, {
      serveClient: false,
      maxHttpBufferSize: MAX_MESSAGE,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
      perMessageDeflate: false,
      wsEngine: BoundedWebSockets,
      connectTimeout: STRANGER_MS,
      allowRequest: (request, answer) => {
        this.door.mayKnock(request, io.engine.clientsCount).then(
          (welcome) => answer(welcome ? null : 'refused', welcome),
          () => answer('refused', false),
        )
      },
    })
    // Also for the requests after the first, which carry the number of their connection.
    io.engine.use((request: IncomingMessage, _answer: unknown, next: (error?: Error) => void) =>
      next(this.door.isOwnPage(request) ? undefined : new Error('origin.foreign')),
    )
    io.engine.on('headers', (headers: Record<string, string>) => {
      Object.assign(headers, BARE_HEADERS)
    })
    io.use((socket, next) => {
      this.door.admit(socket).then(
        (code) => next(code === undefined ? undefined : new Error(code)),
        (error: unknown) => {
          this.desk.log.error({ err: error }, 'a live connection could not be admitted')
          next(new Error('server.failed'))
        },
      )
    })
    io.on('connection', (socket) => this.onConnection(socket))
    this.io = io
    this.tail.onBatch((batch) => this.passOn(batch))
    this.desk.fleet.onChange((_index, _moved, id) => this.onFleetChange(id))
    this.every(WATCHED_EVERY_MS, async () => {
      await this.sendWatched()
      for (const client of this.clients) if (!client.inStep && client.greeted && !client.congested) this.resume(client)
    })
    this.every(PULSE_EVERY_MS, () => this.pulse())
    this.every(ACCESS_EVERY_MS, () => this.door.checkAccess())
  }

  /** Devices that were heard just now: their pages are refreshed. */
  sighted(ids: readonly string[]): void {
    for (const client of this.clients)
      if (client.watched.size > 0) for (const id of ids) if (client.watched.has(id)) client.changed.add(id)
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    clearTimeout(this.changesTimer)
    this.io?.disconnectSockets(true)
    this.io?.engine.close()
  }

  private onConnection(socket: LiveSocket): void {
    const client = socket.data.client
    this.clients.add(client)
    this.desk.figures.sockets = this.clients.size
    socket.on('disconnect', () => {
      this.clients.delete(client)
      if (this.desk.muted.unmute(client)) this.tellMuted()
      this.desk.figures.sockets = this.clients.size
    })
    answerRequests(client, this.desk, {
      hello: (have) => this.bringUp(client, have),
      muted: () => this.tellMuted(),
    })
  }

  private bringUp(client: Client, have: Have): void {
    if (client.busy) return
    client.busy = true
    if (client.inStep) client.stepOut()
    catchUp(client, have, this.sources)
      .then(() => {
        if (this.lastPulse !== undefined) client.socket.emit('pulse', this.freshened(this.lastPulse))
      })
      .catch((error: unknown) => {
        this.desk.log.error(
          { err: error },
          'a console could not be brought up to date; it is disconnected and will ask again',
        )
        client.socket.disconnect(true)
      })
      .finally(() => {
        client.busy = false
      })
  }

  private resume(client: Client): void {
    this.bringUp(client, { seq: client.seq, rev: client.rev })
  }

  private passOn(batch: EventBatch): void {
    this.io?.to(IN_STEP).emit('events', batch)
    this.desk.figures.eventsSent += batch.events.length
    for (const client of this.clients) {
      if (!client.inStep) continue
      client.seq = batch.to
      this.mindCongestion(client)
    }
  }

  /** A client that does not read is taken out of the stream; when it reads again it gets what it has missed. */
  private mindCongestion(client: Client): void {
    if (!client.congested) return
    client.stepOut()
    this.desk.figures.slowSockets += 1
  }

  private onFleetChange(id: string): void {
    if (id === '') return
    this.changed.add(id)
    this.sighted([id])
    if (this.changesTimer !== undefined) return
    const sinceLast = performance.now() - this.lastChangesAt
    this.changesTimer = setTimeout(() => this.sendChanges(), Math.max(FIRST_CHANGE_MS, CHANGES_EVERY_MS - sinceLast))
  }

  private sendChanges(): void {
    this.changesTimer = undefined
    this.lastChangesAt = performance.now()
    const { fleet } = this.desk
    const ids = [...this.changed].slice(0, MAX_CHANGES)
    for (const id of ids) this.changed.delete(id)
    const counts = fleet.counts()
    for (let i = 0; i < ids.length; i += CHANGES_PER_BATCH) {
      const changes = ids.slice(i, i + CHANGES_PER_BATCH).map((id) => fleet.changeOf(id))
      this.io?.to(IN_STEP).emit('devices', { rev: fleet.rev, changes, counts })
    }
    this.desk.figures.changesSent += ids.length
    for (const client of this.clients) {
      if (!client.inStep) continue
      // Held back while more changes wait: a client that resumes must not skip them.
      if (this.changed.size === 0) client.rev = fleet.rev
      this.mindCongestion(client)
    }
    if (this.changed.size > 0) this.changesTimer = setTimeout(() => this.sendChanges(), CHANGES_EVERY_MS)
  }

  private async sendWatched(): Promise<void> {
    const states = new Map<string, WatchedDevice | undefined>()
    for (const client of this.clients) {
      if (client.changed.size === 0 || client.waiting > 0) continue
      const ids = [...client.changed]
      client.changed.clear()
      for (const id of ids) {
        if (!states.has(id)) states.set(id, await this.watchedState(id))
        const state = states.get(id)
        if (state === undefined) continue
        const isSeen = await seesUse(this.desk, client.caller.role, id)
        client.socket.emit('device', isSeen ? state : { ...state, latest: withoutUse(state.latest) })
      }
    }
  }

  private async watchedState(id: string): Promise<WatchedDevice | undefined> {
    const device = this.desk.fleet.get(id)
    if (device === undefined) return undefined
    const sighting = await this.desk.stores.views.sighting(id)
    return {
      id,
      status: device.status,
      connected: sighting?.connected ?? device.connected,
      lastHeardAt: sighting?.lastHeardAt ?? device.lastHeardAt,
      latest: sighting?.latest ?? [],
    }
  }

  /** Somebody has silenced their bell, or lets it ring again: the others see it at once. */
  private tellMuted(): void {
    if (this.lastPulse === undefined) return
    this.lastPulse = this.freshened(this.lastPulse)
    this.io?.to(IN_STEP).emit('pulse', this.lastPulse)
  }

  private freshened(pulse: Pulse): Pulse {
    const serverTime = this.desk.now()
    return { ...pulse, serverTime, muted: this.desk.muted.at(serverTime) }
  }

  private async pulse(): Promise<void> {
    const { stores, throughput, now, disk, muted } = this.desk
    const totals = await stores.views.totals()
    const metrics = await stores.views.roleMetrics()
    throughput.sample(now(), totals.readings)
    this.lastPulse = {
      serverTime: now(),
      lastReadingAt: totals.lastReadingAt,
      readingsPerMinute: throughput.perMinute(),
      water: this.desk.waters.accounts.revision,
      notices: noticesOf({ now: now(), since: this.since, metrics, disk }),
      muted: muted.at(now()),
    }
    this.io?.to(IN_STEP).emit('pulse', this.lastPulse)
  }

  private every(ms: number, work: () => Promise<void>): void {
    let running = false
    const run = (): void => {
      if (running) return
      running = true
      work()
        .catch((error: unknown) => this.desk.log.error({ err: error }, 'the live stream met an error and goes on'))
        .finally(() => {
          running = false
        })
    }
    run()
    this.timers.push(setInterval(run, ms))
  }
}

/** Of answers that are no page: long polling does not go through the server that sets the others. */
const BARE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const
