import { isDeviceId } from '../contract/topics.ts'
import type { Registry } from '../store/state/port.ts'
import { subscriberOf } from '../store/subscriber.ts'
import { standingOf } from './identity/identify.ts'
import { AcceptRate } from './listeners/accept-rate.ts'
import { claimedId } from './listeners/claimed-id.ts'
import type { Connection } from './listeners/connection.ts'
import { LISTENERS } from './listeners/shared-port.ts'

/**
 * Sign-ins in one turn of the event loop: about a millisecond. A publish of somebody who is connected waits behind no more
 * than these.
 */
const PER_TURN = 8
/** As many connections accepted between two turns say that more stand behind them. Half of what one turn can accept. */
const CROWD = LISTENERS / 2

export interface AdmissionOptions {
  readonly registry: Pick<Registry, 'find' | 'children'>
  /** Sign-ins a second; 0: no limit. */
  readonly rate: number
  readonly clock: () => number
  /** Connections that have been accepted since the start. */
  readonly accepted: () => number
  /** Its turn has come. */
  readonly signIn: (connection: Connection) => void
}

/** Between a CONNECT and its sign-in: who came with the herd waits here for its turn. */
export class Admission {
  private readonly registry: AdmissionOptions['registry']
  private readonly line: AcceptRate<Connection>

  constructor({ registry, rate, clock, accepted, signIn }: AdmissionOptions) {
    this.registry = registry
    let before = 0
    this.line = new AcceptRate({
      rate,
      perTurn: PER_TURN,
      clock,
      serve: signIn,
      isGone: (connection) => connection.hasGivenUp,
      isCrowded: () => {
        const since = accepted() - before
        before += since
        return since >= CROWD
      },
    })
  }

  /** A whole and well-formed CONNECT has come. */
  arrive(connection: Connection, connect: Buffer): void {
    const id = claimedId(connect)
    const subscriber = subscriberOf(connection.address)
    const stand = (urgent: boolean): void => this.line.arrive(connection, { subscriber, id, urgent })
    // Nobody to wait for: then it does not matter who it is.
    if (!this.line.isBusy || !isDeviceId(id)) stand(false)
    else this.isUrgent(id).then(stand, () => stand(false))
  }

  figures(): Record<string, number> {
    const { urgent, ordinary } = this.line.waiting
    return {
      mqtt_connects_total: this.line.served,
      mqtt_connects_given_up_total: this.line.gone,
      'mqtt_connects_waiting{lane="urgent"}': urgent,
      'mqtt_connects_waiting{lane="bulk"}': ordinary,
      mqtt_connect_longest_wait_ms: this.line.takeLongestWait(),
    }
  }

  stop(): void {
    this.line.stop()
  }

  private async isUrgent(id: string): Promise<boolean> {
    const device = await this.registry.find(id)
    return device !== undefined && (await standingOf(this.registry, device)).lane === 'urgent'
  }
}
