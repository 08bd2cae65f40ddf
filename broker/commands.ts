import type { Client } from 'aedes'
import { commandFilter, commandTopic } from '../contract/topics.ts'
import type { Line } from './line.ts'
import type { SessionStore } from './session-store.ts'
import type { Sessions } from './sessions.ts'

interface Subscription {
  readonly qos: number
}
/** Aedes keeps a client's subscriptions by filter. */
type CommandClient = Client & { readonly subscriptions?: Readonly<Record<string, Subscription>> }

export interface CommandParts {
  readonly sessions: Sessions
  readonly store: SessionStore
  readonly clientOf: (connection: Line) => CommandClient | undefined
}

/**
 * Hands commands to devices, each on the topic it subscribed to (`me` or its own id) and with the quality of service it
 * asked for. Nobody else can get one, because nothing is routed.
 */
export class Commands {
  private readonly parts: CommandParts

  constructor(parts: CommandParts) {
    this.parts = parts
  }

  /**
   * @returns false when the device has not subscribed to its commands, is away without a kept session (or with QoS 0), or
   *   does not read what it was sent before. Rejects when the connection breaks.
   */
  async send(deviceId: string, n: number, payload: Uint8Array): Promise<boolean> {
    const session = this.parts.sessions.find(deviceId)
    if (session === undefined || session.connection.destroyed) return this.keep(deviceId, n, payload)
    const client = this.parts.clientOf(session.connection)
    // It speaks, but not MQTT.
    if (client === undefined) return false
    if (!(await isReady(client, session.connection))) return this.send(deviceId, n, payload)
    const to = best(deviceId, (filter) => client.subscriptions?.[filter])
    if (to === undefined || session.connection.isCongested || !this.parts.store.hasRoom(deviceId)) return false
    await new Promise<void>((resolve, reject) =>
      client.publish(
        {
          cmd: 'publish',
          topic: commandTopic(to.name, n),
          payload: Buffer.from(payload),
          qos: to.qos as 0 | 1 | 2,
          dup: false,
          retain: false,
        },
        (error) => (error ? reject(error) : resolve()),
      ),
    )
    return true
  }

  private keep(deviceId: string, n: number, payload: Uint8Array): boolean {
    const { store } = this.parts
    const kept = store.subscriptionsOf(deviceId)
    const to = best(deviceId, (filter) => kept.find(({ topic }) => topic === filter))
    if (to === undefined || to.qos === 0 || !store.hasRoom(deviceId)) return false
    store.keep(deviceId, { topic: commandTopic(to.name, n), payload: Buffer.from(payload), qos: to.qos as 1 | 2 })
    return true
  }
}

/** Of the two spellings of a device's filter, the one with the higher quality of service (MQTT-3.3.5-1). */
function best(
  deviceId: string,
  subscribed: (filter: string) => Subscription | undefined,
): { readonly name: string; readonly qos: number } | undefined {
  const me = subscribed(commandFilter('me'))
  const own = subscribed(commandFilter(deviceId))
  if (me === undefined) return own === undefined ? undefined : { name: deviceId, qos: own.qos }
  return own !== undefined && own.qos > me.qos ? { name: deviceId, qos: own.qos } : { name: 'me', qos: me.qos }
}

/** Nothing may reach a client before its CONNACK (MQTT-3.2.0-1), nor before what was kept for it (MQTT-4.6.0-6). */
async function isReady(client: Client, connection: Line): Promise<boolean> {
  if (client.connected) return true
  return new Promise((resolve) => {
    const settle = (): void => {
      client.off('connected', settle)
      connection.off('close', settle)
      resolve(client.connected)
    }
    client.once('connected', settle)
    connection.once('close', settle)
  })
}
