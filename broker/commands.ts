import type { Client } from 'aedes'
import { commandFilter, commandTopic } from '../contract/topics.ts'

/** Aedes keeps a client's subscriptions by filter. */
interface Subscribed {
  readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>
}

/**
 * Hands a command to the device that is connected as `client`, on the topic it subscribed to: `me` or its own id, as it
 * asked for it. Nobody else can get it, because nothing is routed.
 * @returns false when the device has not subscribed to its commands
 */
export function sendCommand(
  client: Client & Partial<Subscribed>,
  deviceId: string,
  n: number,
  payload: Uint8Array,
  done: (error?: Error) => void,
): boolean {
  for (const name of ['me', deviceId]) {
    const subscribed = client.subscriptions?.[commandFilter(name)]
    if (subscribed === undefined) continue
    client.publish(
      {
        cmd: 'publish',
        topic: commandTopic(name, n),
        payload: Buffer.from(payload),
        qos: subscribed.qos > 0 ? 1 : 0,
        dup: false,
        retain: false,
      },
      done,
    )
    return true
  }
  return false
}
