import type { Gate } from './gate.ts'
import type { JournalLane } from './journal-lane.ts'
import type { Presence } from './presence.ts'
import type { Session } from './session.ts'

/** Why a connection ended: the label of a counter, and the reason in its `disconnected` record. */
export type EndReason =
  | 'client'
  | 'lost'
  | 'keepalive'
  | 'takeover'
  | 'refused'
  | 'unread'
  | 'removed'
  | 'disabled'
  | 'denied'
  | 'secret-changed'
  | 'stopping'

/** The devices that are connected, by id: each once. */
export class Sessions {
  private readonly byDevice = new Map<string, Session>()
  private readonly presence: Presence
  private readonly gate: Gate
  private readonly lanes: readonly JournalLane[]
  /** Ended connections by reason, since the start. */
  readonly ends = new Map<EndReason, number>()

  constructor(presence: Presence, gate: Gate, lanes: readonly JournalLane[]) {
    this.presence = presence
    this.gate = gate
    this.lanes = lanes
  }

  get size(): number {
    return this.byDevice.size
  }

  find(deviceId: string): Session | undefined {
    return this.byDevice.get(deviceId)
  }

  all(): readonly Session[] {
    return [...this.byDevice.values()]
  }

  /** A device has shown who it is. One that was connected under this id goes (MQTT-3.1.4-2), and first. */
  add(session: Session): void {
    const old = this.byDevice.get(session.deviceId)
    if (old !== undefined) this.cut(old, 'takeover')
    this.byDevice.set(session.deviceId, session)
    session.connection.once('close', () => this.end(session, endReason(session)))
  }

  /** Ends a connection from this side. */
  cut(session: Session, reason: EndReason): void {
    this.end(session, reason)
    session.connection.cut(reason)
  }

  private end(session: Session, reason: EndReason): void {
    if (session.ended) return
    session.ended = true
    if (this.byDevice.get(session.deviceId) === session) this.byDevice.delete(session.deviceId)
    this.ends.set(reason, (this.ends.get(reason) ?? 0) + 1)
    this.gate.hangUp(session)
    for (const lane of this.lanes) lane.forget(session.connection)
    this.presence.disconnected(session, reason)
  }
}

function endReason(session: Session): EndReason {
  const because = session.connection.endedBecause
  if (because === 'keepalive' || because === 'refused' || because === 'unread') return because
  return session.connection.sawDisconnect ? 'client' : 'lost'
}
