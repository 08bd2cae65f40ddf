import type { Logger } from 'pino'
import type { Lane } from '../contract/kinds.ts'
import type { DiskGuard } from '../store/disk-guard.ts'
import type { JournalReader, JournalWriter } from '../store/journal/port.ts'
import type { Downlink } from '../store/state/downlink-port.ts'
import type { Registry } from '../store/state/registry-port.ts'
import type { Views } from '../store/state/views-port.ts'
import type { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { Admission } from './admission.ts'
import { Commands } from './commands.ts'
import type { Config } from './config.ts'
import { DiskDoor } from './disk-door.ts'
import { DownlinkPost } from './downlink-post.ts'
import { Gate } from './gate.ts'
import { Reception } from './gb26875/reception.ts'
import { rememberStored } from './gb26875/remember-stored.ts'
import { Repeats } from './gb26875/repeats.ts'
import { Housekeeping } from './housekeeping.ts'
import { JournalLane } from './journal-lane.ts'
import { RateLimits } from './limits.ts'
import { FrontDoor } from './listeners/front-door.ts'
import { Gb26875Port } from './listeners/gb26875-port.ts'
import { type OpenPorts, openPorts } from './listeners/open-ports.ts'
import { Metrics } from './metrics.ts'
import { MqttCore } from './mqtt-core.ts'
import { Presence } from './presence.ts'
import { RefusalPace } from './refusal-pace.ts'
import { Refusals } from './refusals.ts'
import { RegistryWatch } from './registry-watch.ts'
import { Rounds } from './rounds.ts'
import type { Standing } from './session.ts'
import { SessionStore } from './session-store.ts'
import { Sessions } from './sessions.ts'
import { SignIn } from './sign-in.ts'
import { Takeovers } from './takeovers.ts'

/** A client that does not read its acknowledgements for so long is cut off. */
const DRAIN_TIMEOUT_MS = 30_000
const REFUSALS_EVERY_MS = 1000
const METRICS_EVERY_MS = 1000
const REGISTRY_EVERY_MS = 500
/** Well below one and a half times the shortest keep-alive, 1 s. */
const KEEP_AWAKE_EVERY_MS = 500
const RESUME_EVERY_MS = 20
/** A duty check is on its way within a tenth of a second of its decision. */
const DOWNLINK_EVERY_MS = 100
const HOUSEKEEPING_EVERY_MS = 60_000
/** A stop waits this long for the disk, then leaves unacknowledged what is not stored. */
const STOP_WAIT_MS = 5000
const STOP_LOOKS_EVERY_MS = 5

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
  /** How long a client may leave unread what it is sent; absent: 30 s. */
  readonly drainTimeoutMs?: number
  /** Absent: nothing that was decided is sent to devices. */
  readonly downlink?: Pick<Downlink, 'waiting' | 'sent' | 'settled'>
  /** Absent: figures are not published. */
  readonly publishFigures?: (at: number, values: Readonly<Record<string, number>>) => void
}

