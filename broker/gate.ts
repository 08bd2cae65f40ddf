import { crc32 } from 'node:zlib'
import type { Lane } from '../contract/kinds.ts'
import type { UpTopic } from '../contract/topics.ts'
import { checkPublish, Refused } from './access.ts'
import type { JournalLane } from './journal-lane.ts'
import type { Refusals } from './refusals.ts'
import type { HeldPublish, Session } from './session.ts'
import { type InboundPublish, MAX_INBOUND_QOS2 } from './session-store.ts'

/** A PUBLISH as aedes hands it over. */
export interface Publish {
  readonly topic: string
  readonly payload: Uint8Array | string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly messageId?: number | undefined
}
/** Aedes answers (PUBACK, PUBREC) when it is called without an error, and ends the connection when with one. */
export type Answer = (error?: Error | null) => void

export interface GateOptions {
  readonly lanes: Readonly<Record<Lane, JournalLane>>
  readonly refusals: Refusals
  /** Ms of a clock that never runs backwards. */
  readonly clock: () => number
  /** The answer to a command has been stored. */
  readonly onResponse?: (deviceId: string, n: number) => void
}

/**
 * The gate: a publish is answered when it is on disk, not before. `authorizePublish` is the one hook of aedes that holds
 * the answer back; what comes in there is checked, appended to the journal lane of its device, and answered in the order
 * in which it came.
 *
 * A device that sends more than its allowance is held back, not turned away: its publish waits here, in
 * order, until a token is there. Aedes reads no further from a socket whose publishes are not answered, so at most one
 * read (64 KiB) waits per device, and TCP tells the device to slow down. Disconnecting it instead would make it connect
 * and send again, which costs more than what it is to save; acknowledging and dropping would break the promise. A device
 * that has hung up meanwhile cannot be slowed down any more: what it left is stored on credit, as much as its bucket
 * holds, and its next connection waits the longer.
 */
export class Gate {
  private readonly options: GateOptions
  /** Publishes that wait for an allowance now, and since the start. */
  heldNow = 0
  heldTotal = 0

  constructor(options: GateOptions) {
    this.options = options
  }

  publish(session: Session, packet: Publish, answer: Answer): void {
    const up = session.revoked
      ? { refused: 'acl.publish' as const, detail: 'after its registration ended' }
      : checkPublish(session, packet.topic, packet.retain)
    if ('refused' in up) {
      this.options.refusals.count(up.refused, session.deviceId, up.detail)
      answer(new Refused(up.refused, up.detail))
      return
    }
    if (packet.qos === 2 && packet.messageId !== undefined)
      this.exactlyOnce(session, up, packet, packet.messageId, answer)
    else this.admit(session, up, packet, answer)
  }

  /** The device will send no more on this connection: what is held back is decided now. */
  hangUp(session: Session): void {
    clearTimeout(session.holdTimer)
    const held = session.held.splice(0)
    this.heldNow -= held.length
    for (const publish of held) {
      if (session.revoked || session.allowance?.borrow(this.options.clock(), publish.size) === false)
        this.drop(session, publish.answer)
      else publish.release()
    }
  }

  /**
   * MQTT 3.1.1 §4.3.3: a QoS 2 publish is stored once, whatever is repeated before its PUBREL. A repetition has the same
   * identifier and the same payload; the same identifier with another payload is a client in error, and its reading is
   * kept rather than mistaken for the old one.
   */
  private exactlyOnce(session: Session, up: UpTopic, packet: Publish, id: number, answer: Answer): void {
    const crc = crc32(packet.payload)
    const known = session.qos2.get(id)
    if (known !== undefined && known.crc === crc) {
      if (known.stored) answer()
      else known.waiting.push(answer)
      return
    }
    if (known === undefined && session.qos2.size >= MAX_INBOUND_QOS2) {
      const detail = `more than ${MAX_INBOUND_QOS2} QoS 2 publishes without PUBREL`
      this.options.refusals.count('protocol.violation', session.deviceId, detail)
      answer(new Refused('protocol.violation', detail))
      return
    }
    const entry: InboundPublish = { crc, stored: false, waiting: [] }
    session.qos2.set(id, entry)
    this.admit(session, up, packet, (error) => {
      if (error) {
        if (session.qos2.get(id) === entry) session.qos2.delete(id)
      } else entry.stored = true
      answer(error)
      for (const repetition of entry.waiting) repetition(error ?? undefined)
    })
  }

  /** Lets through what the device's allowance covers. */
  private admit(session: Session, up: UpTopic, packet: Publish, answer: Answer): void {
    const { allowance } = session
    const size = packet.payload.length
    if (
      allowance === undefined ||
      session.ended ||
      (session.held.length === 0 && allowance.take(this.options.clock(), size))
    )
      this.store(session, up, packet, answer)
    else if (!session.connection.hungUp)
      this.hold(session, { release: () => this.store(session, up, packet, answer), answer, size })
    else if (allowance.borrow(this.options.clock(), size)) this.store(session, up, packet, answer)
    else this.drop(session, answer)
  }

  private drop(session: Session, answer: Answer): void {
    const detail = 'sent above the rate, then hung up'
    this.options.refusals.count('limit.rate', session.deviceId, detail)
    answer(new Refused('limit.rate', detail))
  }

  private hold(session: Session, publish: HeldPublish): void {
    session.held.push(publish)
    this.heldNow += 1
    this.heldTotal += 1
    if (session.held.length === 1) this.releaseLater(session)
  }

  private releaseLater(session: Session): void {
    const wait = session.allowance?.waitMs(this.options.clock(), session.held[0]?.size ?? 0) ?? 0
    session.holdTimer = setTimeout(() => this.release(session), wait)
  }

  /** Lets the next ones in, as many as the allowance covers now; all when it has been lifted. */
  private release(session: Session): void {
    for (;;) {
      const first = session.held[0]
      if (first === undefined || session.allowance?.take(this.options.clock(), first.size) === false) break
      session.held.shift()
      this.heldNow -= 1
      first.release()
    }
    if (session.held.length > 0) this.releaseLater(session)
  }

  private store(session: Session, up: UpTopic, packet: Publish, answer: Answer): void {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    const lane = this.options.lanes[session.standing.lane]
    lane.append(up.type, session.deviceId, up.arg, payload, session.connection, (error) => {
      if (error === undefined && up.type === 'rpcResponse') this.options.onResponse?.(session.deviceId, Number(up.arg))
      answer(error)
    })
  }
}
