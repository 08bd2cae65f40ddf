import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'

/** A PUBACK that has not come after this long is taken for lost: the connection is made anew. Milliseconds. */
const PUBACK_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5000
/** Between two tries to connect: a broker is back within a second or two. */
const RETRY_MS = 50
const RETRY_SPREAD_MS = 100

export interface PublisherOptions {
  readonly host: string
  readonly port: number
  readonly id: string
  readonly secret: string
  /** Ends every try. */
  readonly signal: AbortSignal
}

/** A device as its maker should build it: it sends a message until it has the PUBACK for it. */
export class Publisher {
  private readonly options: PublisherOptions
  private client: MqttClient | undefined
  /** Messages that had to be sent more than once. */
  retries = 0
  /** Every PUBACK: when it came (performance.now()), and how long after its PUBLISH. Milliseconds. */
  readonly acked: { readonly at: number; readonly ms: number }[] = []

  constructor(options: PublisherOptions) {
    this.options = options
  }

  /**
   * Resolves when the broker has acknowledged it; rejects when the signal has fired.
   * @param payload asked again for every try: a retry may be packed otherwise
   */
  async publish(topic: string, payload: (attempt: number) => string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.options.signal.throwIfAborted()
      if (attempt > 0) this.retries++
      const client = await this.connected()
      const began = performance.now()
      if (await acknowledged(client, topic, payload(attempt))) {
        const at = performance.now()
        this.acked.push({ at, ms: at - began })
        return
      }
      client.end(true)
      this.client = undefined
    }
  }

  end(): void {
    this.client?.end(true)
    this.client = undefined
  }

  private async connected(): Promise<MqttClient> {
    if (this.client?.connected) return this.client
    const { host, port, id, secret, signal } = this.options
    for (;;) {
      signal.throwIfAborted()
      this.client?.end(true)
      try {
        this.client = await connectAsync(
          `mqtt://${host}:${port}`,
          {
            clientId: id,
            username: id,
            password: secret,
            clean: true,
            reconnectPeriod: 0,
            connectTimeout: CONNECT_TIMEOUT_MS,
          },
          false,
        )
        // A connection that breaks shows as a publish without PUBACK.
        this.client.on('error', () => undefined)
        return this.client
      } catch {
        await sleep(RETRY_MS + RETRY_SPREAD_MS * Math.random())
      }
    }
  }
}

function acknowledged(client: MqttClient, topic: string, payload: string): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (acked: boolean): void => {
      clearTimeout(timer)
      client.off('close', onClose)
      resolve(acked)
    }
    const onClose = (): void => settle(false)
    const timer = setTimeout(onClose, PUBACK_TIMEOUT_MS)
    client.on('close', onClose)
    client.publish(topic, payload, { qos: 1 }, (error) => settle(error === undefined || error === null))
  })
}
