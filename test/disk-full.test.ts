import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { caughtUp } from '../bench/caught-up.ts'
import { eventually } from '../bench/eventually.ts'
import { canMountSmallDisk, mountSmallDisk, type SmallDisk } from '../bench/small-disk.ts'
import { type System, startSystem } from '../bench/system.ts'
import type { Alarm } from '../contract/alarms.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { hashSecret } from '../store/identity.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import type { Registry } from '../store/state/registry-port.ts'
import { openRegistry, openViews } from '../store/state/sqlite.ts'

/** The real roles on a file system that is filled to its last page while meters speak and a fire breaks out. */

const DISK_MIB = 128
/** Room inside the files is an eighth of it for each of urgent lane and state: 6 MB. */
const GUARD_MB = 48
const SECRET = 'disk-full'
const METERS = ['meter-1', 'meter-2', 'meter-3', 'meter-4']
const PATIENCE_MS = 20_000
/** A fire that goes on while the disk is full: every message has to be stored. */
const FIRE_MESSAGES = 200

const canMount = await canMountSmallDisk()
const isCi = process.env.CI === 'true'

describe.skipIf(!canMount && !isCi)('the disk is full', () => {
  let disk: SmallDisk
  let system: System
  let token: string
  const acked = new Map<string, number[]>(METERS.map((id) => [id, []]))
  const until = new AbortController()
  const speaking: Promise<void>[] = []

  const connect = (id: string): Promise<MqttClient> =>
    connectAsync(`mqtt://127.0.0.1:${system.mqttPort}`, {
      clientId: id,
      username: id,
      password: SECRET,
      reconnectPeriod: 50,
    })
  const get = (path: string): Promise<Response> =>
    fetch(`${system.httpUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })
  const figure = async (name: string): Promise<number> => {
    const lines = (await (await get('/metrics')).text()).split('\n')
    return Number(lines.find((line) => line.startsWith(`hydrant_${name} `))?.split(' ')[1] ?? Number.NaN)
  }
  const alarmsOf = async (id: string): Promise<readonly Alarm[]> =>
    ((await (await get(`/api/alarms?state=open&deviceId=${id}`)).json()) as { items: readonly Alarm[] }).items
  const ackCount = (): number => [...acked.values()].reduce((sum, { length }) => sum + length, 0)

  /** A meter that counts 1, 2, 3 … and notes which number was acknowledged. */
  const speak = async (id: string): Promise<void> => {
    const meter = await connect(id)
    for (let n = 1; !until.signal.aborted; n += 1) {
      meter.publish('v1/devices/me/telemetry', JSON.stringify({ volume: n }), { qos: 1 }, (error) => {
        if (!error) acked.get(id)?.push(n)
      })
      await sleep(5)
    }
    await eventually(
      () => acked.get(id)?.length,
      (length) => length !== undefined && length > 0,
    )
    await meter.endAsync(true)
  }

  beforeAll(async () => {
    if (!canMount) throw new Error('a small disk cannot be mounted here: run the tests as root, or with sudo')
    disk = await mountSmallDisk(DISK_MIB)
    system = await startSystem({
      dataDir: disk.path,
      env: { HYDRANT_DISK_GUARD_MB: String(GUARD_MB), HYDRANT_MQTT_RATE: '0' },
    })
    const registry: Registry = openRegistry(stateFile(disk.path))
    const device = { place: null, placeId: null, model: null, gatewayId: null, lon: null, lat: null, disabled: false }
    await registry.put(
      ['smoke-1', ...METERS].map((id) => ({
        ...device,
        id,
        name: id,
        kind: id.startsWith('smoke') ? ('smoke-detector' as const) : ('water-meter' as const),
        rhythmS: null,
        secretHash: hashSecret(SECRET),
      })),
      { replace: false },
    )
    await registry.close()
    token =
      (await system.hydrant('token', 'add', 'test', '--role', 'dispatcher')).stdout.trim().split('\n').at(-1) ?? ''
    speaking.push(...METERS.map(speak))
    await eventually(ackCount, (count) => count > 100)
    // The roles have taken their room inside the files.
    for (const file of [journalFile(disk.path, 'urgent'), stateFile(disk.path)])
      await eventually(
        () => statSync(file).size,
        (size) => size > (GUARD_MB * 1e6) / 8,
      )
  }, 60_000)

  afterAll(async () => {
    until.abort()
    await Promise.allSettled(speaking)
    await system?.stop()
    await disk?.remove()
  })

  test('meters are held back without PUBACK, a fire is stored and raised, and all goes on by itself', async () => {
    const pids = (['broker', 'ingest', 'dashboard'] as const).map((role) => system.pid(role))
    const smoke = await connect('smoke-1')
    disk.fill()
    expect(disk.freeBytes()).toBe(0)

    // Held back: what had room inside the meters' own file was stored, and then nothing more.
    await eventually(
      () => figure('disk_guard_engaged'),
      (engaged) => engaged === 1,
    )
    await sleep(300)
    const before = ackCount()
    for (let n = 0; n < FIRE_MESSAGES; n += 1)
      await smoke.publishAsync('v1/devices/me/telemetry', JSON.stringify({ smoke: 3 + n / 1000, alarm: true }), {
        qos: 1,
      })
    expect(disk.freeBytes()).toBe(0)
    expect(ackCount()).toBe(before)

    // The dispatcher sees it and can answer.
    const [alarm] = await eventually(
      () => alarmsOf('smoke-1'),
      (alarms) => alarms.some(({ type, count }) => type === 'smoke' && count === FIRE_MESSAGES),
    )
    expect(alarm).toMatchObject({ type: 'smoke', state: 'ACTIVE_UNACK', count: FIRE_MESSAGES })
    const answer = await fetch(`${system.httpUrl}/api/alarms/${alarm?.id}/acknowledge`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"comment":"on the way"}',
    })
    expect(await answer.json()).toMatchObject({ alarm: { state: 'ACTIVE_ACK' } })
    expect(system.output('broker')).toMatch(/meters are held back, fire and care devices go on/)

    // Killed meanwhile, the broker comes back on the full disk, and the fire with it.
    await system.end('broker', 'SIGKILL')
    await system.start('broker')
    await smoke.publishAsync('v1/devices/me/telemetry', '{"smoke":4,"alarm":true}', { qos: 1 })
    const ended = ackCount()
    pids[0] = system.pid('broker')

    disk.free()
    await eventually(ackCount, (count) => count > ended + 100)
    expect(ackCount()).toBeGreaterThan(ended + 100)
    expect((['broker', 'ingest', 'dashboard'] as const).map((role) => system.pid(role))).toEqual(pids)

    until.abort()
    await Promise.all(speaking)
    await smoke.endAsync()
    const views = openViews(stateFile(disk.path))
    await caughtUp(system, views, PATIENCE_MS)
    await views.close()
    const stored = await storedVolumes(disk.path)
    for (const id of METERS) {
      const lost = (acked.get(id) ?? []).filter((n) => !stored.get(id)?.has(n))
      expect(lost, `${id}: acknowledged and not stored`).toEqual([])
    }
    expect(await alarmsOf('smoke-1')).toHaveLength(1)
    const reasons = await eventually(
      async () =>
        ((await (await get('/api/rejections')).json()) as { items: readonly { reason: string }[] }).items.map(
          ({ reason }) => reason,
        ),
      (found) => found.includes('journal.disk-guard'),
    )
    expect(reasons).toContain('journal.disk-guard')
  }, 60_000)
})

async function storedVolumes(dataDir: string): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const stored = new Map<string, Set<number>>()
  const reader = openJournalReader(journalFile(dataDir, 'bulk'))
  for (let after = 0; ; ) {
    const records = await reader.readAfter(after, 10_000)
    if (records.length === 0) break
    after = records.at(-1)?.seq ?? after
    for (const { kind, deviceId, payload } of records) {
      if (kind !== 'telemetry') continue
      const volumes = stored.get(deviceId) ?? new Set<number>()
      stored.set(deviceId, volumes.add((JSON.parse(Buffer.from(payload).toString()) as { volume: number }).volume))
    }
  }
  await reader.close()
  return stored
}
