import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, runCommand, type System, startSystem } from '../bench/system.ts'

/** What an operator does who wants TLS: make certificates, start with what was printed, connect, renew. */

const HYDRANT = join(import.meta.dirname, '..', 'cli/hydrant.ts')

let dataDir: string
let system: System
let mqttsPort: number
let printed: Record<string, string>
let ca: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hydrant-tls-system-'))
  const env = { ...process.env, HYDRANT_DATA_DIR: dataDir }
  const made = await runCommand(process.execPath, [HYDRANT, 'tls', 'init', '--days', '20'], env)
  expect(made.code, made.stderr).toBe(0)
  printed = Object.fromEntries(
    [...made.stdout.matchAll(/export (HYDRANT_TLS_\w+)=(\S+)/g)].map(([, name, file]) => [name, file]),
  )
  ca = readFileSync(printed.HYDRANT_TLS_CLIENT_CA as string, 'utf8')
  mqttsPort = await freePort()
  system = await startSystem({ dataDir, env: { ...printed, HYDRANT_MQTTS_PORT: String(mqttsPort) } })
})
afterAll(async () => {
  await system?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function ask(path: string): Promise<{ readonly status: number; readonly body: string }> {
  const call = request({ host: '127.0.0.1', port: system.httpPort, ca, path })
  call.end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, body: await text(response) }
}
async function device(id: string, ...more: string[]): Promise<string> {
  const added = await system.hydrant('device', 'add', id, '--kind', 'smoke-detector', ...more)
  expect(added.code, added.stderr).toBe(0)
  return added.stdout.trim().split('\n').at(-1) ?? ''
}
const mqtts = (id: string, more: object): Promise<MqttClient> =>
  connectAsync({ protocol: 'mqtts', host: 'localhost', port: mqttsPort, ca, clientId: id, reconnectPeriod: 0, ...more })
async function shownBy(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca })
  await once(socket, 'secureConnect')
  const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
  socket.destroy()
  return fingerprint
}

describe('with the certificates of `hydrant tls init`', () => {
  test('a device publishes over mqtts, and the console answers over https', async () => {
    const secret = await device('smoke-1')
    const client = await mqtts('smoke-1', { username: 'smoke-1', password: secret })
    await client.publishAsync('v1/devices/me/telemetry', '{"smoke":3.1,"alarm":true}', { qos: 1 })
    expect((await ask('/readyz')).status).toBe(200)
    await expect
      .poll(async () => (await ask('/metrics')).body, { timeout: 10_000 })
      .toMatch(/hydrant_alarms_active\{severity="CRITICAL"\} 1/)
    await client.endAsync()
  })

  test('a device with a certificate of its own needs no password', async () => {
    await device('smoke-2', '--identity', 'certificate')
    const made = await system.hydrant('tls', 'device', 'smoke-2')
    expect(made.code, made.stderr).toBe(0)
    const own = join(dataDir, 'tls/devices/smoke-2')
    const client = await mqtts('smoke-2', { cert: readFileSync(`${own}.pem`), key: readFileSync(`${own}.key`) })
    await client.publishAsync('v1/devices/me/telemetry', '{"smoke":0}', { qos: 1 })
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
    expect((await system.hydrant('device', 'deny', 'smoke-2')).code).toBe(0)
    await gone
  })

  test('its end is announced: in the figures, in the log and by the doctor', async () => {
    const { body } = await ask('/metrics')
    for (const listener of ['mqtt', 'http'])
      expect(body).toMatch(new RegExp(`hydrant_${listener}_tls_certificate_expires_in_seconds 17[0-9]{5}\n`))
    for (const role of ['broker', 'dashboard'] as const)
      expect(system.output(role)).toContain('the TLS certificate runs out in 19 days')
    const doctor = await system.hydrant('doctor')
    expect(doctor.stdout).toMatch(/✗ certificate: runs out in 19 days/)
    expect(doctor.stdout).toMatch(/✓ console port: .* is served by Hydrant, and healthy/)
  })

  test('renewed while it runs, who is connected stays and who comes sees the new one', async () => {
    const secret = await device('smoke-3')
    const client = await mqtts('smoke-3', { username: 'smoke-3', password: secret })
    const before = await shownBy(mqttsPort)
    expect((await system.hydrant('tls', 'renew')).code).toBe(0)
    for (const role of ['broker', 'dashboard'] as const) process.kill(system.pid(role) ?? 0, 'SIGHUP')
    await expect.poll(() => shownBy(mqttsPort), { timeout: 10_000 }).not.toBe(before)
    await expect.poll(() => shownBy(system.httpPort), { timeout: 10_000 }).toBe(await shownBy(mqttsPort))
    await client.publishAsync('v1/devices/me/telemetry', '{"smoke":0}', { qos: 1 })
    expect(client.connected).toBe(true)
    await client.endAsync()
  })
})

describe('without TLS nothing listens beyond this machine by mistake', () => {
  const refusal = async (role: string, env: Record<string, string>): Promise<{ code: number; said: string }> => {
    const file = join(import.meta.dirname, '..', role, 'main.ts')
    const { code, stderr } = await runCommand(process.execPath, [file], {
      ...process.env,
      HYDRANT_DATA_DIR: dataDir,
      ...env,
    })
    return { code, said: stderr }
  }

  test('plain MQTT and a plain console there have to be asked for; the sentence says how', async () => {
    const broker = await refusal('broker', { HYDRANT_MQTT_HOST: '0.0.0.0', ...printed })
    expect(broker.code).toBe(2)
    expect(broker.said).toMatch(
      /^HYDRANT_MQTT_HOST is "0\.0\.0\.0".*HYDRANT_MQTTS_HOST=0\.0\.0\.0.*HYDRANT_ALLOW_PLAIN=1\.\n$/,
    )
    const dashboard = await refusal('dashboard', { HYDRANT_HTTP_HOST: '0.0.0.0' })
    expect(dashboard.code).toBe(2)
    expect(dashboard.said).toMatch(
      /HYDRANT_HTTP_HOST is "0\.0\.0\.0".*HYDRANT_TLS_CERT.*HYDRANT_PUBLIC_URL=https.*HYDRANT_ALLOW_PLAIN=1\.\n$/,
    )
  })

  test('a certificate that does not fit is said in a sentence, not in a stack', async () => {
    for (const role of ['broker', 'dashboard']) {
      const { code, said } = await refusal(role, { ...printed, HYDRANT_TLS_KEY: join(dataDir, 'tls/ca.key') })
      expect(code).toBe(2)
      expect(said).toMatch(
        /^(dashboard: )?The key in .*ca\.key does not belong to the certificate in .*server\.pem\.\n$/,
      )
    }
  })
})
