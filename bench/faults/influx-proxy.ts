import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'

/**
 * Stands in front of a real InfluxDB and does to its writes what networks, gateways and busy servers do.
 *
 * - `dead`: nobody listens · `black-hole`: takes the request and never answers · `slow`: answers after `slowMs`
 * - `500`, `429`: refused unread, the latter with Retry-After
 * - `partial`: one write in two loses some points, and says how many in the server's own words
 * - `cut`: the points are stored, and the connection ends in the middle of the answer
 */
export type InfluxMode = 'well' | 'dead' | 'black-hole' | 'slow' | '500' | '429' | 'partial' | 'cut'

const SLOW_MS = 5000
const RETRY_AFTER_S = 1
const DROPPED_LINES = 3
const NO_CONTENT = 204

export class InfluxProxy {
  /** Writes that the mode has touched. */
  touched = 0
  private mode: InfluxMode = 'well'
  private readonly target: string
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private writes = 0
  private port = 0

  /** @param target the real server, without a trailing slash */
  constructor(target: string) {
    this.target = target
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy())
    })
    this.server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  async become(mode: InfluxMode): Promise<void> {
    const was = this.mode
    this.mode = mode
    this.hangUp()
    if (mode === 'dead') await this.close()
    else if (was === 'dead') await this.listen()
  }

  async close(): Promise<void> {
    if (!this.server.listening) return
    this.server.close()
    this.hangUp()
    await once(this.server, 'close')
  }

  private hangUp(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { mode } = this
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const isWrite = new URL(request.url ?? '/', this.target).pathname.endsWith('/write')
    if (mode === 'black-hole') {
      this.touched++
      return
    }
    if (!isWrite) {
      await this.pass(request, body, response)
      return
    }
    this.writes++
    // Every second one: what is sent again must be able to get through.
    if (mode === 'partial' && this.writes % 2 === 0) {
      await this.passInPart(request, body, response)
      return
    }
    if (mode === 'well' || mode === 'partial') {
      await this.pass(request, body, response)
      return
    }
    this.touched++
    if (mode === '500') refuse(response, 500, 'engine: error writing WAL entry: write: input/output error')
    else if (mode === '429') refuse(response, 429, 'write rate exceeded', { 'retry-after': String(RETRY_AFTER_S) })
    else if (mode === 'slow') {
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
      await this.pass(request, body, response)
    } else {
      await this.ask(request, body)
      response.socket?.write('HTTP/1.1 204 No Con')
      response.socket?.destroy()
    }
  }

  private async pass(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const answer = await this.ask(request, body)
    const bytes = Buffer.from(await answer.arrayBuffer())
    const headers = [...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name))
    response.writeHead(answer.status, Object.fromEntries(headers))
    response.end(bytes)
  }

  /** As InfluxDB 1.x does with points that lie before its retention: all others are stored, the answer counts these. */
  private async passInPart(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const isPacked = request.headers['content-encoding'] === 'gzip'
    const lines = (isPacked ? gunzipSync(body) : body).toString().split('\n').filter(Boolean)
    if (lines.length <= DROPPED_LINES) {
      await this.pass(request, body, response)
      return
    }
    this.touched++
    delete request.headers['content-encoding']
    const rest = await this.ask(request, Buffer.from(lines.slice(DROPPED_LINES).join('\n')))
    const words = `partial write: points beyond retention policy dropped=${DROPPED_LINES}`
    refuse(response, rest.status === NO_CONTENT ? 400 : rest.status, words)
  }

  private ask(request: IncomingMessage, body: Buffer): Promise<Response> {
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || HOP_BY_HOP.has(name) ? [] : [[name, String(value)]],
    )
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
    return fetch(`${this.target}${request.url}`, {
      method: request.method ?? 'GET',
      headers,
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    })
  }
}

/** RFC 9110 §7.6.1, and what `fetch` says and unpacks itself. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'expect'],
  ...['accept-encoding'],
])

function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-influxdb-error': error, ...headers })
  response.end(`${JSON.stringify({ error })}\n`)
}
