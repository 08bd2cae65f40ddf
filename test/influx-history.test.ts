import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasInfluxd, type Influxd, startInfluxd } from '../bench/influxd.ts'
import { runCommand } from '../bench/system.ts'
import type { Readings } from '../contract/readings.ts'
import { historyFile, stateFile } from '../store/files.ts'
import { type InfluxHistory, openInfluxHistory } from '../store/history/influx/history.ts'
import { historySuite, series } from '../store/history/port.suite.ts'
import { openHistory } from '../store/history/sqlite.ts'
import { openRegistry } from '../store/state/sqlite.ts'

/** The history in a real InfluxDB: Debian's package `influxdb`, version 1.6. */

const isCi = process.env.CI === 'true'
const HOUR = 3_600_000
/** 2024-11-20 16:00 UTC: midnight in Liaocheng. */
const MIDNIGHT = 1_732_118_400_000

describe.skipIf(!hasInfluxd() && !isCi)('with a real InfluxDB 1.6', () => {
  let influxd: Influxd
  const freshBucket = (): string => `hydrant ${randomBytes(6).toString('hex')}`
  const open = (bucket: string, token?: string, url = influxd.url): InfluxHistory =>
    openInfluxHistory({ url, token, org: '', bucket })

  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd?.remove())

  historySuite('InfluxDB 1.6', () => {
    const bucket = freshBucket()
    return {
      openWriter: async () => open(bucket),
      openReader: () => open(bucket),
      remove: async () => void (await influxd.query('', `DROP DATABASE "${bucket}"`)),
    }
  })

  it('a quantity that another program wrote as words is refused; everything beside it is stored', async () => {
    const bucket = freshBucket()
    await influxd.query('', `CREATE DATABASE "${bucket}"`)
    const foreign = await fetch(`${influxd.url}/write?db=${encodeURIComponent(bucket)}&precision=ms`, {
      method: 'POST',
      body: `reading,device=foreign volume="twelve" ${MIDNIGHT}`,
    })
    expect(foreign.status).toBe(204)
    const history = open(bucket)
    const readings: Readings = {
      at: [MIDNIGHT, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR],
      fields: [
        { quantity: 'volume', values: [1, null, 3] },
        { quantity: 'battery', values: [90, 89, 88] },
      ],
    }
    const refused = await history.write([
      { deviceId: 'meter-1', kind: 'water-meter', readings },
      { deviceId: 'sensor-1', kind: 'temperature-sensor', readings: series(MIDNIGHT, HOUR, [20, 21], 'temperature') },
    ])
    expect(refused.map(({ deviceId, quantity, at, reason }) => [deviceId, quantity, at, reason])).toEqual([
      ['meter-1', 'volume', MIDNIGHT, 'history.type-conflict'],
      ['meter-1', 'volume', MIDNIGHT + 2 * HOUR, 'history.type-conflict'],
    ])
    expect(await influxd.count(bucket)).toMatchObject({ volume: 1, battery: 3, temperature: 2 })
    await history.close()
  })

  it('readings older than the retention are refused once, newer ones of the same upload stored', async () => {
    const bucket = freshBucket()
    await influxd.query('', `CREATE DATABASE "${bucket}" WITH DURATION 30d`)
    const history = open(bucket)
    const now = Date.now()
    const refused = await history.write([
      { deviceId: 'meter-1', kind: 'water-meter', readings: series(now - 40 * 24 * HOUR, HOUR, [1, 2, 3]) },
      { deviceId: 'meter-1', kind: 'water-meter', readings: series(now - HOUR, HOUR, [4, 5]) },
    ])
    expect(refused.map(({ reason }) => reason)).toEqual(Array(3).fill('history.beyond-retention'))
    expect(await influxd.count(bucket)).toEqual({ volume: 2 })
    await history.close()
  })

  it('a wrong password is told as one, the right one may write, and neither is printed', async () => {
    const guarded = await startInfluxd({ auth: true })
    try {
      await guarded.query('', "CREATE USER hydrant WITH PASSWORD 'o:pen' WITH ALL PRIVILEGES")
      const wrong = open('city', 'hydrant:shut', guarded.url)
      const message = { deviceId: 'meter-1', readings: series(MIDNIGHT, HOUR, [1]) }
      const error = String(await wrong.write([message]).catch((thrown: unknown) => thrown))
      expect(error).toContain('InfluxDB refuses the token (authorization failed): check HYDRANT_INFLUX_TOKEN')
      expect(error).not.toContain('shut')
      await expect(wrong.latest('meter-1')).rejects.toThrow('InfluxDB refuses the token')
      await wrong.close()
      const right = open('city', 'hydrant:o:pen', guarded.url)
      expect(await right.write([message])).toEqual([])
      expect((await right.latest('meter-1')).get('volume')?.value).toBe(1)
      await right.close()
    } finally {
      await guarded.remove()
    }
  })

  describe('hydrant migrate-history', () => {
    const dir = mkdtempSync(join(tmpdir(), 'hydrant-migrate-'))
    afterAll(() => rmSync(dir, { recursive: true, force: true }))
    const migrate = (bucket: string, ...args: string[]) =>
      runCommand(process.execPath, [join(import.meta.dirname, '../cli/hydrant.ts'), 'migrate-history', ...args], {
        ...process.env,
        HYDRANT_DATA_DIR: dir,
        HYDRANT_INFLUX_URL: influxd.url,
        HYDRANT_INFLUX_BUCKET: bucket,
      })

    it('moves every reading with its kind, counts both sides, and does nothing the second time', async () => {
      const registry = openRegistry(stateFile(dir))
      const facts = { model: null, placeId: null, gatewayId: null, lon: null, lat: null, rhythmS: null }
      const devices = Array.from({ length: 230 }, (_, i) => `meter-${i}`)
      await registry.put(
        // The last one has been removed since: its past has no kind.
        devices
          .slice(0, -1)
          .map((id) => ({ ...facts, id, kind: 'water-meter', name: id, secretHash: new Uint8Array(32) })),
        { replace: true },
      )
      await registry.close()
      const embedded = await openHistory(historyFile(dir))
      await embedded.write(
        devices.map((deviceId, i) => ({ deviceId, readings: series(MIDNIGHT, HOUR, [i, i + 1, null, i + 2]) })),
      )
      await embedded.write([{ deviceId: 'meter-7', readings: series(MIDNIGHT, HOUR, [['leak'], []], 'flags') }])
      await embedded.close()

      const bucket = freshBucket()
      const first = await migrate(bucket)
      expect(first.code, first.stderr).toBe(0)
      expect(first.stdout).toMatch(/Register +690 +690/)
      expect(first.stdout).toContain('All 692 readings of 230 devices are in InfluxDB.')
      expect(first.stdout).toContain('Set HYDRANT_HISTORY=influx')
      expect(await influxd.count(bucket)).toEqual({ volume: 690, flags: 2 })
      expect(await influxd.query(bucket, `SHOW SERIES WHERE "kind" = 'water-meter'`)).toHaveLength(229)
      const history = open(bucket)
      expect((await history.range('meter-7', 0, MIDNIGHT * 2, 10)).fields.get('flags')).toEqual([['leak'], [], null])
      await history.close()

      const second = await migrate(bucket)
      expect(second.stdout).toContain('Going on after 230 devices')
      expect(second.stdout).toContain('All 692 readings of 230 devices are in InfluxDB.')
      expect((await migrate(bucket, '--again')).code).toBe(0)
      expect(await influxd.count(bucket)).toEqual({ volume: 690, flags: 2 })
    })

    it('says where to, where it was not told', async () => {
      const { code, stderr } = await runCommand(
        process.execPath,
        [join(import.meta.dirname, '../cli/hydrant.ts'), 'migrate-history'],
        { ...process.env, HYDRANT_DATA_DIR: dir },
      )
      expect([code, stderr]).toEqual([2, expect.stringContaining('Set HYDRANT_INFLUX_URL and HYDRANT_INFLUX_BUCKET')])
    })
  })
})
