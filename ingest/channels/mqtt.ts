import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import type { ChannelSettings } from '../../contract/channel-settings.ts'
import type { Adapter, Letter } from './port.ts'

const CONNECT_TIMEOUT_MS = 5000
const GIVE_UP_MINUTES = 60
const MINUTE_S = 60
const MINUTE_MS = 60_000

/**
 * Public screens: the notice as JSON, QoS 1, retained, so that a screen that is switched on shows what is. A closed
 * incident is told to the screens that are there and leaves nothing behind where it has a topic of its own.
 */
export const mqtt: Adapter<'mqtt'> = {
  maxBytes: 2000,
  single: true,
  ordered: true,
  giveUpMinutes: GIVE_UP_MINUTES,
  async deliver({ settings, secrets, letter, now, signal }) {
    const client = await connectAsync(settings.url, optionsOf(settings, secrets.password), false)
    const end = (): void => void client.end(true)
    signal.addEventListener('abort', end, { once: true })
    try {
      await publish(client, settings, letter, now())
      await client.endAsync()
      return { outcome: 'sent' }
    } finally {
      signal.removeEventListener('abort', end)
      client.end(true)
    }
  },
}

async function publish(
  client: MqttClient,
  settings: ChannelSettings<'mqtt'>,
  { notices: [notice], title, text }: Letter,
  now: number,
): Promise<void> {
  const own = settings.topic.includes('{{incident}}')
  const topic = settings.topic.replaceAll('{{incident}}', notice.incident?.id ?? 'test')
  const over = notice.incident === null || notice.incident.state === 'closed'
  const message = { ...notice, title, text, expiresAt: now + settings.expireMinutes * MINUTE_MS }
  const retain = settings.retain && !(own && over)
  await client.publishAsync(topic, JSON.stringify(message), {
    qos: 1,
    retain,
    ...(settings.version === 5 ? { properties: { messageExpiryInterval: settings.expireMinutes * MINUTE_S } } : {}),
  })
  // MQTT 3.1.1 §3.3.1.3: an empty retained message removes the one that is kept.
  if (settings.retain && own && over) await client.publishAsync(topic, '', { qos: 1, retain: true })
}

const optionsOf = (settings: ChannelSettings<'mqtt'>, password: string | undefined): IClientOptions => ({
  protocolVersion: settings.version,
  clean: true,
  reconnectPeriod: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  // Another Hydrant, or a delivery of ours that is still open, must not be thrown out.
  ...(settings.user === undefined ? {} : { username: settings.user, ...(password === undefined ? {} : { password }) }),
})
