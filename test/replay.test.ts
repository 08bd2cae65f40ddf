import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caughtUp } from '../bench/caught-up.ts'
import { Publisher } from '../bench/crash/publisher.ts'
import { type System, startSystem } from '../bench/system.ts'
import type { Alarm } from '../contract/alarms.ts'
import type { AuditRecord, QuarantineItem, ReplayAnswer } from '../contract/api.ts'
import { stateFile } from '../store/files.ts'
import { openViews } from '../store/state/sqlite.ts'

/**
 * End to end over the real roles: a gateway speaks for a smoke detector that nobody has registered; a day later somebody
 * registers it and has its messages replayed, while ingest is killed.
 */

const PATIENCE_MS = 60_000
const MESSAGES = 300
const DAY_MS = 24 * 3_600_000
const KILLS = 2
/** Long enough for a command to be under way, too short for all of them. */
const BEFORE_KILL_MS = 15

describe('messages of a detector that was registered afterwards', () => {
  let system: System
  let token: Record<string, string>
  const leave = new AbortController()
  const first = Date.now() - DAY_MS

  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await system.hydrant(...args)
    expect(code, stderr).toBe(0)
    return stdout
  }
  const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''
  const get = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${system.httpUrl}${path}`, { headers: token })).json()) as T
  const replay = async (body: object): Promise<ReplayAnswer> =>
    (await (
      await fetch(`${system.httpUrl}/api/quarantine/replay`, {
        method: 'POST',
        headers: { ...token, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json()) as ReplayAnswer
  const waiting = async (): Promise<number> => (await get<{ total: number }>('/api/quarantine?limit=1')).total
  const settled = async (): Promise<void> => {
    const views = openViews(stateFile(system.dataDir))
    await caughtUp(system, views, PATIENCE_MS)
    await views.close()
  }

  beforeAll(async () => {
    system = await startSystem({ env: { HYDRANT_MQTT_RATE: '0' } })
    const secret = lastLine(await run('device', 'add', 'panel', '--kind', 'gateway'))
    const admin = lastLine(await run('token', 'add', 'e2e', '--role', 'admin'))
    token = { authorization: `Bearer ${admin}` }
    const gateway = new Publisher({
      host: '127.0.0.1',
      port: system.mqttPort,
      id: 'panel',
      secret,
      signal: leave.signal,
    })
    for (let i = 0; i < MESSAGES; i++) {
      const payload = JSON.stringify({ detector: { ts: first + i * 1000, values: { smoke: 3.1, alarm: true } } })
      await gateway.publish('v1/gateway/telemetry', () => payload)
    }
    await settled()
    leave.abort()
    gateway.end()
  }, PATIENCE_MS)
  afterAll(() => system?.stop())

  it('wait in quarantine as one thing that happened three hundred times', async () => {
    const { items } = await get<{ items: readonly object[] }>('/api/quarantine/groups')
    expect(items).toMatchObject([{ reason: 'gateway.not-your-child', deviceId: 'panel', count: MESSAGES }])
    expect(await run('quarantine', 'list')).toContain('gateway.not-your-child')
  })

  it('would be understood once it is registered, says a dry run of the command line, and all of them still wait', async () => {
    expect(await run('quarantine', 'replay', '--all', '--dry-run')).toContain('understood: 0')
    await run('device', 'add', 'detector', '--kind', 'smoke-detector', '--gateway', 'panel')
    expect(await run('quarantine', 'replay', '--all', '--dry-run')).toContain(
      `Would now be understood: ${MESSAGES} (${MESSAGES * 2} readings), still not: 0.`,
    )
    expect(await waiting()).toBe(MESSAGES)
  })

  it(
    'are replayed exactly once, though everybody clicks twice and ingest is killed in the middle',
    async () => {
      const clicks: Promise<ReplayAnswer>[] = []
      for (let kill = 0; kill < KILLS; kill++) {
        clicks.push(replay({ deviceId: 'panel' }), replay({ deviceId: 'panel' }))
        await sleep(BEFORE_KILL_MS)
        await system.end('ingest', 'SIGKILL')
        await system.start('ingest')
      }
      const answers = await Promise.all(clicks)
      await settled()
      expect(await waiting()).toBe(0)
      expect(answers.every((answer) => answer.notUnderstood === 0)).toBe(true)

      const { items } = await get<{ items: readonly QuarantineItem[] }>('/api/quarantine?state=replayed&limit=1000')
      expect(items).toHaveLength(MESSAGES)
      expect(new Set(items.map((item) => item.triedBy))).toEqual(new Set(['token:e2e']))
      const understood = (
        await get<{ items: readonly ({ type: string } & Partial<ReplayAnswer>)[] }>('/api/events?limit=1000')
      ).items
        .filter(({ type, dryRun }) => type === 'quarantine.replayed' && dryRun === false)
        .reduce((sum, event) => sum + (event.understood ?? 0), 0)
      expect(understood).toBe(MESSAGES)
    },
    PATIENCE_MS,
  )

  it('are in history at the times they were measured, each once', async () => {
    const range = `from=${first - 1}&to=${first + DAY_MS}&limit=1000`
    await expect
      .poll(async () => (await get<{ at: number[] }>(`/api/devices/detector/readings?${range}`)).at, {
        timeout: PATIENCE_MS,
      })
      .toEqual(Array.from({ length: MESSAGES }, (_, i) => first + i * 1000))
  })

  it('are one alarm of yesterday that is over, counted once per message, and nothing that burns now', async () => {
    const { items } = await get<{ items: readonly Alarm[] }>('/api/alarms?state=all&deviceId=detector')
    expect(items).toMatchObject([
      { type: 'smoke', state: 'CLEARED_UNACK', raisedAt: first, count: MESSAGES, replayed: true },
    ])
  })

  it('and who had them replayed stands in the audit', async () => {
    const { items } = await get<{ items: readonly AuditRecord[] }>('/api/audit?action=quarantine.replay')
    expect(items.length).toBeGreaterThan(0)
    expect(new Set(items.map(({ actor }) => actor))).toEqual(new Set(['token:e2e']))
  })
})