export interface Broker extends OpenPorts {
  /** Of GB/T 26875.3, TCP and UDP; undefined where the usual one was taken. */
  readonly gb26875Port: number | undefined
  readonly refusals: Refusals
  readonly sessions: Sessions
  figures(): Record<string, number>
  /** Looks at the registry now instead of within half a second. */
  pollRegistry(): Promise<void>
  /** Looks for requests to devices now instead of within a tenth of a second. */
  pollDownlink(): Promise<void>
  /**
   * Hands a command to a device, or keeps it for one that is away and has a session.
   * @returns false when nobody can get it: see `Commands.send`
   */
  sendCommand(deviceId: string, n: number, payload: Uint8Array): Promise<boolean>
  /** Lets nobody in, answers what is on its way to the disk, tells everyone goodbye, closes the journals. */
  stop(): Promise<void>
}

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
  const gate = new Gate({ lanes, refusals, clock, onResponse: (deviceId, n) => post?.responded(deviceId, n) })
  const sessions = new Sessions(presence, gate, [urgent, bulk])
  const allowanceOf = ({ device, lane, children }: Standing) => limits.of(device.id, lane, 1 + children.length, clock())
  const watch = new RegistryWatch(registry, sessions, (session, standing) => {
    session.allowance = allowanceOf(standing)
    // Whoever speaks for a fire detector now must not go on waiting behind the meters.
    if (standing.lane === 'urgent') bulk.release(session.connection)
  })
  watch.onRemoved = (deviceId) => store.forget(deviceId)
  const takeovers = new Takeovers(config.takeovers)
  const pace = new RefusalPace(config.signInFailures)
  const signIn = new SignIn({
    registry,
    masterKey: parts.masterKey,
    refusals,
    pace,
    takeovers,
    sessions,
    store,
    log,
    clock,
    allowanceOf,
  })

  let stopping = false
  const mqtt = new MqttCore({
    connectTimeoutMs: config.connectTimeoutMs,
    store,
    signIn,
    gate,
    presence,
    refusals,
    log,
    isStopping: () => stopping,
    onReady: (session) => diskDoor?.admit(session),
  })
  const commands = new Commands({ sessions, store, clientOf: (connection) => mqtt.clientOf(connection) })
  const post =
    parts.downlink === undefined ? undefined : new DownlinkPost({ downlink: parts.downlink, sessions, commands, log })
  await mqtt.start()

  const admission = new Admission({
    registry,
    rate: config.connectRate,
    clock,
    accepted: () => door.acceptedTotal,
    signIn: (connection) => mqtt.handle(connection),
  })
  const door = new FrontDoor({
    limits: config.packets,
    maxConnections: config.maxConnections,
    perAddress: config,
    connectTimeoutMs: config.connectTimeoutMs,
    drainTimeoutMs: parts.drainTimeoutMs ?? DRAIN_TIMEOUT_MS,
    onConnect: (connection, connect) => admission.arrive(connection, connect),
    onHungUp: ({ session }) => {
      if (session !== undefined) gate.hangUp(session)
    },
    onRefused: (reason, detail, connection) => refusals.count(reason, connection?.session?.deviceId ?? '', detail),
  })
  const repeats = new Repeats(clock)
  const reception = new Reception({
    registry,
    sessions,
    presence,
    gate,
    refusals,
    pace,
    takeovers,
    repeats,
    log,
    clock,
    allowanceOf,
  })
  const panels = new Gb26875Port({
    ...config.gb26875,
    drainTimeoutMs: parts.drainTimeoutMs ?? DRAIN_TIMEOUT_MS,
    clock,
    handle: reception.handle,
    onRefused: (reason, detail) => refusals.count(reason, '', detail),
  })
  const metrics = new Metrics({
    lanes,
    gate,
    sessions,
    refusals,
    door,
    admission,
    certificate: parts.certificate,
    pace,
  })

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
    for (const kept of [limits, takeovers, pace, repeats]) kept.sweep(clock())
    await upkeep?.run()
  }
  const rounds = new Rounds(log)
  const makeRoom = (): void => {
    housekeeping().catch((error: unknown) => log.warn({ err: error }, 'the journal could not be made shorter'))
  }
  const diskDoor =
    guard === undefined ? undefined : new DiskDoor({ guard, bulk, sessions, presence, refusals, log, makeRoom })
  await watch.start()
  // Written by the one who got the port, and in the same turn, before anybody can come in: a second broker started by
  // mistake must not write into the journal of the first.
  const ports = await openPorts(door, config, parts.certificate, () => presence.brokerStarted())
  if (pruning !== undefined) {
    const reader = pruning.openReader('urgent')
    await rememberStored(reader, repeats, Date.now())
      .catch((error: unknown) =>
        log.warn({ err: error }, 'frames stored before the restart cannot be told from new ones'),
      )
      .finally(() => reader.close())
  }
  const gb26875Port = await panels.listen()
  metrics.start()
  rounds.every(REGISTRY_EVERY_MS, pollRegistry, 'reading the registry')
  const pollDownlink = async (): Promise<void> => post?.poll(Date.now())
  rounds.every(DOWNLINK_EVERY_MS, pollDownlink, 'looking for requests to devices')
  rounds.every(KEEP_AWAKE_EVERY_MS, () => mqtt.keepAwake(sessions), 'keeping alive who is held back')
  rounds.every(REFUSALS_EVERY_MS, flushRefusals, 'storing refusals')
  rounds.every(RESUME_EVERY_MS, () => bulk.resumeIfLow(), 'resuming the bulk lane')
  rounds.every(HOUSEKEEPING_EVERY_MS, housekeeping, 'pruning the journal')
  // The first round takes the room that a fire needs on a full disk; nobody waits for it.
  makeRoom()
  if (diskDoor !== undefined)
    rounds.every(METRICS_EVERY_MS, () => diskDoor.remind(clock()), 'reminding of the full disk')
  const panelFigures = (): Record<string, number> => ({
    gb26875_connections: panels.connections,
    gb26875_frames_total: reception.figures.frames,
    gb26875_acknowledged_total: reception.figures.acknowledged,
    gb26875_denied_total: reception.figures.denied,
    gb26875_repeated_total: repeats.total,
    downlink_sent_total: post?.figures.sent ?? 0,
    downlink_answered_total: post?.figures.answered ?? 0,
    downlink_failed_total: post?.figures.failed ?? 0,
  })
  const { publishFigures } = parts
  if (publishFigures !== undefined)
    rounds.every(
      METRICS_EVERY_MS,
      () => publishFigures(Date.now(), { ...metrics.read(), ...diskDoor?.figures(), ...panelFigures() }),
      'publishing figures',
    )

  return {
    ...ports,
    gb26875Port,
    refusals,
    sessions,
    figures: () => ({ ...metrics.read(), ...panelFigures() }),
    pollRegistry,
    pollDownlink,
    sendCommand: (deviceId, n, payload) => commands.send(deviceId, n, payload),
    stop: async () => {
      if (stopping) return
      stopping = true
      door.shut()
      panels.shut()
      admission.stop()
      rounds.stop()
      for (const session of sessions.all()) session.connection.stall()
      const deadline = clock() + STOP_WAIT_MS
      while (urgent.pendingBytes + bulk.pendingBytes > 0 && clock() < deadline)
        await new Promise((resolve) => setTimeout(resolve, STOP_LOOKS_EVERY_MS))
      for (const session of sessions.all()) sessions.cut(session, 'stopping')
      door.close()
      panels.close()
      flushRefusals()
      metrics.stop()
      await mqtt.stop()
      await Promise.all([urgent.close(), bulk.close()])
    },
  }
}
