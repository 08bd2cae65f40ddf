import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'

/** For the tests of channels: receivers on the loopback that answer as they are told to. */

export interface Received {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** `hang`: never answers. */
export type Scripted =
  | 'hang'
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }

export interface HttpReceiver {
  readonly url: string
  readonly received: Received[]
  /** Answers from now on, one request after the other; the last one stays. */
  answer(...answers: readonly [Scripted, ...Scripted[]]): void
  close(): Promise<void>
}

/** An HTTP server that answers 200 `{"errcode":0}` until it is told otherwise. */
export async function httpReceiver(judge?: (received: Received) => Scripted | undefined): Promise<HttpReceiver> {
  let answers: readonly Scripted[] = [{}]
  const received: Received[] = []
  const server = createHttpServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', headers } = request
      const one = { method, headers, body, url: new URL(request.url ?? '/', 'http://127.0.0.1') }
      received.push(one)
      const said = judge?.(one) ?? answers[0] ?? {}
      if (answers.length > 1) answers = answers.slice(1)
      if (said === 'hang') return
      response.writeHead(said.status ?? 200, said.headers ?? {})
      const answer = said.body ?? { errcode: 0, errmsg: 'ok' }
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (...given) => {
      answers = given
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface SmtpReceiver {
  readonly port: number
  /** Every whole message, header and body. */
  readonly mails: string[]
  /** User names and passwords that were shown (AUTH PLAIN). */
  readonly shown: string[]
  /** What is answered instead of the usual to a command of that name. */
  readonly refuse: Map<string, string>
  close(): Promise<void>
}

/** As much of RFC 5321 as a client needs to hand over a mail. `GREETING` can be refused too; an empty refusal hangs. */
export async function smtpReceiver(): Promise<SmtpReceiver> {
  const mails: string[] = []
  const shown: string[] = []
  const refuse = new Map<string, string>()
  const sockets = new Set<Socket>()
  const usual: Readonly<Record<string, string>> = {
    GREETING: '220 post.example.cn ESMTP',
    EHLO: '250-post.example.cn\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN',
    AUTH: '235 2.7.0 accepted',
    MAIL: '250 ok',
    RCPT: '250 ok',
    DATA: '354 go on',
    END: '250 2.0.0 queued',
    QUIT: '221 bye',
    RSET: '250 ok',
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const say = (command: string): void => {
      const answer = refuse.get(command) ?? usual[command] ?? '500 what?'
      if (answer !== '') socket.write(`${answer}\r\n`)
    }
    let heard = ''
    let inMail = false
    socket.on('data', (chunk) => {
      heard += chunk.toString()
      for (;;) {
        const end = heard.indexOf(inMail ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = heard.slice(0, end)
        heard = heard.slice(end + (inMail ? 5 : 2))
        if (inMail) {
          mails.push(line)
          inMail = false
          say('END')
          continue
        }
        const command = line.slice(0, 4).toUpperCase()
        if (command === 'AUTH') shown.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString())
        if (command === 'DATA') inMail = !refuse.has('DATA')
        say(command)
      }
    })
    say('GREETING')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    shown,
    refuse,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
