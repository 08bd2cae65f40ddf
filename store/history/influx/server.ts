import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import { isLoopback } from '../../../contract/settings.ts'
import { HistoryUnavailable } from '../port.ts'
import { type Refusal, refusalOf } from './answer.ts'
import { identifier } from './influxql.ts'
import type { InfluxTarget } from './target.ts'

/** One request to write may take this long: InfluxDB 1.x gives up on its own disk after 10 s, a busy one after 30. */
const WRITE_DEADLINE_MS = 30_000
/** Requests at the same time; more only queue up inside the server. */
const MAX_SOCKETS = 8
/** Line protocol shrinks to a tenth; not worth the processor where it does not travel. */
const GZIP_FROM_BYTES = 4096

/** 1 takes `/write?db=`; everything newer takes the write API of 2.x. */
export type Generation = 1 | 2

/** A table of an InfluxQL answer. Times are in the column `time`, ms. */
export interface Series {
  readonly columns: readonly string[]
  readonly values: readonly (readonly unknown[])[]
  readonly tags?: Readonly<Record<string, string>>
  /** The server cut the answer short (`max-row-limit` of 1.x). */
  readonly partial?: boolean
}

/** One InfluxDB, asked over HTTP: one attempt each, with a deadline. */
export class InfluxServer {
  readonly target: InfluxTarget
  private readonly agent: HttpAgent
  private readonly ending = new AbortController()
  private readonly writeDeadlineMs: number
  private generation: Generation | undefined

  constructor(target: InfluxTarget, writeDeadlineMs = WRITE_DEADLINE_MS) {
    this.target = target
    this.writeDeadlineMs = writeDeadlineMs
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS }
    this.agent = target.url.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /** Aborted once it is closed. */
  get closing(): AbortSignal {
    return this.ending.signal
  }

  /** Sends lines of line protocol, times in ms. Resolves with undefined when all of them are stored. */
  async write(lines: readonly string[], mayMakeDatabase = true): Promise<Refusal | undefined> {
    const deadline = AbortSignal.timeout(this.writeDeadlineMs)
    try {
      await this.post(lines, await this.findGeneration(deadline), deadline)
      return undefined
    } catch (error) {
      const refusal = this.understand(error)
      const isMissing = refusal.type === 'operator' && refusal.isMissingDatabase && this.generation === 1
      if (!isMissing || !mayMakeDatabase || !(await this.makeDatabase(deadline))) return refusal
      // Once: behind a proxy the one who makes databases may not be the one who is written to.
      return this.write(lines, false)
    }
  }

  /**
   * Asks one InfluxQL statement that reads. A database of 1.x that nobody has written to yet reads as empty.
   * @throws HistoryUnavailable
   */
  async query(statement: string, deadline: AbortSignal): Promise<readonly Series[]> {
    try {
      return await this.ask('GET', statement, await this.findGeneration(deadline), deadline)
    } catch (error) {
      if (error instanceof HistoryUnavailable) throw error
      const refusal = this.understand(error)
      if (refusal.type === 'operator' && refusal.isMissingDatabase && this.generation === 1) return []
      throw new HistoryUnavailable(refusal.detail)
    }
  }

  close(): void {
    this.ending.abort()
    this.agent.destroy()
  }

  private understand(error: unknown): Refusal {
    // What answers next may be another version: an upgrade is an outage too.
    if (!(error instanceof HttpError)) this.generation = undefined
    return refusalOf(error, Date.now())
  }

  private client(deadline: AbortSignal): InfluxDB {
    const { url, token } = this.target
    const [user, password] = token?.split(/:(.*)/s) ?? []
    // 1.6 knows no `Token user:password`, and its `u=` and `p=` would stand in the logs of every proxy on the way.
    const isBasic = this.generation === 1 && password !== undefined
    return new InfluxDB({
      url,
      ...(isBasic
        ? { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } }
        : token === undefined
          ? {}
          : { token }),
      // The client's own time-out would end the wait and leave the request running; the signal ends both.
      timeout: 0,
      transportOptions: { agent: this.agent, signal: AbortSignal.any([deadline, this.ending.signal]) },
    })
  }

  /**
   * The client's write API sends by itself, without anybody waiting, whenever its buffer is full or its timer fires, and
   * its retries lose what does not fit their buffer. Here it is handed one chunk, flushed once and awaited.
   */
  private async post(lines: readonly string[], generation: Generation, deadline: AbortSignal): Promise<void> {
    const { org, bucket, url } = this.target
    const api = this.client(deadline).getWriteApi(org, bucket, 'ms', {
      batchSize: 2,
      maxBatchBytes: Number.POSITIVE_INFINITY,
      flushInterval: 0,
      maxRetries: 0,
      writeFailed: (error) => Promise.reject(error),
      ...(isLoopback(new URL(url).hostname) ? {} : { gzipThreshold: GZIP_FROM_BYTES }),
    })
    if (generation === 1) api.path = `/write?db=${encodeURIComponent(bucket)}&precision=ms`
    api.writeRecord(lines.join('\n'))
    await api.flush()
  }

  private async ask(
    method: 'GET' | 'POST',
    statement: string,
    generation: Generation,
    deadline: AbortSignal,
  ): Promise<readonly Series[]> {
    const { bucket } = this.target
    const query = new URLSearchParams({ db: bucket, epoch: 'ms', q: statement })
    const answer: unknown = await this.client(deadline).transport.request(`/query?${query}`, '', {
      method,
      headers: { accept: 'application/json', 'accept-encoding': 'gzip' },
    })
    const results = resultsOf(answer)
    const error = results.find((result) => result.error !== undefined)?.error
    if (error === undefined) return results.flatMap((result) => result.series ?? [])
    // 1.x says so under status 200.
    if (generation === 1 && error.startsWith('database not found')) return []
    throw new HistoryUnavailable(`InfluxDB cannot answer (${error})`)
  }

  private async makeDatabase(deadline: AbortSignal): Promise<boolean> {
    try {
      await this.ask('POST', `CREATE DATABASE ${identifier(this.target.bucket)}`, 1, deadline)
      return true
    } catch {
      // The user may write but not make databases: what was missing is told instead.
      return false
    }
  }

  /** By the version in `/ping`, which every generation answers. */
  private async findGeneration(deadline: AbortSignal): Promise<Generation> {
    if (this.generation === undefined) {
      let version = ''
      const body: unknown = await this.client(deadline).transport.request(
        '/ping',
        '',
        { method: 'GET', headers: { accept: 'application/json' } },
        (headers) => {
          version = String(headers['x-influxdb-version'] ?? '')
        },
      )
      if (version === '' && typeof body === 'object' && body !== null && 'version' in body)
        version = String(body.version)
      this.generation = /^v?1\./.test(version) ? 1 : 2
    }
    return this.generation
  }
}

interface Result {
  readonly error?: string
  readonly series?: readonly Series[]
}

function resultsOf(answer: unknown): readonly Result[] {
  if (typeof answer !== 'object' || answer === null || !('results' in answer) || !Array.isArray(answer.results))
    throw new HistoryUnavailable('What answers is no InfluxDB: check HYDRANT_INFLUX_URL')
  return answer.results as readonly Result[]
}
