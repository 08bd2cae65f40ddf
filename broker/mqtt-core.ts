import type { AuthenticateError, Client } from 'aedes'
import type { Logger } from 'pino'
import { checkSubscribe, Refused } from './access.ts'
import type { Gate } from './gate.ts'
import { JournalUnavailable } from './journal-lane.ts'
import type { Line } from './line.ts'
import type { Connection } from './listeners/connection.ts'
import { forgetConnect, readPublishesDirectly } from './listeners/publish-parser.ts'
import type { Presence } from './presence.ts'
import type { Refusals } from './refusals.ts'
import { answerRepeatedFilters } from './repeated-filters.ts'
import type { Session } from './session.ts'
import { EMPTY_SESSION, type SessionStore } from './session-store.ts'
import type { Sessions } from './sessions.ts'
import type { SignIn } from './sign-in.ts'
import { UplinkAedes } from './uplink-aedes.ts'

export interface MqttCoreParts {
  readonly connectTimeoutMs: number
  readonly store: SessionStore
  readonly signIn: SignIn
  readonly gate: Gate
  readonly presence: Presence
  readonly refusals: Refusals
  readonly log: Logger
  readonly isStopping: () => boolean
  /** Its CONNACK is on its way. */
  readonly onReady: (session: Session) => void
}

/** CONNACK 3, server unavailable: the client is to come again. */
const STOPPING: AuthenticateError = Object.assign(new Error('connection closed: stopping'), { returnCode: 3 })

/** Aedes' client, as far as it is needed beyond its types. */
type AedesClient = Client & { readonly _keepaliveTimer?: NodeJS.Timeout | null }
const connectionOf = (client: Client): Connection => client.conn as unknown as Connection

/** The protocol of MQTT, by aedes: what it asks (who is this, may they) is answered by the parts of the door. */
export class MqttCore {
  private readonly parts: MqttCoreParts
  private readonly aedes: UplinkAedes
  private readonly clients = new WeakMap<Line, AedesClient>()

  constructor(parts: MqttCoreParts) {
    this.parts = parts
    this.aedes = this.core()
    this.follow()
  }

  start(): Promise<void> {
    return this.aedes.listen()
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.aedes.close(resolve))
  }

  /** Takes a connection whose CONNECT has been admitted. */
  handle(connection: Connection): void {
    const client = this.aedes.handle(connection)
    this.clients.set(connection, client)
    answerRepeatedFilters(
      client,
      (filter) => connection.session !== undefined && checkSubscribe(connection.session, filter),
    )
    readPublishesDirectly(client)
  }

  clientOf(connection: Line): Client | undefined {
    return this.clients.get(connection)
  }

  /** The broker is not reading what these devices say, so it must not call their silence a lost connection. */
  keepAwake(sessions: Sessions): void {
    for (const { connection, held } of sessions.all())
      if (held.length > 0 || connection.isStalled) this.clients.get(connection)?._keepaliveTimer?.refresh()
  }

  private core(): UplinkAedes {
    const { connectTimeoutMs, store, signIn, gate, refusals, isStopping } = this.parts
    return new UplinkAedes({
      persistence: store,
      // The front door has seen the whole CONNECT before aedes is asked.
      connectTimeout: connectTimeoutMs,
      // Connections see to that themselves.
      drainTimeout: 0,
      // Device ids have up to 64 characters, also for clients of MQTT 3.1.
      maxClientsIdLength: 64,
      preConnect: (client, packet, done) => {
        signIn.arrive(client, packet)
        done(null, true)
      },
      authenticate: (client, userName, password, done) => {
        void signIn.check(client, userName, password).then(
          () => (isStopping() ? done(STOPPING, false) : done(null, true)),
          (error: AuthenticateError) => done(error, false),
        )
      },
      authorizePublish: (client, packet, done) => {
        const session = client === null ? undefined : connectionOf(client).session
        if (session === undefined) done(new Refused('acl.publish', 'no session'))
        else gate.publish(session, packet, done)
      },
      authorizeSubscribe: (client, subscription, done) => {
        if (subscription === EMPTY_SESSION) return done(null, null)
        const session = connectionOf(client).session
        if (session !== undefined && checkSubscribe(session, subscription.topic)) return done(null, subscription)
        refusals.count('acl.subscribe', client.id, `asked for ${subscription.topic}`)
        done(null, null)
      },
    })
  }

  private follow(): void {
    const { aedes } = this
    const { presence, log, onReady } = this.parts
    aedes.on('client', (client) => {
      const session = connectionOf(client).session
      if (session !== undefined) presence.connected(session)
    })
    aedes.on('clientReady', (client) => {
      const connection = connectionOf(client)
      if (connection.session !== undefined) onReady(connection.session)
      forgetConnect(client)
      connection.open()
    })
    aedes.on('keepaliveTimeout', (client) => {
      connectionOf(client).endedBecause = 'keepalive'
    })
    aedes.on('clientError', (client, error) => this.onError(client, error))
    aedes.on('connectionError', (client, error) => this.onError(client, error))
    ;(aedes as NodeJS.EventEmitter).on('error', (error: Error) =>
      log.error({ err: error }, 'the MQTT broker reports an error'),
    )
  }

  private onError(client: Client, error: Error): void {
    const connection = connectionOf(client)
    if (error instanceof Refused || error instanceof JournalUnavailable) {
      connection.endedBecause ??= 'refused'
      return
    }
    if (!isViolation(error) || connection.endedBecause !== undefined) return
    connection.endedBecause = 'refused'
    this.parts.refusals.count('protocol.violation', client.id ?? '', error.message)
  }
}

/** Errors of the network and of time, which no client can be blamed for. */
function isViolation(error: Error & { code?: string }): boolean {
  if (error.code !== undefined) return false
  return !/keep alive timeout|drain timeout|connection closed|connect did not arrive|not authorized/i.test(
    error.message,
  )
}
