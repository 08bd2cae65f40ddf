import { resolve } from 'node:path'
import { BadSettings, readSettings } from '../contract/settings.ts'
import { TLS_SETTINGS, type TlsFiles, tlsFilesOf } from '../contract/tls-settings.ts'
import { Mistake } from './mistake.ts'

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  /** Undefined: the default of `store/disk-guard.ts`. */
  readonly diskGuardMb: number | undefined
  readonly historyIsInflux: boolean
  readonly mqttHost: string
  readonly mqttPort: number
  readonly mqttsHost: string
  readonly mqttsPort: number
  /** For fire and care devices only; absent: they come by the other one. */
  readonly mqttFirePort: number | undefined
  readonly mqttsFirePort: number | undefined
  readonly gb26875Host: string
  /** Where fire panels connect; absent: the usual port, where it is free. */
  readonly gb26875Port: number | undefined
  /** Absent: nothing speaks TLS. */
  readonly tls: TlsFiles | undefined
  readonly masterKeyFile: string | undefined
  readonly httpHost: string
  readonly httpPort: number
  /** Where the console answers on this machine, without a slash at the end. */
  readonly httpUrl: string
  /** The console's address as a person types it, without a slash at the end. */
  readonly consoleUrl: string
  readonly demo: boolean
  /** What a lost cubic metre of water is reckoned at. */
  readonly yuanPerM3: number
}

const PORTS = [
  'HYDRANT_MQTT_PORT',
  'HYDRANT_MQTTS_PORT',
  'HYDRANT_MQTT_FIRE_PORT',
  'HYDRANT_MQTTS_FIRE_PORT',
  'HYDRANT_HTTP_PORT',
] as const

/** @throws Mistake with one sentence per variable that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { tls, ...s } = settings(env)
  const httpUrl = `${tls !== undefined && s.HYDRANT_HTTP_TLS === '1' ? 'https' : 'http'}://${reachable(s.HYDRANT_HTTP_HOST)}:${s.HYDRANT_HTTP_PORT}`
  for (const name of PORTS)
    if (s[name] === 0) throw new Mistake(`${name} is 0, but what is started together needs a known port: 1 to 65535.`)
  return Object.freeze({
    dataDir: resolve(s.HYDRANT_DATA_DIR),
    diskGuardMb: s.HYDRANT_DISK_GUARD_MB,
    historyIsInflux: s.HYDRANT_HISTORY === 'influx',
    mqttHost: s.HYDRANT_MQTT_HOST,
    mqttPort: s.HYDRANT_MQTT_PORT,
    mqttsHost: s.HYDRANT_MQTTS_HOST,
    mqttsPort: s.HYDRANT_MQTTS_PORT,
    mqttFirePort: s.HYDRANT_MQTT_FIRE_PORT,
    mqttsFirePort: s.HYDRANT_MQTTS_FIRE_PORT,
    gb26875Host: s.HYDRANT_GB26875_HOST,
    gb26875Port: s.HYDRANT_GB26875_PORT,
    tls,
    masterKeyFile: s.HYDRANT_MASTER_KEY_FILE,
    httpHost: s.HYDRANT_HTTP_HOST,
    httpPort: s.HYDRANT_HTTP_PORT,
    httpUrl,
    consoleUrl: s.HYDRANT_PUBLIC_URL?.replace(/\/+$/, '') ?? httpUrl,
    demo: s.HYDRANT_DEMO === '1',
    yuanPerM3: s.HYDRANT_WATER_PRICE_YUAN,
  })
}

function settings(env: NodeJS.ProcessEnv) {
  try {
    const s = readSettings(
      [
        'HYDRANT_DATA_DIR',
        'HYDRANT_DISK_GUARD_MB',
        'HYDRANT_HISTORY',
        'HYDRANT_MQTT_HOST',
        'HYDRANT_MQTT_PORT',
        'HYDRANT_MQTTS_HOST',
        'HYDRANT_MQTTS_PORT',
        'HYDRANT_MQTT_FIRE_PORT',
        'HYDRANT_MQTTS_FIRE_PORT',
        'HYDRANT_GB26875_HOST',
        'HYDRANT_GB26875_PORT',
        'HYDRANT_HTTP_TLS',
        ...TLS_SETTINGS,
        'HYDRANT_MASTER_KEY_FILE',
        'HYDRANT_HTTP_HOST',
        'HYDRANT_HTTP_PORT',
        'HYDRANT_PUBLIC_URL',
        'HYDRANT_DEMO',
        'HYDRANT_WATER_PRICE_YUAN',
      ],
      env,
    )
    return { ...s, tls: tlsFilesOf(s) }
  } catch (error) {
    throw error instanceof BadSettings ? new Mistake(error.message) : error
  }
}

/** Nobody can open 0.0.0.0 in a browser; an IPv6 address stands in brackets. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** A path as the person who typed it means it: npm runs its scripts in the package's folder, not in the person's. */
export function userPath(path: string, env: NodeJS.ProcessEnv): string {
  const from = env.npm_lifecycle_event === 'hydrant' ? env.INIT_CWD : undefined
  return resolve(from ?? '.', path)
}
