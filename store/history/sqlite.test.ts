import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../sqlite.ts'
import { historySuite, series } from './port.suite.ts'
import { BLOCKS_BACKWARDS, BLOCKS_OF_DAYS, NEWEST_DAY } from './schema.ts'
import { openHistory, openHistoryReader } from './sqlite.ts'

historySuite('SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-history-'))
  const file = join(dir, 'history.db')
  return {
    openWriter: () => openHistory(file),
    openReader: () => openHistoryReader(file),
    remove: async () => rmSync(dir, { recursive: true }),
  }
})

describe('the history file', () => {
  const DAY = 86_400_000
  let dir: string
  let file: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hydrant-history-'))
    file = join(dir, 'history.db')
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const rows = <T>(sql: string): T[] => {
    const db = openDatabase(file, { durability: 'NORMAL', readOnly: true })
    try {
      return db.prepare(sql).all() as T[]
    } finally {
      db.close()
    }
  }

  test("a meter's quarter-hours with litre steps take at most 2.6 bytes each, keys and index included", async () => {
    const history = await openHistory(file)
    const use = Array.from({ length: 96 }, (_, i) => (i % 3 === 0 ? i % 40 : 0))
    const soFar = use.map((_, i) => use.slice(0, i + 1).reduce((sum, litres) => sum + litres))
    const aDay = soFar.at(-1) as number
    for (let day = 0; day < 30; day++) {
      const messages = Array.from({ length: 100 }, (_, meter) => {
        const register = meter * 1_234_567 + day * aDay
        return {
          deviceId: `meter-${meter}`,
          readings: series(
            day * DAY,
            900_000,
            soFar.map((litres) => (register + litres) / 1000),
          ),
        }
      })
      await history.write(messages)
    }
    await history.close()
    const [size] = rows<{ bytes: number }>(
      'SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS bytes',
    )
    expect((size?.bytes ?? Number.NaN) / (30 * 100 * 96)).toBeLessThanOrEqual(2.6)
  })

  test('single readings gather in rows instead of taking one each', async () => {
    const history = await openHistory(file)
    for (let i = 0; i < 1000; i++) await history.write([{ deviceId: 's', readings: series(i * 10_000, 0, [i], 'co') }])
    await history.close()
    expect(rows<{ n: number }>('SELECT count(*) AS n FROM block')).toEqual([{ n: 4 }])
  })

  test('a retry that brings nothing new writes nothing', async () => {
    const history = await openHistory(file)
    const message = { deviceId: 'm', readings: series(0, 900_000, [1, 2, 3, 4]) }
    await history.write([message])
    const before = rows('SELECT * FROM block')
    await history.write([message])
    await history.write([{ deviceId: 'm', readings: series(900_000, 900_000, [2, 3]) }])
    expect(rows('SELECT * FROM block')).toEqual(before)
    await history.close()
  })

  test('rows of a device never overlap, so that reading needs no merging', async () => {
    const history = await openHistory(file)
    for (let i = 0; i < 200; i++) {
      const from = ((i * 7919) % 400) * 900_000
      await history.write([
        { deviceId: 'm', readings: series(from, 900_000, [i, i + 1, null, i + 3].slice(0, 1 + (i % 4))) },
      ])
    }
    await history.close()
    const spans = rows<{ start_at: number; end_at: number }>('SELECT start_at, end_at FROM block ORDER BY start_at')
    expect(spans.length).toBeGreaterThan(1)
    for (let i = 1; i < spans.length; i++)
      expect(spans[i]?.start_at).toBeGreaterThan(spans[i - 1]?.end_at ?? Number.NaN)
  })

  test('a write that cannot be stored is refused, and the next one is stored whole', async () => {
    const history = await openHistory(file)
    await history.write([{ deviceId: 'm', readings: series(0, 1000, [1]) }])
    const blocker = openDatabase(file, { durability: 'FULL' })
    blocker.exec("CREATE TRIGGER full BEFORE INSERT ON block BEGIN SELECT raise(ABORT, 'disk is full'); END")
    const far = { deviceId: 'm', readings: series(30 * DAY, 1000, [2]) }
    await expect(history.write([{ deviceId: 'new', readings: far.readings }, far])).rejects.toThrow('disk is full')
    blocker.exec('DROP TRIGGER full')
    blocker.close()
    await history.write([far, { deviceId: 'new', readings: far.readings }])
    expect((await history.range('m', 0, Infinity, 10)).at).toEqual([0, 30 * DAY])
    expect((await history.range('new', 0, Infinity, 10)).at).toEqual([30 * DAY])
    await history.close()
  })

  test('after closing nothing is accepted any more', async () => {
    const history = await openHistory(file)
    await history.close()
    await expect(history.write([{ deviceId: 'm', readings: series(0, 1, [1]) }])).rejects.toThrow(/closed/)
  })

  test('a file that a newer Hydrant wrote is refused in plain words', async () => {
    await (await openHistory(file)).close()
    const db = openDatabase(file, { durability: 'FULL' })
    db.exec('PRAGMA user_version = 99')
    db.close()
    await expect(openHistory(file)).rejects.toThrow(/newer Hydrant/)
  })

  test('messages out of order in themselves, with times between milliseconds or without a reading, hold up nothing', async () => {
    const history = await openHistory(file)
    await history.write([
      { deviceId: 'm', readings: { at: [3000, 1000.4, 1000.6], fields: [{ quantity: 'co', values: [3, 1, 2] }] } },
      { deviceId: 'm', readings: { at: [Number.NaN], fields: [{ quantity: 'co', values: [9] }] } },
      { deviceId: 'm', readings: { at: [], fields: [] } },
      { deviceId: 'm', readings: { at: [5000], fields: [{ quantity: 'co', values: [null] }] } },
    ])
    const { at, fields } = await history.range('m', 0, Infinity, 10)
    expect([at, fields.get('co')]).toEqual([
      [1000, 1001, 3000],
      [1, 2, 3],
    ])
    await history.close()
  })

  test('every search is a seek in the index, never a scan of all meters', async () => {
    await (await openHistory(file)).close()
    const db = openDatabase(file, { durability: 'NORMAL', readOnly: true })
    for (const [sql, ...args] of [
      [BLOCKS_OF_DAYS, 0, 1, 1, 1, 1],
      [BLOCKS_BACKWARDS, 1, 0, 1],
      [NEWEST_DAY],
    ] as const) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...args) as unknown as { detail: string }[]
      const details = plan.map((step) => step.detail)
      expect(details.filter((detail) => /block/.test(detail))).toEqual([expect.stringContaining('block_by_day')])
      expect(details.filter((detail) => /TEMP B-TREE/.test(detail))).toEqual([])
    }
    db.close()
  })
})
