import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import type { Message } from './plan.ts'
import { ReplayMistake } from './units.ts'

export interface Target {
  readonly host: string
  readonly port: number
  readonly deviceId: string
  readonly secret: string
}

export interface PublishSummary {
  readonly sent: number
  readonly acknowledged: number
  readonly readings: number
  readonly tookMs: number
}

/** How many messages may be on their way: the burst that the broker lets through before it slows a meter down. */
const WINDOW = 20
const CONNECT_TIMEOUT_MS = 10_000
/** After the last message, how long acknowledgements are waited for. */
const LAST_ACK_TIMEOUT_MS = 30_000
const REPORT_EVERY_MS = 10_000

/** Publishes every message at its time, QoS 1. Throws ReplayMistake where the broker does not let the device in. */
export async function publishAll(
  target: Target,
  messages: readonly Message[],
  report: (summary: PublishSummary) => void,
): Promise<PublishSummary> {
  const client = await enter(target)
  const begun = performance.now()
  let sent = 0
  let acknowledged = 0
  let readings = 0
  const underway = new Set<Promise<void>>()
  const summary = (): PublishSummary => ({ sent, acknowledged, readings, tookMs: performance.now() - begun })
  const timer = setInterval(() => report(summary()), REPORT_EVERY_MS)
  try {
    for (const message of messages) {
      const wait = message.afterMs - (performance.now() - begun)
      if (wait > 1) await sleep(wait)
      while (underway.size >= WINDOW) await Promise.race(underway)
      sent++
      readings += message.readings
      const published: Promise<void> = client
        .publishAsync('v1/devices/me/telemetry', JSON.stringify(message.telemetry), { qos: 1 })
        .then(
          () => {
            acknowledged++
          },
          () => undefined,
        )
        .finally(() => underway.delete(published))
      underway.add(published)
    }
    const limit = new AbortController()
    await Promise.race([
      Promise.all(underway),
      sleep(LAST_ACK_TIMEOUT_MS, undefined, { signal: limit.signal }).catch(() => undefined),
    ])
    limit.abort()
    return summary()
  } finally {
    clearInterval(timer)
    await client.endAsync(acknowledged < sent)
  }
}

async function enter({ host, port, deviceId, secret }: Target): Promise<MqttClient> {
  let client: MqttClient
  try {
    client = await connectAsync(
      `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`,
      {
        clientId: deviceId,
        username: deviceId,
        password: secret,
        clean: true,
        connectTimeout: CONNECT_TIMEOUT_MS,
        reconnectPeriod: 1000,
      },
      false,
    )
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string }
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
      throw new ReplayMistake(
        `Nothing answers at ${host}:${port}. Is Hydrant running? HYDRANT_MQTT_PORT or --port say where.`,
      )
    throw new ReplayMistake(
      `The broker did not let ${deviceId} in: ${message}. Check the id and the secret; \`npm run hydrant -- device list\` shows what is registered.`,
    )
  }
  // A broken connection is taken up again by the client, which sends what is not acknowledged once more.
  client.on('error', () => undefined)
  return client
}
