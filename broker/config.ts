import { resolve } from 'node:path'
import { readSettings } from '../contract/settings.ts'

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  /** Bytes of a PUBLISH payload. */
  readonly maxPacket: number
  readonly maxConnections: number
  /** Messages a second that a meter may send, 0: no limit. Fire and care devices may send two hundred times as much. */
  readonly rate: number
  /** Messages that it may send at once after a silence. */
  readonly burst: number
  readonly journalKeepHours: number
  readonly logLevel: string
}

/** @throws BadSettings */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const s = readSettings(
    [
      'HYDRANT_DATA_DIR',
      'HYDRANT_MQTT_HOST',
      'HYDRANT_MQTT_PORT',
      'HYDRANT_MQTT_MAX_PACKET',
      'HYDRANT_MQTT_MAX_CONNECTIONS',
      'HYDRANT_MQTT_RATE',
      'HYDRANT_MQTT_BURST',
      'HYDRANT_JOURNAL_KEEP_HOURS',
      'HYDRANT_LOG_LEVEL',
    ],
    env,
  )
  return Object.freeze({
    dataDir: resolve(s.HYDRANT_DATA_DIR),
    mqttHost: s.HYDRANT_MQTT_HOST,
    mqttPort: s.HYDRANT_MQTT_PORT,
    maxPacket: s.HYDRANT_MQTT_MAX_PACKET,
    maxConnections: s.HYDRANT_MQTT_MAX_CONNECTIONS,
    rate: s.HYDRANT_MQTT_RATE,
    burst: s.HYDRANT_MQTT_BURST,
    journalKeepHours: s.HYDRANT_JOURNAL_KEEP_HOURS,
    logLevel: s.HYDRANT_LOG_LEVEL,
  })
}
