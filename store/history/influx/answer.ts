import { HttpError } from '@influxdata/influxdb-client'
import type { Reason } from '../../../contract/reasons.ts'

/**
 * What an answer of InfluxDB other than "stored" means for what was sent.
 *
 * - `data`: some of the points will never be taken; the others may or may not be stored.
 * - `too-large`: send less at once.
 * - `wait`: the same may be taken later.
 * - `operator`: the same will be taken once somebody has put something right; waiting alone does not help.
 */
export type Refusal =
  | {
      readonly type: 'data'
      readonly reason: Reason
      readonly detail: string
      /** How many points were left out, where the server says so. */
      readonly dropped: number | undefined
    }
  | { readonly type: 'too-large'; readonly detail: string }
  | { readonly type: 'wait'; readonly detail: string; readonly retryAfterMs: number }
  | { readonly type: 'operator'; readonly detail: string; readonly isMissingDatabase: boolean }

/** The server's words are kept up to here. */
const MAX_DETAIL = 300

/** Reads what the client threw. `now` in ms since 1970, for a Retry-After that is a date. */
export function refusalOf(error: unknown, now: number): Refusal {
  if (!(error instanceof HttpError))
    return { type: 'wait', detail: `InfluxDB does not answer (${causeOf(error)})`, retryAfterMs: 0 }
  const words = wordsOf(error)
  const { statusCode } = error
  if (statusCode === 401 || statusCode === 403)
    return operator(`InfluxDB refuses the token (${words}): check HYDRANT_INFLUX_TOKEN and what it may write and read`)
  if (statusCode === 404)
    return {
      ...operator(
        `InfluxDB does not find the bucket (${words}): make it, or check HYDRANT_INFLUX_BUCKET, HYDRANT_INFLUX_ORG and HYDRANT_INFLUX_URL`,
      ),
      isMissingDatabase: /database not found/i.test(words),
    }
  if (statusCode === 413) return { type: 'too-large', detail: words }
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500)
    return { type: 'wait', detail: `InfluxDB answers ${statusCode} (${words})`, retryAfterMs: retryAfter(error, now) }
  // Debian's defaults end at 100,000 values of a tag: fewer than a city has meters. Not the readings' fault.
  if (/max-(series-per-database|values-per-tag) limit exceeded/i.test(words))
    return operator(
      `InfluxDB has reached a limit of its own (${words}): set max-series-per-database = 0 and max-values-per-tag = 0, or index-version = "tsi1", in the [data] section of influxdb.conf and restart it`,
    )
  if (statusCode === 400 || statusCode === 422) {
    const reason = reasonOf(words, statusCode)
    if (reason !== undefined) return { type: 'data', reason, detail: words, dropped: droppedOf(words) }
  }
  // Not known to be about the data: better to hold up the archive, loudly, than to lose readings to a wrong setting.
  return operator(`InfluxDB answers ${statusCode} (${words}): is HYDRANT_INFLUX_URL the address of an InfluxDB?`)
}

const operator = (detail: string) => ({ type: 'operator', detail, isMissingDatabase: false }) as const

function reasonOf(words: string, statusCode: number): Reason | undefined {
  if (/type conflict|already exists as type|invalid column type/i.test(words)) return 'history.type-conflict'
  if (/beyond retention|outside.*retention|retention policy/i.test(words)) return 'history.beyond-retention'
  if (
    /partial write|unable to parse|line protocol|parsing failed|time outside range|invalid (field|tag|number|boolean|timestamp)/i.test(
      words,
    )
  )
    return 'history.refused'
  return statusCode === 422 ? 'history.refused' : undefined
}

/** "partial write: points beyond retention policy dropped=3" */
function droppedOf(words: string): number | undefined {
  const dropped = /dropped=(\d+)/.exec(words)?.[1]
  return dropped === undefined ? undefined : Number(dropped)
}

/** The server's explanation: JSON `error` (1.x, 3) or `message` (2.x), a header, or the bare body. */
function wordsOf(error: HttpError): string {
  const json: unknown = error.json
  const said = isRecord(json) ? [json.error, json.message].find((word) => typeof word === 'string') : undefined
  const words = said ?? error.body ?? error.statusMessage ?? ''
  return (words.trim() || String(error.statusCode)).replaceAll(/\s+/g, ' ').slice(0, MAX_DETAIL)
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(error: HttpError, now: number): number {
  const header = error.headers?.['retry-after']
  if (typeof header !== 'string') return 0
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

/** `ECONNREFUSED`, or what the error says of itself. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError' || error.name === 'TimeoutError' || error.name === 'RequestTimedOutError')
    return 'in time'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
