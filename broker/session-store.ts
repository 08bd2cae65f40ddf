import { Readable } from 'node:stream'
import { maySubscribe } from '../contract/topics.ts'
import type { Connection } from './listeners/connection.ts'

/**
 * MQTT session state, behind the interface that aedes calls a persistence. It keeps only what a device needs and nothing
 * per publish: subscriptions to its own commands, the identifiers of QoS 2 publishes that are not released yet, and
 * commands that a device has not acknowledged. It lies in memory: after a restart CONNACK says that there is no session,
 * and the client subscribes again (MQTT-3.2.2-3). Commands that must outlive a restart are ingest's matter, not the
 * door's.
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
/** Commands kept for a device that does not acknowledge them; the oldest goes first. */
const MAX_OUTGOING = 100

interface ClientRef {
  readonly id: string
  readonly conn?: unknown
}
interface StoredSubscription {
  readonly topic: string
  readonly qos: number
}
interface OutgoingPacket {
  brokerId?: string
  brokerCounter?: number
  messageId?: number
}
interface StoredSession {
  readonly subscriptions: Map<string, StoredSubscription>
  readonly qos2: InboundQos2
  outgoing: OutgoingPacket[]
}

export class SessionStore {
  private readonly sessions = new Map<string, StoredSession>()

  /**
   * The QoS 2 identifiers that a connection starts with. They are kept exactly when CONNACK will say "session present":
   * if client and broker disagreed about that, a new publish could be taken for an old one, and be lost.
   */
  inbound(deviceId: string, clean: boolean): InboundQos2 {
    return (clean ? undefined : this.sessions.get(deviceId)?.qos2) ?? new Map()
  }

  async setup(): Promise<void> {}
  async destroy(): Promise<void> {}

  async cleanSubscriptions(client: ClientRef): Promise<void> {
    this.sessions.delete(client.id)
  }

  async subscriptionsByClient(client: ClientRef): Promise<StoredSubscription[]> {
    return [...(this.sessions.get(client.id)?.subscriptions.values() ?? [])]
  }

  /** Called with all filters of a SUBSCRIBE, the refused ones too. */
  async addSubscriptions(client: ClientRef, subscriptions: readonly StoredSubscription[]): Promise<void> {
    for (const { topic, qos } of subscriptions) {
      if (!maySubscribe(topic, client.id)) continue
      let session = this.sessions.get(client.id)
      if (session === undefined) {
        session = { subscriptions: new Map(), qos2: inboundOf(client), outgoing: [] }
        this.sessions.set(client.id, session)
      }
      session.subscriptions.set(topic, { topic, qos })
    }
  }

  async removeSubscriptions(client: ClientRef, topics: readonly string[]): Promise<void> {
    const session = this.sessions.get(client.id)
    if (session === undefined) return
    for (const topic of topics) session.subscriptions.delete(topic)
    if (session.subscriptions.size === 0) this.sessions.delete(client.id)
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
    const session = this.sessions.get(subscription.clientId)
    if (session === undefined) return
    session.outgoing.push({ ...packet })
    if (session.outgoing.length > MAX_OUTGOING) session.outgoing.shift()
  }

  async outgoingUpdate(client: ClientRef, packet: OutgoingPacket): Promise<void> {
    const outgoing = this.sessions.get(client.id)?.outgoing ?? []
    for (const [i, kept] of outgoing.entries()) {
      if (kept.brokerCounter === packet.brokerCounter && kept.brokerId === packet.brokerId) {
        if (packet.messageId !== undefined) kept.messageId = packet.messageId
        return
      }
      if (packet.brokerId === undefined && kept.messageId === packet.messageId) {
        outgoing[i] = packet
        return
      }
    }
  }

  async outgoingClearMessageId(client: ClientRef, packet: OutgoingPacket): Promise<OutgoingPacket | undefined> {
    const outgoing = this.sessions.get(client.id)?.outgoing
    const at = outgoing?.findIndex((kept) => kept.messageId === packet.messageId) ?? -1
    return at < 0 ? undefined : outgoing?.splice(at, 1)[0]
  }

  outgoingStream(client: ClientRef): Readable {
    return Readable.from([...(this.sessions.get(client.id)?.outgoing ?? [])])
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
