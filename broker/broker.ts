import type { AuthenticateError, Client } from 'aedes'
import type { Logger } from 'pino'
import type { Lane } from '../contract/kinds.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { JournalReader, JournalWriter } from '../store/journal/port.ts'
import type { Registry, Views } from '../store/state/port.ts'
import type { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { checkSubscribe, checkWill, Refused } from './access.ts'
import { sendCommand } from './commands.ts'
import type { Config } from './config.ts'
import { DiskDoor } from './disk-door.ts'
import { Gate } from './gate.ts'
import { Housekeeping } from './housekeeping.ts'
import { identify } from './identity/identify.ts'
import { JournalLane, JournalUnavailable } from './journal-lane.ts'
import { RateLimits } from './limits.ts'
import type { Connection } from './listeners/connection.ts'
import { FrontDoor } from './listeners/front-door.ts'
import { readPublishesDirectly } from './listeners/publish-parser.ts'
import { Metrics } from './metrics.ts'
import { Presence } from './presence.ts'
import { Refusals } from './refusals.ts'
import { RegistryWatch } from './registry-watch.ts'
import { Session, type Standing } from './session.ts'
import { SessionStore } from './session-store.ts'
import { Sessions } from './sessions.ts'
import { UplinkAedes } from './uplink-aedes.ts'

/** A client that does not read its acknowledgements for so long is cut off. */
const DRAIN_TIMEOUT_MS = 30_000
/** Every refused CONNECT is answered this long after it came: a lookup that took longer cannot be told from one that did not. */
const REFUSAL_ANSWERED_AFTER_MS = 100
const REFUSALS_EVERY_MS = 1000
const METRICS_EVERY_MS = 1000
const REGISTRY_EVERY_MS = 500
const RESUME_EVERY_MS = 20
const HOUSEKEEPING_EVERY_MS = 60_000
/** A stop waits this long for the disk, then leaves unacknowledged what is not stored. */
const STOP_WAIT_MS = 5000
const STOP_LOOKS_EVERY_MS = 5

/** MQTT 3.1.1 table 3.1. */
const CONNACK = { identifierRejected: 2, unavailable: 3, notAuthorised: 5 } as const

export interface BrokerParts {
  readonly config: Omit<Config, 'dataDir' | 'logLevel'>
  readonly log: Logger
  readonly registry: Registry
  /** Absent: no derived key is accepted. */
  readonly masterKey?: Uint8Array
  /** Absent: no TLS. Started; the caller stops it. */
  readonly certificate?: CertificateWatch
  readonly openWriter: (lane: Lane) => Promise<JournalWriter>
  /** Absent: the journal is not pruned. */
  readonly pruning?: { readonly openReader: (lane: Lane) => JournalReader; readonly views: Pick<Views, 'cursors'> }
  /** Absent: a full disk is met only when it refuses. Started; the caller stops it. */
  readonly guard?: DiskGuard
  /** Absent: figures are not published. */
  readonly publishFigures?: (at: number, values: Readonly<Record<string, number>>) => void
}

export interface Broker {
  readonly port: number
  /** Of MQTT over TLS; undefined where there is no certificate. */
  readonly securePort: number | undefined
  readonly refusals: Refusals
  readonly sessions: Sessions
  figures(): Record<string, number>
  /** Looks at the registry now instead of within half a second. */
  pollRegistry(): Promise<void>
  /**
   * Hands a command to a device that is connected.
   * @returns false when it is not, or has not subscribed to its commands
   */
  sendCommand(deviceId: string, n: number, payload: Uint8Array): Promise<boolean>
  /** Lets nobody in, answers what is on its way to the disk, tells everyone goodbye, closes the journals. */
  stop(): Promise<void>
}

/** Aedes' client, as far as it is needed beyond its types. */
type AedesClient = Client & { readonly _keepaliveTimer?: NodeJS.Timeout | null }
const connectionOf = (client: Client): Connection => client.conn as unknown as Connection

export async function startBroker(parts: BrokerParts): Promise<Broker> {
  const { config, log, registry } = parts
  const clock = (): number => performance.now()
  const refusals = new Refusals((deviceId) => sessions.find(deviceId) !== undefined)
  const limits = new RateLimits(config.allowance)
  const store = new SessionStore()

  const urgent = new JournalLane('urgent', await parts.openWriter('urgent'))
  const bulk = new JournalLane('bulk', await parts.openWriter('bulk'), urgent)
  const lanes = { urgent, bulk }
  for (const lane of [urgent, bulk])
    lane.onFailed = (deviceId, error) => {
      refusals.count('journal.unavailable', deviceId, error.message)
      void parts.guard?.look()
    }

  const presence = new Presence(lanes)
  const clients = new WeakMap<Session, AedesClient>()
  /** Those who came without a client id: aedes gives them one, which nobody must mistake for a device's. */
  const nameless = new WeakSet<Client>()
  const gate = new Gate({
    lanes,
    refusals,
    clock,
    onHeld: (session) => clients.get(session)?._keepaliveTimer?.refresh(),
  })
  const sessions = new Sessions(presence, gate, [urgent, bulk])
  const allowanceOf = ({ device, lane, children }: Standing) => limits.of(device.id, lane, 1 + children.length, clock())
  const watch = new RegistryWatch(registry, sessions, (session, standing) => {
    session.allowance = allowanceOf(standing)
  })

  const aedes = new UplinkAedes({
    persistence: store,
    // The front door has seen the whole CONNECT before aedes is asked.
    connectTimeout: config.connectTimeoutMs,
    drainTimeout: DRAIN_TIMEOUT_MS,
    // Device ids have up to 64 characters, also for clients of MQTT 3.1.
    maxClientsIdLength: 64,
    preConnect: (client, packet, done) => {
      if (packet.clientId === '') nameless.add(client)
      const bad = packet.will === undefined ? undefined : checkWill(packet.clientId, packet.will)
      if (bad === undefined) return done(null, true)
      refusals.count(bad.refused, packet.clientId, bad.detail)
      connectionOf(client).endedBecause = 'refused'
      done(new Refused(bad.refused, bad.detail), false)
    },
    authenticate: (client, userName, password, done) => {
      void authenticate(client, userName, password).then(
        () => done(null, true),
        (error: AuthenticateError) => done(error, false),
      )
    },
    authorizePublish: (client, packet, done) => {
      const session = client === null ? undefined : connectionOf(client).session
      if (session === undefined) done(new Refused('acl.publish', 'no session'))
      else gate.publish(session, packet, done)
    },
    authorizeSubscribe: (client, subscription, done) => {
      const session = connectionOf(client).session
      if (session !== undefined && checkSubscribe(session, subscription.topic)) return done(null, subscription)
      refusals.count('acl.subscribe', client.id, `asked for ${subscription.topic}`)
      done(null, null)
    },
  })

  async function authenticate(
    client: Client,
    userName: string | undefined,
    password: Buffer | undefined,
  ): Promise<void> {
    const startedAt = clock()
    const refuse = async (returnCode: number, detail: string): Promise<never> => {
      connectionOf(client).endedBecause = 'refused'
      await new Promise((resolve) => setTimeout(resolve, REFUSAL_ANSWERED_AFTER_MS - (clock() - startedAt)))
      throw Object.assign(new Refused('auth.unknown-or-wrong', detail), { returnCode }) as AuthenticateError
    }
    const clientId = nameless.has(client) ? '' : client.id
    const found = await identify(
      { registry, masterKey: parts.masterKey },
      { clientId, userName, password, certifiedAs: connectionOf(client).certifiedAs },
    ).catch((error: Error) => error)
    if (found instanceof Error) {
      log.error({ err: found }, 'the registry cannot be read')
      return refuse(CONNACK.unavailable, found.message)
    }
    if ('refused' in found) {
      refusals.count(found.refused, clientId, found.detail)
      const mismatch = found.refused === 'auth.identity-mismatch'
      return refuse(mismatch ? CONNACK.identifierRejected : CONNACK.notAuthorised, found.detail)
    }
    const connection = connectionOf(client)
    if (connection.destroyed || stopping) return
    const session = new Session(
      connection,
      found.standing,
      allowanceOf(found.standing),
      store.inbound(client.id, client.clean),
    )
    connection.session = session
    clients.set(session, client)
    sessions.add(session)
  }

  aedes.on('client', (client) => {
    const session = connectionOf(client).session
    if (session !== undefined) presence.connected(session)
  })
  aedes.on('clientReady', (client) => {
    const connection = connectionOf(client)
    if (connection.session?.standing.lane === 'bulk') bulk.holdIfShut(connection)
    connection.open()
  })
  aedes.on('keepaliveTimeout', (client) => {
    connectionOf(client).endedBecause = 'keepalive'
  })
  const onError = (client: Client, error: Error): void => {
    const connection = connectionOf(client)
    if (error instanceof Refused || error instanceof JournalUnavailable) {
      connection.endedBecause ??= 'refused'
      return
    }
    if (!isViolation(error) || connection.endedBecause !== undefined) return
    connection.endedBecause = 'refused'
    refusals.count('protocol.violation', client.id ?? '', error.message)
  }
  aedes.on('clientError', onError)
  aedes.on('connectionError', onError)
  ;(aedes as NodeJS.EventEmitter).on('error', (error: Error) =>
    log.error({ err: error }, 'the MQTT broker reports an error'),
  )
  await aedes.listen()

  const door = new FrontDoor({
    host: config.mqttHost,
    port: config.mqttPort,
    secure:
      parts.certificate === undefined
        ? undefined
        : { host: config.mqttsHost, port: config.mqttsPort, certificate: parts.certificate },
    limits: config.packets,
    maxConnections: config.maxConnections,
    connectTimeoutMs: config.connectTimeoutMs,
    onConnect: (connection) => readPublishesDirectly(aedes.handle(connection)),
    onHungUp: ({ session }) => {
      if (session !== undefined) gate.hangUp(session)
    },
    onRefused: (reason, detail, connection) => refusals.count(reason, connection?.session?.deviceId ?? '', detail),
  })
  const metrics = new Metrics({ lanes, gate, sessions, refusals, door, certificate: parts.certificate })

  let stopping = false
  let polling: Promise<void> | undefined
  const pollRegistry = async (): Promise<void> => {
    polling ??= watch.poll().finally(() => {
      polling = undefined
    })
    await polling
  }
  const flushRefusals = (): void => {
    for (const refusal of refusals.take(clock())) {
      const record = Buffer.from(JSON.stringify(refusal))
      bulk.append('refused', '', '', record, undefined, (error) => {
        if (error !== undefined) refusals.putBack(refusal)
      })
    }
  }
  const { pruning, guard } = parts
  const upkeep =
    pruning === undefined
      ? undefined
      : new Housekeeping({
          ...pruning,
          lanes,
          guard,
          log,
          keepHours: config.journalKeepHours,
          maxGb: config.journalMaxGb,
        })
  const housekeeping = async (): Promise<void> => {
    limits.sweep(clock())
    await upkeep?.run()
  }
  const timers: NodeJS.Timeout[] = []
  const every = (ms: number, work: () => void | Promise<void>, what: string): void => {
    const guarded = async (): Promise<void> => {
      try {
        await work()
      } catch (error) {
        log.warn({ err: error }, `${what} failed; it is tried again`)
      }
    }
    timers.push(setInterval(() => void guarded(), ms))
  }
  const makeRoom = (): void => {
    housekeeping().catch((error: unknown) => log.warn({ err: error }, 'the journal could not be made shorter'))
  }
  const diskDoor = guard === undefined ? undefined : new DiskDoor({ guard, bulk, sessions, refusals, log, makeRoom })
  await watch.start()
  const port = await door.listen()
  // Written by the one who got the port, and in the same turn, before anybody can come in: a second broker started by
  // mistake must not write into the journal of the first.
  presence.brokerStarted()
  const securePort = await door.listenSecure()
  metrics.start()
  every(REGISTRY_EVERY_MS, pollRegistry, 'reading the registry')
  every(REFUSALS_EVERY_MS, flushRefusals, 'storing refusals')
  every(RESUME_EVERY_MS, () => bulk.resumeIfLow(), 'resuming the bulk lane')
  every(HOUSEKEEPING_EVERY_MS, housekeeping, 'pruning the journal')
  // The first round takes the room that a fire needs on a full disk; nobody waits for it.
  makeRoom()
  if (diskDoor !== undefined) every(METRICS_EVERY_MS, () => diskDoor.remind(clock()), 'reminding of the full disk')
  const { publishFigures } = parts
  if (publishFigures !== undefined)
    every(
      METRICS_EVERY_MS,
      () => publishFigures(Date.now(), { ...metrics.read(), ...diskDoor?.figures() }),
      'publishing figures',
    )

  return {
    port,
    securePort,
    refusals,
    sessions,
    figures: () => metrics.read(),
    pollRegistry,
    sendCommand: (deviceId, n, payload) =>
      new Promise((resolve, reject) => {
        const session = sessions.find(deviceId)
        const client = session === undefined ? undefined : clients.get(session)
        const sent =
          client !== undefined &&
          sendCommand(client, deviceId, n, payload, (error) => (error ? reject(error) : resolve(true)))
        if (!sent) resolve(false)
      }),
    stop: async () => {
      if (stopping) return
      stopping = true
      door.shut()
      for (const timer of timers) clearInterval(timer)
      for (const session of sessions.all()) session.connection.stall()
      const deadline = clock() + STOP_WAIT_MS
      while (urgent.pendingBytes + bulk.pendingBytes > 0 && clock() < deadline)
        await new Promise((resolve) => setTimeout(resolve, STOP_LOOKS_EVERY_MS))
      for (const session of sessions.all()) sessions.cut(session, 'stopping')
      door.close()
      flushRefusals()
      metrics.stop()
      await new Promise<void>((resolve) => aedes.close(resolve))
      await Promise.all([urgent.close(), bulk.close()])
    },
  }
}

/** Errors of the network and of time, which no client can be blamed for. */
function isViolation(error: Error & { code?: string }): boolean {
  if (error.code !== undefined) return false
  return !/keep alive timeout|drain timeout|connection closed|connect did not arrive|not authorized/i.test(
    error.message,
  )
}
