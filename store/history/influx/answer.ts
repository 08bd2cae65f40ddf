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
  // Debian's defaults end at 100,000 values of a tag: fewer than a city has meters. Not the readings' fault.
  if (/max-(series-per-database|values-per-tag) limit exceeded/i.test(words))
    return operator(
      `InfluxDB has reached a limit of its own (${words}): set max-series-per-database = 0 and max-values-per-tag = 0, or index-version = "tsi1", in the [data] section of influxdb.conf and restart it`,
    )
  const reason = reasonOf(words, statusCode)
  if (reason !== undefined) return { type: 'data', reason, detail: words, dropped: droppedOf(words) }
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500)
    return { type: 'wait', detail: `InfluxDB answers ${statusCode} (${words})`, retryAfterMs: retryAfter(error, now) }
  // Not known to be about the data: better to hold up the archive, loudly, than to lose readings to a wrong setting.
  return operator(
    `InfluxDB answers ${statusCode} (${words}): check HYDRANT_INFLUX_URL, HYDRANT_INFLUX_ORG and HYDRANT_INFLUX_BUCKET`,
  )
}

const operator = (detail: string) => ({ type: 'operator', detail, isMissingDatabase: false }) as const

/** Why a reading is refused; undefined where the answer is not about the readings. */
function reasonOf(words: string, statusCode: number): Reason | undefined {
  // The write API of version 3 says 500 where its own says 400: a point it will never take, not a fault that passes.
  const isOfData = statusCode === 400 || statusCode === 422 || /partial write of line protocol/i.test(words)
  if (!isOfData) return undefined
  if (/type conflict|type mismatch|already exists as type|invalid column type|expected type/i.test(words))
    return 'history.type-conflict'
  if (/retention/i.test(words)) return 'history.beyond-retention'
  if (
    /partial write|unable to parse|parsing failed|line protocol|time outside range|invalid (field|tag|number|boolean|timestamp)/i.test(
      words,
    )
  )
    return 'history.refused'
  return statusCode === 422 && !/limit/i.test(words) ? 'history.refused' : undefined
}

/** "partial write: points beyond retention policy dropped=3" */
function droppedOf(words: string): number | undefined {
  const dropped = /dropped=(\d+)/.exec(words)?.[1]
  return dropped === undefined ? undefined : Number(dropped)
}

/**
 * The server's explanation: JSON `error` (1.x, 3) or `message` (2.x), with what version 3 adds about the first line in
 * `data`; else the bare body. Version 3 does not say of every answer that it is JSON.
 */
function wordsOf({ body = '', statusMessage = '', statusCode }: HttpError): string {
  const said = parsed(body)
  const words = isRecord(said) ? [said.error, said.message, lineErrorOf(said.data)].filter(isText).join(': ') : ''
  return (words || body.trim() || statusMessage || String(statusCode)).replaceAll(/\s+/g, ' ').slice(0, MAX_DETAIL)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function lineErrorOf(data: unknown): unknown {
  const first: unknown = Array.isArray(data) ? data[0] : data
  return isRecord(first) ? first.error_message : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

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
