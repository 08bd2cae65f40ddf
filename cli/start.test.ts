import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stateFile } from '../store/files.ts'
import { openAccounts } from '../store/state/sqlite.ts'

const START = join(import.meta.dirname, 'start.ts')

let dir: string
let children: ChildProcess[]
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-start-'))
  children = []
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(dir, { recursive: true })
})

async function listener(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, port: address.port }
}

async function freePort(): Promise<number> {
  const { server, port } = await listener()
  server.close()
  await once(server, 'close')
  return port
}

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [START], {
    cwd: dir,
    env: { ...process.env, HYDRANT_DATA_DIR: join(dir, 'data'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      said += data.toString()
    })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    ended,
    said: () => said,
    /** Resolves when `part` has been printed, rejects when the process ends before. */
    until: async (part: string): Promise<void> => {
      while (!said.includes(part)) {
        const over = await Promise.race([ended.then(() => true), once(child.stdout, 'data').then(() => false)])
        if (over && !said.includes(part)) throw new Error(`ended without saying "${part}":\n${said}`)
      }
    },
  }
}

test('one command serves the console, says where and how to sign in, and stops cleanly', async () => {
  const ports = { HYDRANT_MQTT_PORT: String(await freePort()), HYDRANT_HTTP_PORT: String(await freePort()) }
  const hydrant = start(ports)
  await hydrant.until('Stop with Ctrl+C.')
  const console_ = `http://127.0.0.1:${ports.HYDRANT_HTTP_PORT}`
  expect((await fetch(`${console_}/healthz`)).status).toBe(200)
  expect(hydrant.said()).toContain(`Console   ${console_}`)
  const [link] = /http:\S+\/sign-in\?token=[A-Za-z0-9_-]{43}/.exec(hydrant.said()) ?? []
  expect(link).toBeDefined()
  expect((await fetch(link ?? '', { redirect: 'manual' })).status).toBeLessThan(400)
  expect(hydrant.said()).toContain(`-p ${ports.HYDRANT_MQTT_PORT}`)
  expect(hydrant.said()).not.toContain('Demo')

  const second = start(ports)
  expect(await second.ended).toBe(2)
  expect(second.said()).toContain('already running')

  hydrant.child.kill('SIGINT')
  expect(await hydrant.ended).toBe(0)
  await expect(fetch(`${console_}/healthz`)).rejects.toThrow()

  const accounts = openAccounts(stateFile(join(dir, 'data')))
  expect(await accounts.users()).toMatchObject([{ name: 'admin', role: 'admin', hasPassword: false }])
  await accounts.setPassword('admin', 'scrypt$…')
  await accounts.close()
  const third = start(ports)
  await third.until('Stop with Ctrl+C.')
  expect(third.said()).not.toContain('sign-in')
}, 60_000)

test('ports that are taken are named together, each with the variable that changes it', async () => {
  const [mqtt, http] = [await listener(), await listener()]
  const refused = start({ HYDRANT_MQTT_PORT: String(mqtt.port), HYDRANT_HTTP_PORT: String(http.port) })
  expect(await refused.ended).toBe(2)
  expect(refused.said()).toMatch(/Port \d+ \(MQTT\) is in use.*HYDRANT_MQTT_PORT=/)
  expect(refused.said()).toMatch(/Port \d+ \(console\) is in use.*HYDRANT_HTTP_PORT=/)
  expect(refused.said()).not.toMatch(/\bat .*\.ts:/)
  mqtt.server.close()
  http.server.close()
})

test('what only a role can judge of the configuration is said too, and nothing is left running', async () => {
  const refused = start({
    HYDRANT_MQTT_PORT: String(await freePort()),
    HYDRANT_HTTP_PORT: String(await freePort()),
    HYDRANT_LOG_LEVEL: 'shout',
  })
  expect(await refused.ended).toBe(2)
  expect(refused.said().match(/HYDRANT_LOG_LEVEL/g)).toHaveLength(1)
})
