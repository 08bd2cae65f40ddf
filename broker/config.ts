import { resolve } from 'node:path'
import { readSettings } from '../contract/settings.ts'
import { refusePlainMqtt, TLS_SETTINGS, type TlsFiles, tlsFilesOf } from '../contract/tls-settings.ts'
import type { MeterAllowance } from './limits.ts'
import type { PacketLimits } from './listeners/packet-rules.ts'

const MS_PER_SECOND = 1000

interface Gb26875Config {
  readonly host: string
  /** TCP and UDP; undefined: the usual one, where it is free. */
  readonly port: number | undefined
  /** Silence after which a device is disconnected. */
  readonly idleMs: number
  readonly maxConnections: number
}

export interface Config {
  /** Absolute. */
  readonly dataDir: string
  readonly mqttHost: string
  readonly mqttPort: number
  readonly mqttsHost: string
  readonly mqttsPort: number
  /** For fire and care devices only; absent: they come by the other one. */
  readonly mqttFirePort: number | undefined
  readonly mqttsFirePort: number | undefined
  /** Absent: nothing speaks TLS. */
  readonly tls: TlsFiles | undefined
  readonly masterKeyFile: string | undefined
  readonly packets: PacketLimits
  /** From accept to a whole CONNECT. */
  readonly connectTimeoutMs: number
  /** Sign-ins a second, 0: no limit. */
  readonly connectRate: number
  readonly maxConnections: number
  readonly maxPerAddress: number
  /** Connections of one address that still owe their CONNECT. */
  readonly maxStrangers: number
  /** Refused sign-ins a second and address that are answered at once. */
  readonly signInFailures: number
  /** Takeovers a minute and device, 0: no limit. */
  readonly takeovers: number
  readonly allowance: MeterAllowance
  readonly gb26875: Gb26875Config
  readonly journalKeepHours: number
  readonly journalMaxGb: number
  /** Undefined: the default of `store/disk-guard.ts`. */
  readonly diskGuardMb: number | undefined
  readonly logLevel: string
}

/** @throws BadSettings */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const s = readSettings(
    [
      'HYDRANT_DATA_DIR',
      'HYDRANT_MQTT_HOST',
      'HYDRANT_MQTT_PORT',
      'HYDRANT_MQTTS_HOST',
      'HYDRANT_MQTTS_PORT',
      ...TLS_SETTINGS,
      'HYDRANT_ALLOW_PLAIN',
      'HYDRANT_MASTER_KEY_FILE',
      'HYDRANT_MQTT_MAX_PACKET',
      'HYDRANT_MQTT_MAX_CONNECT',
      'HYDRANT_MQTT_MAX_TOPIC',
      'HYDRANT_MQTT_MAX_FILTERS',
      'HYDRANT_MQTT_CONNECT_SECONDS',
      'HYDRANT_MQTT_FIRE_PORT',
      'HYDRANT_MQTTS_FIRE_PORT',
      'HYDRANT_MQTT_CONNECT_RATE',
      'HYDRANT_MQTT_MAX_CONNECTIONS',
      'HYDRANT_MQTT_MAX_PER_ADDRESS',
      'HYDRANT_MQTT_MAX_STRANGERS',
      'HYDRANT_MQTT_SIGN_IN_FAILURES',
      'HYDRANT_MQTT_TAKEOVERS',
      'HYDRANT_MQTT_RATE',
      'HYDRANT_MQTT_BURST',
      'HYDRANT_MQTT_MESSAGE_BYTES',
      'HYDRANT_MQTT_GATEWAY_MOST',
      'HYDRANT_GB26875_HOST',
      'HYDRANT_GB26875_PORT',
      'HYDRANT_GB26875_IDLE_SECONDS',
      'HYDRANT_GB26875_MAX_CONNECTIONS',
      'HYDRANT_JOURNAL_KEEP_HOURS',
      'HYDRANT_JOURNAL_MAX_GB',
      'HYDRANT_DISK_GUARD_MB',
      'HYDRANT_LOG_LEVEL',
    ],
    env,
  )
  refusePlainMqtt(s)
  return Object.freeze({
    dataDir: resolve(s.HYDRANT_DATA_DIR),
    mqttHost: s.HYDRANT_MQTT_HOST,
    mqttPort: s.HYDRANT_MQTT_PORT,
    mqttsHost: s.HYDRANT_MQTTS_HOST,
    mqttsPort: s.HYDRANT_MQTTS_PORT,
    mqttFirePort: s.HYDRANT_MQTT_FIRE_PORT,
    mqttsFirePort: s.HYDRANT_MQTTS_FIRE_PORT,
    tls: tlsFilesOf(s),
    masterKeyFile: s.HYDRANT_MASTER_KEY_FILE,
    packets: {
      maxPayload: s.HYDRANT_MQTT_MAX_PACKET,
      maxConnect: s.HYDRANT_MQTT_MAX_CONNECT,
      maxTopic: s.HYDRANT_MQTT_MAX_TOPIC,
      maxFilters: s.HYDRANT_MQTT_MAX_FILTERS,
    },
    connectTimeoutMs: s.HYDRANT_MQTT_CONNECT_SECONDS * MS_PER_SECOND,
    connectRate: s.HYDRANT_MQTT_CONNECT_RATE,
    maxConnections: s.HYDRANT_MQTT_MAX_CONNECTIONS,
    maxPerAddress: s.HYDRANT_MQTT_MAX_PER_ADDRESS,
    maxStrangers: s.HYDRANT_MQTT_MAX_STRANGERS,
    signInFailures: s.HYDRANT_MQTT_SIGN_IN_FAILURES,
    takeovers: s.HYDRANT_MQTT_TAKEOVERS,
    allowance: {
      rate: s.HYDRANT_MQTT_RATE,
      burst: s.HYDRANT_MQTT_BURST,
      messageBytes: s.HYDRANT_MQTT_MESSAGE_BYTES,
      gatewayMost: s.HYDRANT_MQTT_GATEWAY_MOST,
    },
    gb26875: {
      host: s.HYDRANT_GB26875_HOST,
      port: s.HYDRANT_GB26875_PORT,
      idleMs: s.HYDRANT_GB26875_IDLE_SECONDS * MS_PER_SECOND,
      maxConnections: s.HYDRANT_GB26875_MAX_CONNECTIONS,
    },
    journalKeepHours: s.HYDRANT_JOURNAL_KEEP_HOURS,
    journalMaxGb: s.HYDRANT_JOURNAL_MAX_GB,
    diskGuardMb: s.HYDRANT_DISK_GUARD_MB,
    logLevel: s.HYDRANT_LOG_LEVEL,
  })
}
