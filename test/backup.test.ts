import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { caughtUp } from '../bench/caught-up.ts'
import { eventually } from '../bench/eventually.ts'
import { runCommand, type System, startSystem } from '../bench/system.ts'
import type { Alarm } from '../contract/alarms.ts'
import { journalFile, stateFile } from '../store/files.ts'
import { hashSecret } from '../store/identity.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import { openAccounts, openRegistry, openViews } from '../store/state/sqlite.ts'

/** A backup of a running Hydrant, brought back after all its roles were killed. */

const SECRET = 'backup'
const METERS = ['meter-1', 'meter-2']
const PATIENCE_MS = 20_000
const ROLES = ['broker', 'ingest', 'dashboard'] as const
const HYDRANT = join(import.meta.dirname, '../cli/hydrant.ts')

describe('a backup made under load', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-backup-'))
  const folder = join(dir, 'backup')
  const restored = join(dir, 'restored')
  let system: System
  /** Acknowledged before the backup was asked for. */
  const before: { readonly id: string; readonly n: number }[] = []
  let alarmsBefore: readonly Alarm[]

  const hydrant = (dataDir: string, ...args: string[]) =>
    runCommand(process.execPath, [HYDRANT, ...args], { ...process.env, HYDRANT_DATA_DIR: dataDir })

  beforeAll(async () => {
    system = await startSystem({ env: { HYDRANT_MQTT_RATE: '0' } })
    const registry = openRegistry(stateFile(system.dataDir))
    await registry.put(
      ['smoke-1', ...METERS].map((id) => ({
        id,
        name: id,
        kind: id.startsWith('smoke') ? ('smoke-detector' as const) : ('water-meter' as const),
        place: null,
        placeId: null,
        model: null,
        gatewayId: null,
        lon: null,
        lat: null,
        disabled: false,
        rhythmS: null,
        secretHash: hashSecret(SECRET),
      })),
      { replace: false },
    )
    await registry.close()
    const accounts = openAccounts(stateFile(system.dataDir))
    await accounts.addUser({ name: 'wang', role: 'dispatcher', passwordHash: null, createdAt: 1 })
    await accounts.addLink(hashSecret('link'), 'wang', Date.now() + PATIENCE_MS)
    await accounts.close()

    const connect = (id: string) =>
      connectAsync(`mqtt://127.0.0.1:${system.mqttPort}`, { clientId: id, username: id, password: SECRET })
    const smoke = await connect('smoke-1')
    await smoke.publishAsync('v1/devices/me/telemetry', '{"smoke":3.1,"alarm":true}', { qos: 1 })
    const acked: { id: string; n: number }[] = []
    const until = new AbortController()
    const speaking = METERS.map(async (id) => {
      const meter = await connect(id)
      for (let n = 1; !until.signal.aborted; n += 1) {
        meter.publish('v1/devices/me/telemetry', JSON.stringify({ volume: n }), { qos: 1 }, (error) => {
          if (!error) acked.push({ id, n })
        })
        await sleep(2)
      }
      meter.end(true)
    })
    while (acked.length < 400) await sleep(20)
    alarmsBefore = await openAlarms(system.dataDir, 1)
    before.push(...acked)
    const made = await system.hydrant('backup', folder)
    expect(made.stderr + made.stdout).toMatch(/The backup is in .*backup: \d+ files/)
    expect(acked.length).toBeGreaterThan(before.length)
    for (const role of ROLES) await system.end(role, 'SIGKILL')
    until.abort()
    await Promise.allSettled(speaking)
    smoke.end(true)
  }, 60_000)
  afterAll(async () => {
    await system?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  test('belongs to its owner alone, and says what is in it', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    expect(manifest.files.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'history.db',
      'journal-bulk.db',
      'journal-operator.db',
      'journal-urgent.db',
      'state.db',
    ])
    for (const lane of manifest.lanes) expect(lane.readThrough).toBeLessThanOrEqual(lane.through)
  })

  test('brings back every record that was acknowledged before it, and every alarm, once', async () => {
    const put = await hydrant(restored, 'restore', folder)
    expect(put.stderr).toBe('')
    expect(put.stdout).toMatch(/Start Hydrant\..*Everyone has to sign in again/s)
    const again = await startSystem({ dataDir: restored })
    try {
      const views = openViews(stateFile(restored))
      await caughtUp(again, views, PATIENCE_MS)
      await views.close()
      const stored = await storedVolumes(restored)
      expect(before.filter(({ id, n }) => !stored.has(`${id} ${n}`))).toEqual([])
      const alarms = await openAlarms(restored, 1)
      expect(alarms.map(({ id, count, state }) => ({ id, count, state }))).toEqual(
        alarmsBefore.map(({ id, count, state }) => ({ id, count, state })),
      )
      const accounts = openAccounts(stateFile(restored))
      expect(await accounts.users()).toHaveLength(1)
      await accounts.close()
    } finally {
      for (const role of ROLES) await again.end(role)
    }
  }, 60_000)

  test('a link that was sent before it works no more after a restore', () => {
    const db = new DatabaseSync(join(folder, 'state.db'), { readOnly: true })
    expect(db.prepare('SELECT count(*) AS n FROM link').get()).toEqual({ n: 1 })
    db.close()
    const state = new DatabaseSync(join(restored, 'state.db'), { readOnly: true })
    expect(state.prepare('SELECT count(*) AS n FROM link').get()).toEqual({ n: 0 })
    state.close()
  })

  test('what is there is not overwritten, with --force it is moved aside, and not while it is open', async () => {
    const refused = await hydrant(restored, 'restore', folder)
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds a Hydrant already.*--force/s) })
    const open = openRegistry(stateFile(restored))
    await open.count()
    expect(await hydrant(restored, 'restore', folder, '--force')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has .*state\.db open: stop Hydrant first/),
    })
    await open.close()
    appendFileSync(stateFile(restored), 'a change')
    const { code, stdout } = await hydrant(restored, 'restore', folder, '--force')
    expect(code, stdout).toBe(0)
    const aside = readdirSync(restored).filter((name) => name.startsWith('before-restore-'))
    expect(aside).toHaveLength(1)
    expect(
      readFileSync(join(restored, aside[0] as string, 'state.db'))
        .subarray(-8)
        .toString(),
    ).toBe('a change')
  }, 30_000)

  test('a folder that is not empty, or in the data folder, takes no backup', async () => {
    expect(await hydrant(restored, 'backup', folder)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/not an empty folder/),
    })
    expect(await hydrant(restored, 'backup', join(restored, 'b'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/data folder/),
    })
    expect(existsSync(join(restored, 'b'))).toBe(false)
  }, 30_000)

  test('a backup with a changed byte, a missing file, of a newer Hydrant, or cut short, is refused whole', async () => {
    const target = join(dir, 'target')
    const manifest = readFileSync(join(folder, 'manifest.json'), 'utf8')
    const bulk = readFileSync(join(folder, 'journal-bulk.db'))
    const expectRefusal = async (reason: RegExp): Promise<void> => {
      expect(await hydrant(target, 'restore', folder)).toMatchObject({ code: 2, stderr: expect.stringMatching(reason) })
      expect(existsSync(stateFile(target))).toBe(false)
    }
    const flipped = Buffer.from(bulk)
    flipped[5000] = (flipped[5000] as number) ^ 1
    writeFileSync(join(folder, 'journal-bulk.db'), flipped)
    await expectRefusal(/journal-bulk\.db is not what was backed up/)
    rmSync(join(folder, 'journal-bulk.db'))
    await expectRefusal(/journal-bulk\.db is missing/)
    writeFileSync(join(folder, 'journal-bulk.db'), bulk)
    writeFileSync(join(folder, 'manifest.json'), manifest.replace(/"schema": \d+/, '"schema": 99'))
    await expectRefusal(/made by a newer Hydrant.*schema 99/)
    rmSync(join(folder, 'manifest.json'))
    await expectRefusal(/holds no backup/)
  }, 30_000)
})

async function openAlarms(dataDir: string, atLeast: number): Promise<readonly Alarm[]> {
  const views = openViews(stateFile(dataDir))
  try {
    const { items } = await eventually(
      () => views.alarms({ state: 'open', limit: 100 }),
      (page) => page.items.length >= atLeast,
    )
    return items
  } finally {
    await views.close()
  }
}

async function storedVolumes(dataDir: string): Promise<ReadonlySet<string>> {
  const stored = new Set<string>()
  const reader = openJournalReader(journalFile(dataDir, 'bulk'))
  for (let after = 0; ; ) {
    const records = await reader.readAfter(after, 10_000)
    if (records.length === 0) break
    after = records.at(-1)?.seq ?? after
    for (const { kind, deviceId, payload } of records)
      if (kind === 'telemetry')
        stored.add(`${deviceId} ${(JSON.parse(Buffer.from(payload).toString()) as { volume: number }).volume}`)
  }
  await reader.close()
  return stored
}
