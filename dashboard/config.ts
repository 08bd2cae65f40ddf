import { readSettings } from '../contract/settings.ts'
import { refusePlainHttp, TLS_SETTINGS, type TlsFiles, tlsFilesOf } from '../contract/tls-settings.ts'
import { chosenHistory, HISTORY_SETTINGS, type HistoryChoice } from '../store/history/open.ts'

const HOUR_MS = 3_600_000

export interface Config {
  readonly dataDir: string
  /** Undefined: the default of `store/disk-guard.ts`. */
  readonly diskGuardMb: number | undefined
  readonly host: string
  readonly port: number
  /** Without a trailing slash; undefined where people use the listening address. */
  readonly publicUrl: string | undefined
  readonly trustProxy: readonly string[]
  readonly logLevel: string
  readonly tailMs: number
  /** Of a lost cubic metre. */
  readonly yuanPerM3: number
  readonly sessionIdleMs: number
  readonly sessionMaxMs: number
  /** The session cookie may only travel over TLS. */
  readonly secureCookie: boolean
  /** The console speaks https with this certificate. */
  readonly tls: TlsFiles | undefined
  /** Where the past is read. */
  readonly history: HistoryChoice
}

/** @throws BadSettings */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const s = readSettings(
    [
      'HYDRANT_DATA_DIR',
      'HYDRANT_DISK_GUARD_MB',
      'HYDRANT_HTTP_HOST',
      'HYDRANT_HTTP_PORT',
      'HYDRANT_PUBLIC_URL',
      'HYDRANT_TRUST_PROXY',
      'HYDRANT_HTTP_TLS',
      ...TLS_SETTINGS,
      'HYDRANT_ALLOW_PLAIN',
      'HYDRANT_LOG_LEVEL',
      'HYDRANT_WATER_PRICE_YUAN',
      'HYDRANT_TAIL_MS',
      'HYDRANT_SESSION_IDLE_HOURS',
      'HYDRANT_SESSION_MAX_HOURS',
      ...HISTORY_SETTINGS,
    ],
    env,
  )
  const files = tlsFilesOf(s)
  const tls = s.HYDRANT_HTTP_TLS === '1' ? files : undefined
  refusePlainHttp(s, tls !== undefined)
  const publicUrl = s.HYDRANT_PUBLIC_URL?.replace(/\/+$/, '')
  return Object.freeze({
    dataDir: s.HYDRANT_DATA_DIR,
    diskGuardMb: s.HYDRANT_DISK_GUARD_MB,
    host: s.HYDRANT_HTTP_HOST,
    port: s.HYDRANT_HTTP_PORT,
    publicUrl,
    trustProxy: (s.HYDRANT_TRUST_PROXY ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
    logLevel: s.HYDRANT_LOG_LEVEL,
    tailMs: s.HYDRANT_TAIL_MS,
    yuanPerM3: s.HYDRANT_WATER_PRICE_YUAN,
    sessionIdleMs: s.HYDRANT_SESSION_IDLE_HOURS * HOUR_MS,
    sessionMaxMs: s.HYDRANT_SESSION_MAX_HOURS * HOUR_MS,
    secureCookie: tls !== undefined || publicUrl?.startsWith('https:') === true,
    tls,
    history: chosenHistory(s),
  })
}
