import { connectAsync, type MqttClient } from 'mqtt'
import { NetworkMistake } from './network-mistake.ts'

/**
 * The gateways of a network's villages, one MQTT connection each, QoS 1. Each takes the uploads of its meters in order and has
 * a bounded number of them on their way: the broker answers as fast as the allowance of a gateway lets it, and it is waited for.
 */

interface Gateway {
  readonly id: string
  readonly secret: string
}

export interface PostOptions {
  readonly host: string
  readonly port: number
  readonly gateways: readonly Gateway[]
}

/** Messages of one gateway that may wait for their acknowledgement: what aedes reads of one connection before it waits itself. */
const WINDOW = 100
const CONNECT_TIMEOUT_MS = 10_000
/** The broker reads the registry anew a few times a second: a gateway that was registered just now is let in soon. */
const KNOWN_WITHIN_MS = 15_000
const TRY_AGAIN_MS = 300
const RECONNECT_MS = 1000
const LAST_ACK_TIMEOUT_MS = 30_000
const TOPIC = 'v1/gateway/telemetry'

interface Line {
  readonly client: MqttClient
  underway: number
  /** Who waits for room in the window. */
  waiting: (() => void)[]
}

export class GatewayPost {
  readonly #lines: ReadonlyMap<string, Line>
  sent = 0
  acknowledged = 0
  #idle: (() => void)[] = []

  private constructor(lines: ReadonlyMap<string, Line>) {
    this.#lines = lines
  }

  /** @throws NetworkMistake */
  static async open({ host, port, gateways }: PostOptions): Promise<GatewayPost> {
    const lines = new Map<string, Line>()
    try {
      for (const gateway of gateways)
        lines.set(gateway.id, { client: await enter(host, port, gateway), underway: 0, waiting: [] })
    } catch (error) {
      for (const { client } of lines.values()) client.end(true)
      throw error
    }
    return new GatewayPost(lines)
  }

  /** Sends one upload of a device; resolves when the next one may be sent. */
  async send(gateway: string, deviceId: string, payload: string): Promise<void> {
    const line = this.#lines.get(gateway)
    if (line === undefined) throw new Error(`${gateway} is no gateway of this world`)
    while (line.underway >= WINDOW) await new Promise<void>((resolve) => line.waiting.push(resolve))
    line.underway++
    this.sent++
    // The upload stands in the message byte for byte as the world wrote it.
    line.client.publish(TOPIC, `{"${deviceId}":${payload}}`, { qos: 1 }, (error) => {
      line.underway--
      if (error == null) this.acknowledged++
      line.waiting.shift()?.()
      if (this.#underway() === 0) for (const resolve of this.#idle.splice(0)) resolve()
    })
  }

  /** Resolves when everything that was sent has been acknowledged. */
  async settled(): Promise<void> {
    if (this.#underway() > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Waits a while for the last acknowledgements and says goodbye. @returns whether all came */
  async close(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), LAST_ACK_TIMEOUT_MS)
    })
    const all = await Promise.race([this.settled().then(() => true), tooLong])
    clearTimeout(timer)
    await Promise.all([...this.#lines.values()].map(({ client }) => client.endAsync(!all).catch(() => undefined)))
    return all
  }

  #underway(): number {
    let sum = 0
    for (const { underway } of this.#lines.values()) sum += underway
    return sum
  }
}

async function enter(host: string, port: number, { id, secret }: Gateway): Promise<MqttClient> {
  const until = performance.now() + KNOWN_WITHIN_MS
  for (;;) {
    try {
      const client = await connectAsync(
        `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`,
        {
          ...{ clientId: id, username: id, password: secret, clean: true },
          ...{ connectTimeout: CONNECT_TIMEOUT_MS, reconnectPeriod: RECONNECT_MS, reconnectOnConnackError: true },
        },
        false,
      )
      // A broken connection is taken up again by the client, which sends what is not acknowledged once more.
      client.on('error', () => undefined)
      return client
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string }
      if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') throw new NetworkMistake(nobodyAt(host, port))
      if (performance.now() > until)
        throw new NetworkMistake(
          `The broker at ${host}:${port} does not let ${id} in (${message}). HYDRANT_DATA_DIR must be the data folder of the Hydrant that runs there.`,
        )
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
}

export const nobodyAt = (host: string, port: number): string =>
  `Nothing answers at ${host}:${port}. Is Hydrant running? HYDRANT_MQTT_HOST and HYDRANT_MQTT_PORT, or --host and --port, say where.`
