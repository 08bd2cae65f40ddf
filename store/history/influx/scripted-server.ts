import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** What the stand-in does with a request to write. */
type Act =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** Resets the connection instead of answering; with `stored` after it has stored the points. */
  | { readonly reset: true; readonly stored?: true }
  | { readonly silence: true }

const STORED: Act = { status: 204 }

/** A stand-in for InfluxDB that keeps lines and answers writes as it is told: for tests of what a real one does rarely. */
export interface ScriptedServer {
  readonly url: string
  /** What the next requests to write are answered with; then they are stored. */
  script: Act[]
  /** Overrules the script where it answers. */
  judge: (lines: readonly string[]) => Act | undefined
  /** Every line it has stored, once each. */
  readonly stored: ReadonlySet<string>
  /** Requests to write, as they came. */
  readonly requests: {
    readonly path: string
    readonly lines: readonly string[]
    readonly authorization: string | undefined
  }[]
  close(): Promise<void>
}

export async function startScriptedServer(version: string, port = 0): Promise<ScriptedServer> {
  const stored = new Set<string>()
  const requests: ScriptedServer['requests'] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? ''
    const body: Buffer[] = []
    for await (const part of request) body.push(part as Buffer)
    if (path.startsWith('/ping')) {
      response.writeHead(204, version === '' ? {} : { 'x-influxdb-version': version }).end()
      return
    }
    const bytes = Buffer.concat(body)
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
    const lines = text.split('\n')
    requests.push({ path, lines, authorization: request.headers.authorization })
    const act = server.judge(lines) ?? server.script.shift() ?? STORED
    if ('silence' in act) return
    if ('reset' in act) {
      if (act.stored === true) for (const line of lines) stored.add(line)
      request.socket.resetAndDestroy()
      return
    }
    if (act.status === 204) for (const line of lines) stored.add(line)
    response.writeHead(act.status, { 'content-type': 'application/json', ...act.headers })
    response.end(act.body === undefined ? undefined : JSON.stringify(act.body))
  }
  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('the loopback gave no port')
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${address.port}`,
    script: [],
    judge: () => undefined,
    stored,
    requests,
    close: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return server
}
