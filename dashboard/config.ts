import { z } from 'zod'

const HOUR_MS = 3_600_000

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

const port = z.coerce.number().int('is a whole number').min(0).max(65_535, 'is a port, 0 to 65535')
const hours = z.coerce.number().positive('is a number of hours greater than 0')

const environment = z.object({
  HYDRANT_DATA_DIR: z.string().min(1, 'names a folder').default('./data'),
  HYDRANT_HTTP_HOST: z.string().min(1, 'is an address to listen on').default('127.0.0.1'),
  HYDRANT_HTTP_PORT: port.default(8080),
  /** What people type, where a proxy with TLS stands in front, for example https://hydrant.example.cn */
  HYDRANT_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'is the address people type, for example https://hydrant.example.cn' })
    .optional(),
  /** Addresses of proxies whose X-Forwarded-For is believed, separated by commas. */
  HYDRANT_TRUST_PROXY: z.string().optional(),
  HYDRANT_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HYDRANT_TAIL_MS: z.coerce.number().min(1, 'is at least 1 ms').max(1000, 'is at most 1000 ms').default(3),
  /** A console that nobody has open for this long is signed out. One shift. */
  HYDRANT_SESSION_IDLE_HOURS: hours.default(12),
  /** Everyone signs in anew after this long. A week. */
  HYDRANT_SESSION_MAX_HOURS: hours.default(168),
})

export interface Config {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  /** Without a trailing slash; undefined where people use the listening address. */
  readonly publicUrl: string | undefined
  readonly trustProxy: readonly string[]
  readonly logLevel: string
  readonly tailMs: number
  readonly sessionIdleMs: number
  readonly sessionMaxMs: number
  /** The session cookie may only travel over TLS. */
  readonly secureCookie: boolean
}

/** The environment cannot be used; `sentences` says everything that is wrong at once. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly sentences: readonly string[]
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'))
    this.sentences = sentences
  }
}

/** An empty variable counts as absent: that is what `.env` files and compose files make of "not set". */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const result = environment.safeParse(given)
  if (!result.success)
    throw new ConfigError(
      result.error.issues.map(
        (issue) => `${issue.path.join('.')}=${String(given[String(issue.path[0])] ?? '')}: ${issue.message}`,
      ),
    )
  const e = result.data
  const publicUrl = e.HYDRANT_PUBLIC_URL?.replace(/\/+$/, '')
  return Object.freeze({
    dataDir: e.HYDRANT_DATA_DIR,
    host: e.HYDRANT_HTTP_HOST,
    port: e.HYDRANT_HTTP_PORT,
    publicUrl,
    trustProxy: (e.HYDRANT_TRUST_PROXY ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
    logLevel: e.HYDRANT_LOG_LEVEL,
    tailMs: e.HYDRANT_TAIL_MS,
    sessionIdleMs: e.HYDRANT_SESSION_IDLE_HOURS * HOUR_MS,
    sessionMaxMs: e.HYDRANT_SESSION_MAX_HOURS * HOUR_MS,
    secureCookie: publicUrl?.startsWith('https:') ?? false,
  })
}

export const isLoopbackHost = (host: string): boolean => LOOPBACK.has(host)
