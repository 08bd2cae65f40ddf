import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../sqlite.ts'
import { NO_DECISION } from './decisions-port.ts'
import { SqliteDecisions } from './sqlite/decisions.ts'
import { openState } from './sqlite/open.ts'
import {
  openAccounts,
  openAlone,
  openChannels,
  openDecisions,
  openDownlink,
  openHazards,
  openHomes,
  openOutbox,
  openRegistry,
  openResidents,
  openRoleMetrics,
  openTopology,
  openViews,
  openWorkOrders,
  openZones,
} from './sqlite.ts'
import { stateSuite } from './state.suite.ts'

stateSuite('SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-state-'))
  const file = join(dir, 'state.db')
  return {
    registry: () => openRegistry(file),
    decisions: () => openDecisions(file),
    views: () => openViews(file),
    accounts: () => openAccounts(file),
    residents: () => openResidents(file),
    alone: () => openAlone(file),
    homes: () => openHomes(file),
    hazards: () => openHazards(file),
    workOrders: () => openWorkOrders(file),
    roleMetrics: () => openRoleMetrics(file),
    downlink: () => openDownlink(file),
    channels: () => openChannels(file),
    outbox: () => openOutbox(file),
    topology: () => openTopology(file),
    zones: () => openZones(file),
    remove: async () => rmSync(dir, { recursive: true }),
  }
})

