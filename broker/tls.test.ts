import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { IClientOptions, MqttClient } from 'mqtt'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Reason } from '../contract/reasons.ts'
import { deriveKey, writeKey } from '../store/derived-key.ts'
import { type Issued, issueDeviceCertificate, issueServerCertificate, makeAuthority } from '../store/tls/authority.ts'
import { CertificateWatch } from '../store/tls/certificate-watch.ts'
import { closed, connectPacket, newDevice, SECRET, startTestBench, type TestBench, until } from './test-bench.ts'

/** Real sockets, real handshakes: one broker with a certificate, whose clients may show certificates of their own. */

const MASTER = Buffer.alloc(32, 1)
const DAY_MS = 86_400_000
const CONNECT_TIMEOUT_MS = 700

let dir: string
let authority: Issued
let stranger: Issued
let certificate: CertificateWatch
let bench: TestBench
let ca: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-broker-tls-'))
  authority = await makeAuthority('our authority', Date.now())
  stranger = await makeAuthority('another authority', Date.now())
  ca = authority.certPem
  const files = { cert: join(dir, 'server.pem'), key: join(dir, 'server.key'), clientCa: join(dir, 'ca.pem') }
  writeFileSync(files.clientCa, ca)
  await install(await issueServerCertificate(authority, ['localhost', '127.0.0.1'], Date.now(), 90))
  certificate = await CertificateWatch.open({ files, log: pino({ level: 'silent' }) })
  bench = await startTestBench({
    certificate,
    masterKey: MASTER,
    devices: [
      newDevice('meter-1', 'water-meter'),
      newDevice('meter-2', 'water-meter'),
      { ...newDevice('factory-1', 'water-meter'), identity: 'derived', secretHash: new Uint8Array() },
      { ...newDevice('smoke-1', 'smoke-detector'), identity: 'certificate', secretHash: new Uint8Array() },
    ],
    config: { connectTimeoutMs: CONNECT_TIMEOUT_MS, maxPerAddress: 1000, maxStrangers: 1000, signInFailures: 1000 },
  })
})
afterAll(async () => {
  await bench.stop()
  rmSync(dir, { recursive: true })
})
beforeEach(() => bench.broker.refusals.totals.clear())

async function install({ certPem, keyPem }: Issued): Promise<void> {
  writeFileSync(join(dir, 'server.pem'), certPem)
  writeFileSync(join(dir, 'server.key'), keyPem)
}
const secure = (more: IClientOptions = {}): IClientOptions => ({
  protocol: 'mqtts',
  host: 'localhost',
  port: bench.broker.securePort as number,
  ca,
  ...more,
})
const withCertificate = ({ certPem, keyPem }: Issued): IClientOptions => ({
  ...secure(),
  cert: certPem,
  key: keyPem,
  password: 'of no account',
})
const deviceCertificate = (id: string): Promise<Issued> => issueDeviceCertificate(authority, id, Date.now(), 30)

/** The CONNACK's code, or why there was none; the connection has ended. */
async function answer(client: MqttClient): Promise<number | string> {
  const said = await new Promise<number | string>((resolve) => {
    client.once('connect', () => resolve(0))
    client.once('error', (error: Error & { code?: number | string }) => resolve(error.code ?? error.message))
    client.once('close', () => resolve('closed'))
  })
  await client.endAsync(true)
  await until(() => bench.broker.sessions.size === 0)
  return said
}
function handshake(more: ConnectionOptions = {}): TLSSocket {
  const socket = connect({
    host: '127.0.0.1',
    port: bench.broker.securePort as number,
    servername: 'localhost',
    ca,
    ...more,
  })
  socket.on('error', () => undefined)
  return socket
}
const ended = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))
const refused = (reason: Reason): number => bench.broker.refusals.totals.get(reason) ?? 0

