import { Readable } from 'node:stream'
import { maySubscribe } from '../contract/topics.ts'
import type { Connection } from './listeners/connection.ts'

/**
 * MQTT session state, behind the interface that aedes calls a persistence. It keeps only what a device needs and nothing
 * per publish: subscriptions to its own commands, the identifiers of QoS 2 publishes that are not released yet, and
 * commands that a device has not acknowledged or has missed while it was away. It lies in memory: after a restart CONNACK
 * says that there is no session, and the client subscribes again (MQTT-3.2.2-3). Commands that must outlive a restart are
 * ingest's matter, not the door's.
 *
 * There is no retained message and no will to keep: the first are refused, the second lie with their connection.
 */

/** Where one QoS 2 publish stands between its arrival and its PUBREL. */
export interface InboundPublish {
  /** CRC-32 of the payload: tells a repetition from a client that uses an identifier again too early. */
  readonly crc: number
  stored: boolean
  /** Repetitions that came before the first was stored. */
  readonly waiting: ((error?: Error) => void)[]
}
export type InboundQos2 = Map<number, InboundPublish>

/** Identifiers a client may leave unreleased; MQTT 3.1.1 has no way to tell it. Well above any client's window. */
export const MAX_INBOUND_QOS2 = 1000
/** Commands kept for a device that does not acknowledge them; one more is not taken. */
const MAX_OUTGOING = 100
const MAX_IDENTIFIER = 65_535
/** Whose counter numbers the commands that were kept for an absent device; aedes tells packets apart by both. */
const KEPT_HERE = 'kept'

/**
 * Stands for a session in which nothing is subscribed to. Aedes says "session present" only where it restores something
 * (MQTT-3.2.2-2 asks for it for every kept session); this is what it then asks `authorizeSubscribe` for, in vain.
 */
export const EMPTY_SESSION: StoredSubscription = Object.freeze({ topic: '$session', qos: 0 })

interface ClientRef {
  readonly id: string
  readonly conn?: unknown
}
interface StoredSubscription {
  readonly topic: string
  readonly qos: number
}
interface OutgoingPacket {
  readonly cmd?: string
  brokerId?: string
  brokerCounter?: number
  messageId?: number | undefined
}
interface StoredSession {
  /** At most two: the one filter a device may have, in its two spellings. */
  subscriptions: readonly StoredSubscription[]
  readonly qos2: InboundQos2
  readonly outgoing: OutgoingPacket[]
  /** It was there before the connection that uses it now. */
  resumed: boolean
}

/** A command for a device that is not connected. */
export interface KeptCommand {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: 1 | 2
}

export class SessionStore {
  private readonly sessions = new Map<string, StoredSession>()

  private keptCommands = 0

  /**
   * A device has signed in: makes, takes up or discards its session (MQTT-3.1.2-4, -6). A session is kept also when
   * nothing is in it: CONNACK must tell the next connection that it was there.
   * @returns the QoS 2 identifiers that the connection starts with
   */
  begin(deviceId: string, clean: boolean): InboundQos2 {
    if (clean) {
      this.sessions.delete(deviceId)
      return new Map()
    }
    const kept = this.sessions.get(deviceId)
    if (kept !== undefined) {
      kept.resumed = true
      return kept.qos2
    }
    const made: StoredSession = { subscriptions: [], qos2: new Map(), outgoing: [], resumed: false }
    this.sessions.set(deviceId, made)
    return made.qos2
  }

  /** The device is registered no more. */
  forget(deviceId: string): void {
    this.sessions.delete(deviceId)
  }

  /** What an absent device has subscribed to. */
  subscriptionsOf(deviceId: string): readonly StoredSubscription[] {
    return this.sessions.get(deviceId)?.subscriptions ?? []
  }

  /** Whether one more command can be kept for a device until it acknowledges it. */
  hasRoom(deviceId: string): boolean {
    return (this.sessions.get(deviceId)?.outgoing.length ?? 0) < MAX_OUTGOING
  }

  /** Keeps a command for a device that is away; it gets it behind its next CONNACK (MQTT-3.1.2-5). */
  keep(deviceId: string, command: KeptCommand): void {
    this.keptCommands += 1
    const packet = { cmd: 'publish', ...command, retain: false, dup: false, messageId: undefined }
    this.sessions.get(deviceId)?.outgoing.push({ ...packet, brokerId: KEPT_HERE, brokerCounter: this.keptCommands })
  }

  async setup(): Promise<void> {}
  async destroy(): Promise<void> {}

