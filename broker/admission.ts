import { isDeviceId } from '../contract/topics.ts'
import type { Registry } from '../store/state/registry-port.ts'
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
/**
 * The same by the port for fire: 450 detectors that come back with ten thousand meters are in after 30 turns, and
 * a turn in which meters are accepted too takes 5 ms.
 */
const FIRE_PER_TURN = 16
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
  /** Of those who came by the port for fire: no meter stands in it. */
  private readonly fireLine: AcceptRate<Connection>

  constructor({ registry, rate, clock, accepted, signIn }: AdmissionOptions) {
    this.registry = registry
    const isGone = (connection: Connection): boolean => connection.hasGivenUp
    const common = { rate, clock, serve: signIn, isGone }
    this.fireLine = new AcceptRate({ ...common, perTurn: FIRE_PER_TURN, isCrowded: () => false })
    let before = 0
    this.line = new AcceptRate({
      ...common,
      perTurn: PER_TURN,
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
    if (connection.byFirePort) {
      this.fireLine.arrive(connection, { subscriber, id, urgent: true })
      return
    }
    const stand = (urgent: boolean): void => this.line.arrive(connection, { subscriber, id, urgent })
    // Nobody to wait for: then it does not matter who it is.
    if (!this.line.isBusy || !isDeviceId(id)) stand(false)
    else this.isUrgent(id).then(stand, () => stand(false))
  }

  figures(): Record<string, number> {
    const { line, fireLine } = this
    return {
      mqtt_connects_total: line.served + fireLine.served,
      mqtt_connects_given_up_total: line.gone + fireLine.gone,
      'mqtt_connects_waiting{lane="urgent"}': line.waiting.urgent + fireLine.size,
      'mqtt_connects_waiting{lane="bulk"}': line.waiting.ordinary,
      mqtt_connect_longest_wait_ms: Math.max(line.takeLongestWait(), fireLine.takeLongestWait()),
    }
  }

  stop(): void {
    this.line.stop()
    this.fireLine.stop()
  }

  private async isUrgent(id: string): Promise<boolean> {
    const device = await this.registry.find(id)
    return device !== undefined && (await standingOf(this.registry, device)).lane === 'urgent'
  }
}