describe('over TLS', () => {
  test('a device publishes by MQTT and by secure WebSocket on the same port, and it is on record how it came', async () => {
    const meter = await bench.connected('meter-1', secure())
    await meter.publishAsync('v1/devices/me/telemetry', '{"volume":1}', { qos: 1 })
    const other = await bench.connected('meter-2', secure({ protocol: 'wss', path: '/mqtt' }))
    await other.publishAsync('v1/devices/me/telemetry', '{"volume":2}', { qos: 1 })
    expect(bench.journal.of('telemetry').map((record) => record.text)).toEqual(['{"volume":1}', '{"volume":2}'])
    expect(bench.journal.of('connected').map((record) => JSON.parse(record.text).transport)).toEqual([
      'tls',
      'secure-websocket',
    ])
    await Promise.all([meter.endAsync(), other.endAsync()])
  })

  test('versions 1.2 and 1.3 are spoken, with ciphers that keep what was said secret afterwards, and nothing older', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = handshake({ minVersion: version, maxVersion: version })
      await once(socket, 'secureConnect')
      expect(socket.authorized).toBe(true)
      expect(socket.getProtocol()).toBe(version)
      expect(socket.getCipher().standardName).toMatch(/^TLS_(ECDHE_ECDSA_WITH_)?AES_128_GCM_SHA256$/)
      socket.destroy()
    }
    const old = handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await ended(old)
    const weak = handshake({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' })
    await ended(weak)
    await until(() => refused('tls.handshake') === 2)
  })

  test('a device that comes back resumes its session with the ticket it got', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = handshake({ maxVersion: version })
      const [session] = (await once(socket, 'session')) as [Buffer]
      socket.destroy()
      const again = handshake({ maxVersion: version, session })
      await once(again, 'secureConnect')
      expect(again.isSessionReused()).toBe(true)
      again.destroy()
    }
  })

  test('plain MQTT on the TLS port, and a client that does not trust us, are turned away under a name', async () => {
    const plain = connectPlain(bench.broker.securePort as number, '127.0.0.1')
    plain.on('error', () => undefined)
    plain.write(connectPacket('meter-1'))
    await ended(plain)
    await until(() => refused('tls.handshake') === 1)
  })

  test('a handshake that does not end is cut within the time for CONNECT, and counts as a connection meanwhile', async () => {
    const before = bench.broker.figures().mqtt_connections ?? 0
    const slow = connectPlain(bench.broker.securePort as number, '127.0.0.1')
    slow.on('error', () => undefined)
    slow.write(Buffer.from('160301', 'hex'))
    await until(() => (bench.broker.figures().mqtt_connections ?? 0) === before + 1)
    await ended(slow)
    const silent = handshake()
    await ended(silent)
    expect(refused('limit.connect-time')).toBe(2)
    await until(() => (bench.broker.figures().mqtt_connections ?? 0) === before)
  })

  test('a renewed certificate is shown to who comes next, and nobody is disconnected', async () => {
    const meter = await bench.connected('meter-1', secure())
    const before = handshake()
    await once(before, 'secureConnect')
    const shown = before.getPeerX509Certificate()?.fingerprint256
    before.destroy()
    await install(await issueServerCertificate(authority, ['localhost', '127.0.0.1'], Date.now(), 365))
    await certificate.look('now')
    const after = handshake()
    await once(after, 'secureConnect')
    expect(after.getPeerX509Certificate()?.fingerprint256).toBe(certificate.current.facts.fingerprint)
    expect(certificate.current.facts.fingerprint).not.toBe(shown)
    after.destroy()
    await meter.publishAsync('v1/devices/me/telemetry', '{"volume":3}', { qos: 1 })
    expect(meter.connected).toBe(true)
    const next = await bench.connected('meter-2', secure())
    await Promise.all([meter.endAsync(), next.endAsync()])
  })

  test('the figures say how long the certificate lasts', () => {
    const left = bench.broker.figures().mqtt_tls_certificate_expires_in_seconds ?? 0
    expect(left).toBeGreaterThan(30 * 86_400)
    expect(bench.broker.figures().mqtt_tls_certificate_refused).toBe(0)
  })
})