describe('the state file', () => {
  let dir: string
  let file: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hydrant-state-'))
    file = join(dir, 'state.db')
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  test('roles that start together on a new machine all find the same database', async () => {
    const role = `
      import { NO_DECISION } from ${JSON.stringify(new URL('./decisions-port.ts', import.meta.url).href)}
      import { openDecisions, openRegistry, openRoleMetrics } from ${JSON.stringify(new URL('./sqlite.ts', import.meta.url).href)}
      const decisions = openDecisions(${JSON.stringify(file)})
      const registry = openRegistry(${JSON.stringify(file)})
      const metrics = openRoleMetrics(${JSON.stringify(file)})
      const device = { kind: 'valve', name: '', model: null, placeId: null, gatewayId: null, lon: null, lat: null, rhythmS: null, secretHash: new Uint8Array(32) }
      for (let i = 0; i < 20; i++) {
        await decisions.commit({ ...NO_DECISION, sightings: [{ deviceId: 'd' + i, lastHeardAt: i }], readings: 1 })
        await registry.put([{ ...device, id: process.pid + '-' + i }], { replace: false })
        await metrics.publish('broker', i, { a: i })
      }`
    const run = (): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [
          '--disable-warning=ExperimentalWarning',
          '--input-type=module',
          '-e',
          role,
        ])
        let said = ''
        child.stderr.on('data', (data: Buffer) => {
          said += data.toString()
        })
        child.on('exit', (code) => resolve(`${code} ${said}`))
      })
    expect(await Promise.all([run(), run(), run()])).toEqual(['0 ', '0 ', '0 '])
    const views = openViews(file)
    const registry = openRegistry(file)
    expect((await views.totals()).readings).toBe(60)
    expect(await views.lastRev()).toBe(60)
    expect(await registry.count()).toBe(60)
    await views.close()
    await registry.close()
  })

  test('only its owner may read it', () => {
    openState(file, 'FULL').close()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('the state of a newer Hydrant is refused with what to do', () => {
    const db = openDatabase(file, { durability: 'FULL' })
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => openRegistry(file)).toThrow(/newer Hydrant.*Start the newer version/)
  })

  test('the console cannot write where it only looks', async () => {
    const db = openState(file, 'NORMAL')
    const { SqliteViews } = await import('./sqlite/views.ts')
    const views = new SqliteViews(db)
    expect(() => db.exec('UPDATE counter SET value = 1')).toThrow()
    await views.close()
  })

  test('a device that sends nonsense for a year keeps the quarantine at its bounds, and the dropping is counted', async () => {
    const decisions = new SqliteDecisions(openState(file, 'NORMAL'), {
      quarantineRows: 3,
      quarantineBytes: 250,
      rejectionRows: 10,
    })
    const views = openViews(file)
    const send = (journalSeq: number, size: number): Promise<number> =>
      decisions.commit({
        ...NO_DECISION,
        quarantine: [
          {
            at: journalSeq,
            deviceId: 'd1',
            lane: 'bulk',
            journalSeq,
            kind: 'telemetry',
            sender: 'd1',
            arg: '',
            topic: 't',
            reason: 'payload.not-json',
            detail: '',
            bytes: new Uint8Array(size),
          },
        ],
      })
    const sizes = async (): Promise<number[]> => (await views.quarantine({ limit: 9 })).items.map((i) => i.size)
    for (const [i, size] of [10, 20, 30, 40].entries()) await send(i, size)
    expect(await sizes()).toEqual([40, 30, 20])
    await send(4, 200)
    expect(await sizes()).toEqual([200, 40])
    expect(await views.roleMetrics()).toEqual([{ role: 'ingest', name: 'quarantine_dropped_total', value: 3, at: 4 }])
    await decisions.close()
    await views.close()
  })

  test('a stranger who knocks under ever new names does not fill the disk, and no knock goes uncounted', async () => {
    const decisions = new SqliteDecisions(openState(file, 'NORMAL'), {
      quarantineRows: 3,
      quarantineBytes: 250,
      rejectionRows: 10,
    })
    const views = openViews(file)
    for (let i = 1; i <= 100; i += 1) {
      await decisions.commit({
        ...NO_DECISION,
        rejections: [{ reason: 'auth.unknown-or-wrong', deviceId: `s${i}`, at: i, count: 2, detail: `knock ${i}` }],
      })
    }
    const rows = await views.rejections(1000)
    expect(rows.length).toBeLessThanOrEqual(10)
    expect(rows[0]).toMatchObject({ deviceId: 's100', count: 2 })
    expect(rows.find((row) => row.deviceId === '')).toMatchObject({ firstAt: 1 })
    expect(await views.rejectionTotals()).toEqual(new Map([['auth.unknown-or-wrong', 200]]))
    await decisions.close()
    await views.close()
  })

  test('the audit only grows: no statement changes, removes or replaces what stands in it', async () => {
    const accounts = openAccounts(file)
    await accounts.audit({ at: 1, actor: 'eve', action: 'user.add', target: 'mallory', detail: '' })
    const db = openDatabase(file, { durability: 'FULL' })
    for (const statement of [
      "UPDATE audit SET actor = 'adam'",
      'DELETE FROM audit',
      "INSERT OR REPLACE INTO audit VALUES (1, 1, 'adam', 'user.add', 'mallory', '')",
      "UPDATE OR REPLACE audit SET id = 9 WHERE actor = 'eve'",
    ])
      expect(() => db.exec(statement), statement).toThrow('the audit is append-only')
    db.close()
    expect((await accounts.auditEntries({ limit: 10 })).items).toEqual([
      { id: 1, at: 1, actor: 'eve', action: 'user.add', target: 'mallory', detail: '' },
    ])
    await accounts.close()
  })

  test('a lock that somebody else holds is told apart from a decision that cannot be stored', async () => {
    const busy = openState(file, 'NORMAL')
    const db = openState(file, 'NORMAL')
    db.exec('PRAGMA busy_timeout = 1')
    const decisions = new SqliteDecisions(db)
    busy.exec('BEGIN IMMEDIATE')
    await expect(decisions.commit(NO_DECISION)).rejects.toMatchObject({ name: 'StateUnavailable' })
    busy.exec('ROLLBACK')
    busy.close()
    await expect(decisions.commit(NO_DECISION)).resolves.toBe(0)
    await decisions.close()
  })
})