  async cleanSubscriptions(client: ClientRef): Promise<void> {
    this.sessions.delete(client.id)
  }

  async subscriptionsByClient(client: ClientRef): Promise<StoredSubscription[]> {
    const session = this.sessions.get(client.id)
    if (session === undefined) return []
    return session.resumed && session.subscriptions.length === 0 ? [EMPTY_SESSION] : [...session.subscriptions]
  }

  /** Called with all filters of a SUBSCRIBE, the refused ones too. */
  async addSubscriptions(client: ClientRef, subscriptions: readonly StoredSubscription[]): Promise<void> {
    const session = this.sessions.get(client.id)
    if (session === undefined) return
    const asked = subscriptions.filter(({ topic }) => maySubscribe(topic, client.id))
    const replaced = new Set(asked.map(({ topic }) => topic))
    session.subscriptions = [
      ...session.subscriptions.filter(({ topic }) => !replaced.has(topic)),
      ...asked.map(({ topic, qos }) => ({ topic, qos })),
    ]
  }

  async removeSubscriptions(client: ClientRef, topics: readonly string[]): Promise<void> {
    const session = this.sessions.get(client.id)
    if (session === undefined) return
    session.subscriptions = session.subscriptions.filter(({ topic }) => !topics.includes(topic))
  }

  async subscriptionsByTopic(): Promise<never[]> {
    return []
  }

  /** Aedes asks this for a QoS 2 PUBLISH after the gate has let it through: it is known, so PUBREC follows at once. */
  async incomingGetPacket(client: ClientRef, packet: { messageId: number }): Promise<object> {
    const inbound = inboundOf(client).get(packet.messageId)
    if (inbound?.stored !== true) throw new Error('no such packet')
    return inbound
  }

  async incomingStorePacket(): Promise<void> {
    // The gate has stored it.
  }

  async incomingDelPacket(client: ClientRef, packet: { messageId: number }): Promise<void> {
    inboundOf(client).delete(packet.messageId)
  }

  async cleanIncoming(): Promise<void> {
    // The identifiers of a clean session lie with its connection and end with it.
  }

  async outgoingEnqueue(subscription: { clientId: string }, packet: OutgoingPacket): Promise<void> {
    this.sessions.get(subscription.clientId)?.outgoing.push({ ...packet })
  }

  /**
   * Before a packet is written. A PUBLISH gets its identifier here, and one that no other command on its way has
   * (MQTT-2.3.1-2): after a new connection aedes begins to count anywhere. A PUBREL takes its PUBLISH's place.
   */
  async outgoingUpdate(client: ClientRef, packet: OutgoingPacket): Promise<void> {
    const outgoing = this.sessions.get(client.id)?.outgoing ?? []
    if (packet.brokerId === undefined) {
      const at = outgoing.findIndex((kept) => kept.messageId === packet.messageId)
      if (at >= 0) outgoing[at] = packet
      return
    }
    const kept = outgoing.find(
      ({ brokerId, brokerCounter }) => brokerId === packet.brokerId && brokerCounter === packet.brokerCounter,
    )
    if (kept === undefined || packet.messageId === undefined) return
    while (outgoing.some((other) => other !== kept && other.messageId === packet.messageId))
      packet.messageId = (packet.messageId % MAX_IDENTIFIER) + 1
    kept.messageId = packet.messageId
  }

  async outgoingClearMessageId(client: ClientRef, packet: OutgoingPacket): Promise<OutgoingPacket | undefined> {
    const outgoing = this.sessions.get(client.id)?.outgoing
    const at = outgoing?.findIndex((kept) => kept.messageId === packet.messageId) ?? -1
    return at < 0 ? undefined : outgoing?.splice(at, 1)[0]
  }

  /** Everything in its order, what has been sent before as a duplicate (MQTT-4.4.0-1, MQTT-3.3.1-1). */
  outgoingStream(client: ClientRef): Readable {
    const outgoing = this.sessions.get(client.id)?.outgoing ?? []
    return Readable.from(
      outgoing.map((packet) =>
        packet.cmd === 'publish' && packet.messageId !== undefined ? { ...packet, dup: true } : packet,
      ),
    )
  }

  createRetainedStreamCombi(): Readable {
    return Readable.from([])
  }

  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  streamWill(): Readable {
    return Readable.from([])
  }
}

const NONE: InboundQos2 = new Map()
const inboundOf = (client: ClientRef): InboundQos2 => (client.conn as Connection | undefined)?.session?.qos2 ?? NONE