describe('a device with a certificate of its own', () => {
  test('needs no password; over plain MQTT or without it, it is nobody', async () => {
    const own = withCertificate(await deviceCertificate('smoke-1'))
    expect(await answer(bench.device('smoke-1', own))).toBe(0)
    expect(await answer(bench.device('smoke-1', secure()))).toBe(5)
    expect(await answer(bench.device('smoke-1'))).toBe(5)
  })

  test('cannot be another device, not even with that one’s secret', async () => {
    const own = withCertificate(await deviceCertificate('smoke-1'))
    expect(await answer(bench.device('meter-1', { ...own, username: 'meter-1', password: SECRET }))).toBe(5)
    expect(refused('auth.certificate')).toBe(1)
  })

  test('is turned away in the handshake when nobody we trust signed it, when it ran out, and with our server’s', async () => {
    const bad = [
      await issueDeviceCertificate(stranger, 'smoke-1', Date.now(), 30),
      await issueDeviceCertificate(authority, 'smoke-1', Date.now() - 40 * DAY_MS, 30),
      await issueServerCertificate(authority, ['smoke-1'], Date.now(), 30),
    ]
    for (const issued of bad) expect(await answer(bench.device('smoke-1', withCertificate(issued)))).not.toBe(0)
    expect(refused('auth.certificate')).toBe(3)
  })

  test('over a secure WebSocket it is known as well', async () => {
    const own = withCertificate(await deviceCertificate('smoke-1'))
    expect(await answer(bench.device('smoke-1', { ...own, protocol: 'wss' }))).toBe(0)
  })
})

describe('a device with a derived key', () => {
  const key = (generation: number): IClientOptions => ({
    password: writeKey(deriveKey(MASTER, 'factory-1', generation)),
  })

  test('comes in with it; when it is replaced the connection ends and the old key is worth nothing', async () => {
    const device = await bench.connected('factory-1', key(1))
    const gone = closed(device)
    await bench.registry.nextGeneration('factory-1')
    await bench.broker.pollRegistry()
    await gone
    expect(await answer(bench.device('factory-1', key(1)))).toBe(5)
    expect(await answer(bench.device('factory-1', key(2)))).toBe(0)
    expect(bench.broker.sessions.ends.get('secret-changed')).toBe(1)
  })
})

describe('the deny list', () => {
  test('cuts a device that is connected and refuses it afterwards, whatever it shows, as if nobody knew it', async () => {
    const meter = await bench.connected('meter-1')
    const gone = closed(meter)
    await bench.registry.deny(['meter-1', 'smoke-1'], Date.now())
    await bench.broker.pollRegistry()
    await gone
    expect(bench.broker.sessions.ends.get('denied')).toBe(1)
    const certified = withCertificate(await deviceCertificate('smoke-1'))
    const answers = [
      await answer(bench.device('meter-1')),
      await answer(bench.device('smoke-1', certified)),
      await answer(bench.device('nobody-knows-me')),
      await answer(bench.device('meter-2', { password: 'wrong' })),
    ]
    expect(answers).toEqual([5, 5, 5, 5])
    expect(refused('auth.denied')).toBe(2)
    await bench.registry.allow(['meter-1', 'smoke-1'])
    expect(await answer(bench.device('meter-1'))).toBe(0)
  })
})

const hasMosquitto = spawnSync('mosquitto_pub', ['--help']).error === undefined
describe.skipIf(!hasMosquitto && process.env.CI !== 'true')('Debian’s mosquitto_pub --cafile', () => {
  test('publishes over TLS, and does not where it is not told whom to trust', async () => {
    const publish = (cafile: string): Promise<number> =>
      new Promise((resolve) => {
        const where = ['-h', 'localhost', '-p', String(bench.broker.securePort), '--cafile', cafile]
        const who = ['-i', 'meter-2', '-u', 'meter-2', '-P', SECRET, '-q', '1']
        const what = ['-t', 'v1/devices/me/telemetry', '-m', '{"volume":9}']
        execFile('mosquitto_pub', [...where, ...who, ...what], { timeout: 10_000 }, (error) =>
          resolve(error === null ? 0 : Number(error.code)),
        )
      })
    writeFileSync(join(dir, 'stranger.pem'), stranger.certPem)
    expect(await publish(join(dir, 'ca.pem'))).toBe(0)
    expect(bench.journal.of('telemetry').at(-1)?.text).toBe('{"volume":9}')
    expect(await publish(join(dir, 'stranger.pem'))).not.toBe(0)
    await until(() => refused('tls.handshake') === 1)
  })
})
