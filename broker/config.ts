import { resolve } from 'node:path'
import { z } from 'zod'

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

const environment = z.object({
  HYDRANT_DATA_DIR: z.string().default('./data'),
  HYDRANT_MQTT_HOST: z.string().default('127.0.0.1'),
  HYDRANT_MQTT_PORT: count(0, 65_535).default(1883),
  /** The contract's 64 KiB. MQTT itself ends at 256 MiB; beyond 16 MiB a commit group would no longer be short. */
  HYDRANT_MQTT_MAX_PACKET: count(1024, 16 * 1024 * 1024).default(64 * 1024),
  /** Below the 20,000 open files of the reference machine. */
  HYDRANT_MQTT_MAX_CONNECTIONS: count(1, 1_000_000).default(16_000),
  HYDRANT_MQTT_RATE: z.coerce.number().min(0).max(1_000_000).default(1),
  HYDRANT_MQTT_BURST: count(1, 1_000_000).default(20),
  HYDRANT_JOURNAL_KEEP_HOURS: z.coerce.number().min(1).max(87_600).default(72),
  HYDRANT_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

const WHAT_IT_IS: Record<keyof z.infer<typeof environment>, string> = {
  HYDRANT_DATA_DIR: 'a folder',
  HYDRANT_MQTT_HOST: 'an address to listen on',
  HYDRANT_MQTT_PORT: 'a port from 1 to 65535, or 0 for any free one',
  HYDRANT_MQTT_MAX_PACKET: 'a number of bytes from 1024 to 16777216',
  HYDRANT_MQTT_MAX_CONNECTIONS: 'a number of connections from 1 to 1000000',
  HYDRANT_MQTT_RATE: 'a number of messages a second and device, 0 for no limit',
  HYDRANT_MQTT_BURST: 'a number of messages from 1 to 1000000',
  HYDRANT_JOURNAL_KEEP_HOURS:
    'a number of hours from 1 to 87600 (state commits may fall back a little after a power cut)',
  HYDRANT_LOG_LEVEL: 'one of fatal, error, warn, info, debug, trace, silent',
}

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  /** Bytes of a PUBLISH payload. */
  readonly maxPacket: number
  readonly maxConnections: number
  /** Messages a second that a meter may send, 0: no limit. Fire and care devices may send fifty times as much. */
  readonly rate: number
  /** Messages that it may send at once after a silence. */
  readonly burst: number
  readonly journalKeepHours: number
  readonly logLevel: string
}

/** The environment cannot be used. The message has one plain sentence per variable. */
export class BadConfig extends Error {
  override name = 'BadConfig'
}

/** @throws BadConfig */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable means that it is not set: `HYDRANT_MQTT_PORT= npm start`.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map((issue) => issue.path[0] as keyof typeof WHAT_IT_IS))
    throw new BadConfig(
      [...names].map((name) => `${name} is "${given[name]}", but it must be ${WHAT_IT_IS[name]}.`).join('\n'),
    )
  }
  const e = parsed.data
  return Object.freeze({
    dataDir: resolve(e.HYDRANT_DATA_DIR),
    mqttHost: e.HYDRANT_MQTT_HOST,
    mqttPort: e.HYDRANT_MQTT_PORT,
    maxPacket: e.HYDRANT_MQTT_MAX_PACKET,
    maxConnections: e.HYDRANT_MQTT_MAX_CONNECTIONS,
    rate: e.HYDRANT_MQTT_RATE,
    burst: e.HYDRANT_MQTT_BURST,
    journalKeepHours: e.HYDRANT_JOURNAL_KEEP_HOURS,
    logLevel: e.HYDRANT_LOG_LEVEL,
  })
}
