import { readSettings, USUAL_GB26875_PORT } from '../contract/settings.ts'

export interface Config {
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  /** Where fire panels connect. */
  readonly gb26875: { readonly host: string; readonly port: number }
  /** The console. */
  readonly httpUrl: string
  readonly logLevel: string
}

/** Addresses that mean "listen everywhere"; who wants to reach such a broker on this machine goes to the loopback. */
const EVERYWHERE = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

/** @throws BadSettings */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const s = readSettings(
    [
      'HYDRANT_DATA_DIR',
      'HYDRANT_MQTT_HOST',
      'HYDRANT_MQTT_PORT',
      'HYDRANT_GB26875_HOST',
      'HYDRANT_GB26875_PORT',
      'HYDRANT_HTTP_HOST',
      'HYDRANT_HTTP_PORT',
      'HYDRANT_LOG_LEVEL',
    ],
    env,
  )
  return Object.freeze({
    dataDir: s.HYDRANT_DATA_DIR,
    mqttHost: EVERYWHERE.get(s.HYDRANT_MQTT_HOST) ?? s.HYDRANT_MQTT_HOST,
    mqttPort: s.HYDRANT_MQTT_PORT,
    gb26875: {
      host: EVERYWHERE.get(s.HYDRANT_GB26875_HOST) ?? s.HYDRANT_GB26875_HOST,
      port: s.HYDRANT_GB26875_PORT ?? USUAL_GB26875_PORT,
    },
    httpUrl: `http://${EVERYWHERE.get(s.HYDRANT_HTTP_HOST) ?? s.HYDRANT_HTTP_HOST}:${s.HYDRANT_HTTP_PORT}`,
    logLevel: s.HYDRANT_LOG_LEVEL,
  })
}
