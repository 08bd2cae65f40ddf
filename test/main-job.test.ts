import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeBrowser, hasChromium, launchChromium, makeDispatcher, openConsole } from '../bench/console.ts'
import { eventually } from '../bench/eventually.ts'
import { runCommand, type System, startSystem } from '../bench/system.ts'
import type { Alarm } from '../contract/alarms.ts'

/** End to end: the real roles, the command line, Debian's MQTT client, the HTTP API and a real browser. */

const isCi = process.env.CI === 'true'
const hasMosquitto = (await runCommand('mosquitto_pub', ['--help'])).code !== 127
const hasConsole = hasChromium() && existsSync(join(import.meta.dirname, '../dist/web/assets'))
/** How long something may take to appear before the test gives up: generous, because no test asserts a speed. */
const PATIENCE_MS = 15_000
/** A client whose publish is refused would try for ever. */
const CLIENT_LIMIT_S = '3'

describe.skipIf(!hasMosquitto && !isCi)('the main job, published with mosquitto_pub', () => {
  let system: System
  let token: string
  let browser: Browser | undefined
  const files = mkdtempSync(join(tmpdir(), 'hydrant-payloads-'))
  const secrets = new Map<string, string>()

  const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await system.hydrant(...args)
    expect(code, stderr).toBe(0)
    return lastLine(stdout)
  }
  const addDevice = async (id: string, ...options: string[]): Promise<void> => {
    secrets.set(id, await run('device', 'add', id, ...options))
  }
  const identity = (id: string, secret = secrets.get(id)!): string[] => [
    ...['-h', '127.0.0.1', '-p', String(system.mqttPort), '-i', id, '-u', id, '-P', secret],
  ]
  const publish = (id: string, topic: string, ...message: string[]) =>
    runCommand('timeout', [CLIENT_LIMIT_S, 'mosquitto_pub', ...identity(id), '-q', '1', '-t', topic, ...message])
  const telemetry = (id: string, payload: unknown) =>
    publish(id, 'v1/devices/me/telemetry', '-m', typeof payload === 'string' ? payload : JSON.stringify(payload))

  const get = async (path: string): Promise<Response> =>
    fetch(`${system.httpUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
  const items = async <T>(path: string): Promise<readonly T[]> =>
    ((await (await get(path)).json()) as { items: readonly T[] }).items
  const activeAlarmsOf = (id: string): Promise<readonly Alarm[]> =>
    eventually(
      () => items<Alarm>(`/api/alarms?state=active&deviceId=${id}`),
      (alarms) => alarms.length > 0,
    )
  const reasonsOf = (path: string, id: string, reason: string): Promise<readonly string[]> =>
    eventually(
      async () =>
        (await items<{ deviceId: string; reason: string }>(path))
          .filter((item) => item.deviceId === id)
          .map((item) => item.reason),
      (reasons) => reasons.includes(reason),
    )
  const countedInMetrics = async (reason: string): Promise<number> =>
    eventually(
      async () => {
        const lines = (await (await get('/metrics')).text()).split('\n')
        const line = lines.find(
          (one) => one.startsWith('hydrant_rejected_total{') && one.includes(`reason="${reason}"`),
        )
        return Number(line?.split(' ').at(-1) ?? 0)
      },
      (count) => count > 0,
    )

  beforeAll(async () => {
    if (!hasMosquitto) throw new Error('mosquitto_pub is missing: install Debian’s package mosquitto-clients')
    system = await startSystem()
    await addDevice('smoke-plain', '--kind', 'smoke-detector')
    const forms = ['stamped', 'several', 'series', 'senml'].map((form) =>
      addDevice(`smoke-${form}`, '--kind', 'smoke-detector'),
    )
    await Promise.all([
      ...forms,
      addDevice('panel', '--kind', 'gateway'),
      addDevice('intruder', '--kind', 'water-meter'),
    ])
    await addDevice('smoke-child', '--kind', 'smoke-detector', '--gateway', 'panel')
    token = await run('token', 'add', 'e2e', '--role', 'dispatcher')
  })
  afterAll(async () => {
    rmSync(files, { recursive: true, force: true })
    await closeBrowser(browser)
    await system?.stop()
  })

  describe('a smoke alarm reaches the list of active alarms', () => {
    const now = Date.now()
    it.each([
      ['plain', { smoke: 3.1, alarm: true }],
      ['stamped', { ts: now, values: { smoke: 3.1, alarm: true } }],
      [
        'several',
        [
          { ts: now - 10_000, values: { smoke: 0.1 } },
          { ts: now, values: { smoke: 3.1, alarm: true } },
        ],
      ],
      ['series', { ts: now - 20_000, step: 10_000, values: { smoke: [0.1, null, 3.1], alarm: [false, false, true] } }],
      [
        'senml',
        [
          { bt: now / 1000, n: 'smoke', u: 'dB/m', v: 3.1 },
          { n: 'alarm', vb: true },
        ],
      ],
    ])('in the %s form', async (form, payload) => {
      const { code, stderr } = await telemetry(`smoke-${form}`, payload)
      expect(code, stderr).toBe(0)
      const alarms = await activeAlarmsOf(`smoke-${form}`)
      expect(alarms.map((alarm) => alarm.type)).toContain('smoke')
      expect(alarms[0]).toMatchObject({ severity: 'CRITICAL', state: 'ACTIVE_UNACK', deviceId: `smoke-${form}` })
    })

    it('from a gateway, for the device behind it', async () => {
      const payload = JSON.stringify({ 'smoke-child': { ts: now, values: { smoke: 3.1, alarm: true } } })
      const { code, stderr } = await publish('panel', 'v1/gateway/telemetry', '-m', payload)
      expect(code, stderr).toBe(0)
      expect((await activeAlarmsOf('smoke-child')).length).toBeGreaterThan(0)
    })

    it('once, however often it is reported', async () => {
      await telemetry('smoke-plain', { smoke: 3.3, alarm: true })
      await telemetry('smoke-plain', { smoke: 3.4, alarm: true })
      const types = (await items<Alarm>('/api/alarms?state=active&deviceId=smoke-plain')).map((alarm) => alarm.type)
      expect(new Set(types).size).toBe(types.length)
    })
  })

  describe('what may not be is refused with a reason that a person finds', () => {
    it('publishing to another device’s topic', async () => {
      await publish('intruder', 'v1/devices/smoke-plain/telemetry', '-m', '{"smoke":9}')
      expect(await reasonsOf('/api/rejections', 'intruder', 'acl.publish')).toContain('acl.publish')
      expect(await countedInMetrics('acl.publish')).toBeGreaterThan(0)
    })

    it('reading another device’s commands', async () => {
      const topic = 'v1/devices/smoke-plain/rpc/request/+'
      await runCommand('timeout', [CLIENT_LIMIT_S, 'mosquitto_sub', ...identity('intruder'), '-W', '1', '-t', topic])
      expect(await reasonsOf('/api/rejections', 'intruder', 'acl.subscribe')).toContain('acl.subscribe')
      expect(await countedInMetrics('acl.subscribe')).toBeGreaterThan(0)
    })

    it('a wrong secret', async () => {
      const args = [...identity('intruder', 'wrong'), '-q', '1', '-t', 'v1/devices/me/telemetry', '-m', '{"volume":1}']
      const { code } = await runCommand('timeout', [CLIENT_LIMIT_S, 'mosquitto_pub', ...args])
      expect(code).not.toBe(0)
      expect(await reasonsOf('/api/rejections', 'intruder', 'auth.unknown-or-wrong')).toContain('auth.unknown-or-wrong')
      expect(await countedInMetrics('auth.unknown-or-wrong')).toBeGreaterThan(0)
    })

    it('a payload of 10 MB', async () => {
      const file = join(files, 'huge.json')
      writeFileSync(file, `{"volume":${'1'.repeat(10 * 1024 * 1024)}}`)
      const { code } = await publish('intruder', 'v1/devices/me/telemetry', '-f', file)
      expect(code).not.toBe(0)
      expect(await reasonsOf('/api/rejections', 'intruder', 'limit.packet-size')).toContain('limit.packet-size')
      expect(await countedInMetrics('limit.packet-size')).toBeGreaterThan(0)
    })
  })

  describe('what cannot be understood is acknowledged, and lies in quarantine with its reason', () => {
    const YEAR_2099 = Date.UTC(2099, 0, 1)
    it.each([
      ['a malformed payload', '{"volume":12.', 'payload.not-json'],
      ['NaN', '{"volume":NaN}', 'payload.not-json'],
      ['deep nesting', `${'['.repeat(2000)}${']'.repeat(2000)}`, 'payload.too-deep'],
      [
        'a series with arrays of different lengths',
        { ts: Date.now() - 3_600_000, step: 900_000, values: { volume: [1, 2, 3], flow: [0, 0] } },
        'series.unequal-lengths',
      ],
      ['a time in 2099', { ts: YEAR_2099, values: { volume: 1 } }, 'time.future'],
    ])('%s', async (_, payload, reason) => {
      const { code, stderr } = await telemetry('intruder', payload)
      expect(code, stderr).toBe(0)
      const path = `/api/quarantine?deviceId=intruder&reason=${reason}`
      expect(await reasonsOf(path, 'intruder', reason)).toContain(reason)
      expect(await countedInMetrics(reason)).toBeGreaterThan(0)
    })
  })

  it('has not been stopped by any of it', async () => {
    const pids = (['broker', 'ingest', 'dashboard'] as const).map((role) => system.pid(role))
    expect(pids).not.toContain(undefined)
    await addDevice('smoke-after', '--kind', 'smoke-detector')
    expect((await telemetry('smoke-after', { smoke: 3.1, alarm: true })).code).toBe(0)
    expect((await activeAlarmsOf('smoke-after')).length).toBeGreaterThan(0)
  })

  it.skipIf(!hasConsole && !isCi)('shows in the open console without a reload (Chromium)', async () => {
    const { session } = await makeDispatcher(system)
    await addDevice('smoke-seen', '--kind', 'smoke-detector')
    browser = await launchChromium()
    const page = await openConsole(browser, system, session)
    const row = page.locator('[data-device-id="smoke-seen"]').first()
    expect(await row.count()).toBe(0)
    expect((await telemetry('smoke-seen', { smoke: 3.1, alarm: true })).code).toBe(0)
    await row.waitFor({ state: 'visible', timeout: PATIENCE_MS })
    expect(await row.isVisible()).toBe(true)
  })
})
