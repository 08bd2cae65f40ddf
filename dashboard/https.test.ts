import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { pino } from 'pino'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Issued, issueServerCertificate, makeAuthority } from '../store/tls/authority.ts'
import { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { type Rehearsal, rehearse } from './rehearsal.ts'

let dir: string
let authority: Issued
let certificate: CertificateWatch
let stage: Rehearsal
let port: number

const install = async (days: number): Promise<void> => {
  const issued = await issueServerCertificate(authority, ['localhost', '127.0.0.1'], Date.now(), days)
  writeFileSync(join(dir, 'cert.pem'), issued.certPem)
  writeFileSync(join(dir, 'key.pem'), issued.keyPem)
}
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-https-'))
  authority = await makeAuthority('test', Date.now())
  await install(20)
  const env = { HYDRANT_TLS_CERT: join(dir, 'cert.pem'), HYDRANT_TLS_KEY: join(dir, 'key.pem') }
  const files = { cert: env.HYDRANT_TLS_CERT, key: env.HYDRANT_TLS_KEY, clientCa: undefined }
  certificate = await CertificateWatch.open({ files, log: pino({ level: 'silent' }) })
  stage = await rehearse({ env, certificate })
  port = Number(new URL(stage.dashboard.url).port)
})
afterAll(async () => {
  await stage.end()
  rmSync(dir, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
async function ask(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const call = request({ host: '127.0.0.1', port, ca: authority.certPem, path, headers })
  call.end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
}
async function shown(): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certPem })
  await once(socket, 'secureConnect')
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256
  socket.destroy()
  return fingerprint
}

test('with a certificate the console speaks https, and browsers are told to stay with it', async () => {
  expect(stage.dashboard.url).toMatch(/^https:/)
  const answer = await ask('/')
  expect(answer.status).toBe(200)
  expect(answer.headers['strict-transport-security']).toBe('max-age=63072000')
  const underLocalhost = await ask('/', { host: `localhost:${port}` })
  expect(underLocalhost.headers['strict-transport-security']).toBeUndefined()
})

test('who signs in gets a cookie that no other host and no plain connection can touch, and the live stream opens with it', async () => {
  const token = await stage.link('li', 'dispatcher')
  const answer = await ask(`/sign-in?token=${token}`)
  const cookie = (answer.headers['set-cookie'] ?? [''])[0] as string
  expect(cookie).toMatch(/^__Host-hydrant=/)
  expect(cookie).toMatch(/; Secure/)
  const socket = io(`https://127.0.0.1:${port}`, {
    transports: ['websocket'],
    ca: authority.certPem,
    extraHeaders: { cookie: cookie.split(';')[0] as string, origin: `https://127.0.0.1:${port}` },
  })
  await once(socket as unknown as NodeJS.EventEmitter, 'connect')
  expect(socket.connected).toBe(true)
  socket.disconnect()
})

test('who speaks plain HTTP or an old TLS is turned away and counted; the console goes on', async () => {
  const plain = connectPlain(port, '127.0.0.1')
  plain.on('error', () => undefined)
  plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await new Promise<void>((resolve) => plain.once('close', () => resolve()))
  const old = connect({
    host: '127.0.0.1',
    port,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  old.on('error', () => undefined)
  await new Promise<void>((resolve) => old.once('close', () => resolve()))
  expect((await ask('/metrics')).body).toContain('hydrant_http_tls_handshakes_failed_total 2\n')
})

test('a renewed certificate is shown to the next browser', async () => {
  const before = await shown()
  await install(200)
  await certificate.look('now')
  expect(await shown()).toBe(certificate.current.facts.fingerprint)
  expect(certificate.current.facts.fingerprint).not.toBe(before)
})
