import { BadSettings, isLoopback, type Values } from './settings.ts'

/** What the settings say about TLS: the same for broker, dashboard and command line. */

export interface TlsFiles {
  /** PEM: the certificate, then the intermediate ones. */
  readonly cert: string
  /** PEM: its private key. */
  readonly key: string
  /** PEM: who signs the certificates of devices. Absent: devices show none. */
  readonly clientCa: string | undefined
}

export const TLS_SETTINGS = ['HYDRANT_TLS_CERT', 'HYDRANT_TLS_KEY', 'HYDRANT_TLS_CLIENT_CA'] as const

/**
 * The files of the certificate; undefined where none is set.
 * @throws BadSettings where only a part is set
 */
export function tlsFilesOf(s: Values<(typeof TLS_SETTINGS)[number]>): TlsFiles | undefined {
  const { HYDRANT_TLS_CERT: cert, HYDRANT_TLS_KEY: key, HYDRANT_TLS_CLIENT_CA: clientCa } = s
  if (cert !== undefined && key !== undefined) return { cert, key, clientCa }
  if (cert !== undefined)
    throw new BadSettings(['HYDRANT_TLS_CERT is set, but not HYDRANT_TLS_KEY: they belong together.'])
  if (key !== undefined)
    throw new BadSettings(['HYDRANT_TLS_KEY is set, but not HYDRANT_TLS_CERT: they belong together.'])
  if (clientCa === undefined) return undefined
  throw new BadSettings([
    'HYDRANT_TLS_CLIENT_CA is set, but there is no certificate: set HYDRANT_TLS_CERT and HYDRANT_TLS_KEY.',
  ])
}

/** Who may hear what travels without TLS: nobody but this machine, or everyone because somebody said so. */
const mayBePlain = (host: string, allowPlain: '0' | '1'): boolean => isLoopback(host) || allowPlain === '1'

/**
 * Plain MQTT beyond this machine has to be asked for, also where there is a certificate: its listener is another one.
 * @throws BadSettings
 */
export function refusePlainMqtt(s: Values<'HYDRANT_MQTT_HOST' | 'HYDRANT_ALLOW_PLAIN'>): void {
  if (mayBePlain(s.HYDRANT_MQTT_HOST, s.HYDRANT_ALLOW_PLAIN)) return
  throw new BadSettings([
    `HYDRANT_MQTT_HOST is "${s.HYDRANT_MQTT_HOST}", where other machines hear the secrets of the devices: MQTT there is not encrypted. ` +
      `For TLS leave it out and set HYDRANT_MQTTS_HOST=${s.HYDRANT_MQTT_HOST} with HYDRANT_TLS_CERT and HYDRANT_TLS_KEY ` +
      '(npm run hydrant -- tls init makes them). If it has to be plain, set HYDRANT_ALLOW_PLAIN=1.',
  ])
}

/**
 * The same for the console. A proxy that ends TLS counts as TLS: people type https, and the proxy is known.
 * @throws BadSettings
 */
export function refusePlainHttp(
  s: Values<'HYDRANT_HTTP_HOST' | 'HYDRANT_ALLOW_PLAIN' | 'HYDRANT_PUBLIC_URL' | 'HYDRANT_TRUST_PROXY'>,
  speaksTls: boolean,
): void {
  const behindTls = s.HYDRANT_PUBLIC_URL?.startsWith('https:') === true && s.HYDRANT_TRUST_PROXY !== undefined
  if (speaksTls || behindTls || mayBePlain(s.HYDRANT_HTTP_HOST, s.HYDRANT_ALLOW_PLAIN)) return
  throw new BadSettings([
    `HYDRANT_HTTP_HOST is "${s.HYDRANT_HTTP_HOST}", where other machines hear passwords: the console there is not encrypted. ` +
      'Set HYDRANT_TLS_CERT and HYDRANT_TLS_KEY (npm run hydrant -- tls init makes them), or put a proxy with TLS in front ' +
      'and set HYDRANT_PUBLIC_URL=https://… and HYDRANT_TRUST_PROXY. If it has to be plain, set HYDRANT_ALLOW_PLAIN=1.',
  ])
}
