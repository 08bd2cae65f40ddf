import type { Lane } from '../contract/kinds.ts'
import type { JournalLane } from './journal-lane.ts'
import type { Session } from './session.ts'

const EMPTY = new Uint8Array(0)
const stored = (): void => {}

/**
 * Who is connected, told to the journal in the device's own lane, so that ingest sees it in the order in which it
 * happened. Payloads are JSON for a person who looks: `{"transport","address"}` and `{"reason"}`. That somebody has come is
 * told again (`connected`) where it could not be stored; that somebody has gone is left out then.
 */
export class Presence {
  private readonly lanes: Readonly<Record<Lane, JournalLane>>

  constructor(lanes: Readonly<Record<Lane, JournalLane>>) {
    this.lanes = lanes
  }

  /** To every lane: whoever was connected by that lane's records is not any more. */
  brokerStarted(): void {
    for (const lane of Object.values(this.lanes)) lane.append('brokerStarted', '', '', EMPTY, undefined, stored)
  }

  connected(session: Session): void {
    if (session.announced || session.ended) return
    session.announced = true
    const { transport, address } = session.connection
    this.tell(session, 'connected', { transport, address }, (error) => {
      if (error !== undefined) session.announced = false
    })
  }

  disconnected(session: Session, reason: string): void {
    if (!session.announced) return
    session.announced = false
    this.tell(session, 'disconnected', { reason }, stored)
  }

  private tell(
    session: Session,
    kind: 'connected' | 'disconnected',
    what: Record<string, string>,
    done: (error?: Error) => void,
  ): void {
    const lane = this.lanes[session.standing.lane]
    lane.append(kind, session.deviceId, '', Buffer.from(JSON.stringify(what)), undefined, done)
  }
}
