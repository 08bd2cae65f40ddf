import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthenticateError, Client } from 'aedes'
import type { Logger } from 'pino'
import { isDeviceId } from '../contract/topics.ts'
import type { Registry } from '../store/state/registry-port.ts'
import { subscriberOf } from '../store/subscriber.ts'
import { checkWill, Refused } from './access.ts'
import { identify } from './identity/identify.ts'
import type { Allowance } from './limits.ts'
import type { Connection } from './listeners/connection.ts'
import type { RefusalPace } from './refusal-pace.ts'
import type { Refusals } from './refusals.ts'
import { Session, type Standing } from './session.ts'
import type { SessionStore } from './session-store.ts'
import type { Sessions } from './sessions.ts'
import type { Takeovers } from './takeovers.ts'

/** MQTT 3.1.1 table 3.1. */
const CONNACK = { identifierRejected: 2, unavailable: 3, notAuthorised: 5 } as const
const MQTT_3_1_1 = 4
/** Who is refused because its twin is connected is answered this late: it will come again at once. Ms. */
const TWIN_ANSWERED_AFTER_MS = 1000

/** A CONNECT as aedes hands it over. */
export interface ConnectPacket {
  clientId: string
  readonly clean?: boolean | undefined
  readonly protocolVersion?: number | undefined
  readonly username?: string | undefined
  readonly will?: { readonly topic: string; readonly retain?: boolean } | undefined
}

export interface SignInParts {
  readonly registry: Registry
  /** Absent: no derived key is accepted. */
  readonly masterKey: Uint8Array | undefined
  readonly refusals: Refusals
  readonly pace: RefusalPace
  readonly takeovers: Takeovers
  readonly sessions: Sessions
  readonly store: SessionStore
  readonly log: Logger
  /** Ms of a clock that never runs backwards. */
  readonly clock: () => number
  readonly allowanceOf: (standing: Standing) => Allowance | undefined
}

/** What CONNECT said, as far as it is asked for once the client is known. */
interface Arrival {
  /** Empty where it gave none and has no name either; aedes then makes one up, which must not be taken for a device's. */
  readonly clientId: string
  readonly will: ConnectPacket['will']
}

const connectionOf = (client: Client): Connection => client.conn as unknown as Connection

/** From CONNECT to CONNACK: who is it, may it come in now, and may it leave the will it brought. */
export class SignIn {
  private readonly parts: SignInParts
  private readonly arrivals = new WeakMap<Client, Arrival>()

  constructor(parts: SignInParts) {
    this.parts = parts
  }

  /**
   * Before anything is decided. Who gives no client id gets the id it signs in with (MQTT-3.1.3-6: a unique one of the
   * server's choice); the guard has seen to it that its session is not to be kept (MQTT-3.1.3-8).
   */
  arrive(client: Client, packet: ConnectPacket): void {
    if (packet.clientId === '' && packet.protocolVersion === MQTT_3_1_1) {
      const name = packet.username ?? connectionOf(client).certifiedAs?.[0] ?? ''
      if (isDeviceId(name)) packet.clientId = name
    }
    this.arrivals.set(client, { clientId: packet.clientId, will: packet.will })
  }

  /**
   * Resolves when the client is signed in and has its session, or when it has gone meanwhile.
   * @throws AuthenticateError with CONNACK's return code
   */
  async check(client: Client, userName: string | undefined, password: Buffer | undefined): Promise<void> {
    const { registry, masterKey, refusals, pace, takeovers, sessions, store, log, clock, allowanceOf } = this.parts
    const connection = connectionOf(client)
    const arrival = this.arrivals.get(client)
    this.arrivals.delete(client)
    const clientId = arrival?.clientId ?? ''
    const { address, certifiedAs } = connection
    const startedAt = clock()
    const refuse = async (refused: Refused, returnCode: number, answered: Promise<unknown>): Promise<never> => {
      connection.endedBecause = 'refused'
      await answered
      throw Object.assign(refused, { returnCode }) as AuthenticateError
    }

    const shown = { clientId, userName, password, certifiedAs }
    const found = await identify({ registry, masterKey }, shown).catch((error: Error) => error)
    if (found instanceof Error) {
      log.error({ err: found }, 'the registry cannot be read')
      const unavailable = new Refused('auth.unknown-or-wrong', found.message)
      return refuse(unavailable, CONNACK.unavailable, pace.wait(subscriberOf(address), startedAt, clock))
    }
    if ('refused' in found) {
      refusals.count(found.refused, clientId, found.detail)
      const mismatch = found.refused === 'auth.identity-mismatch'
      const code = mismatch ? CONNACK.identifierRejected : CONNACK.notAuthorised
      return refuse(new Refused(found.refused, found.detail), code, pace.wait(subscriberOf(address), startedAt, clock))
    }
    if (connection.destroyed) return
    if (connection.byFirePort && found.standing.lane !== 'urgent') {
      const detail = `a ${found.standing.device.kind}, from ${address}`
      refusals.count('acl.fire-port', clientId, detail)
      const answered = pace.wait(subscriberOf(address), startedAt, clock)
      return refuse(new Refused('acl.fire-port', detail), CONNACK.notAuthorised, answered)
    }

    const badWill = arrival?.will === undefined ? undefined : checkWill(clientId, arrival.will)
    if (badWill !== undefined) {
      refusals.count(badWill.refused, clientId, badWill.detail)
      return refuse(new Refused(badWill.refused, badWill.detail), CONNACK.notAuthorised, Promise.resolve())
    }
    const twin = sessions.find(clientId)?.connection
    if (twin !== undefined && !twin.hungUp && !takeovers.allows(clientId, clock() - twin.heardAt, clock())) {
      const detail = `from ${address}; ${twin.address} is connected and stays`
      refusals.count('limit.takeover', clientId, detail)
      return refuse(new Refused('limit.takeover', detail), CONNACK.unavailable, sleep(TWIN_ANSWERED_AFTER_MS))
    }
    const qos2 = store.begin(clientId, client.clean)
    const session = new Session(connection, found.standing, allowanceOf(found.standing), qos2)
    connection.session = session
    sessions.add(session)
  }
}
