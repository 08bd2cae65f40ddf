import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../sqlite.ts'
import { framesBehindBreak } from './log-check.ts'

const FRAME = 24 + 4096
let dir: string
let db: DatabaseSync
let log: string
/** A log of twelve commits, as it lies on disk. */
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-log-'))
  db = openDatabase(join(dir, 'a.db'), { durability: 'FULL' })
  db.exec('CREATE TABLE record (body BLOB) STRICT; PRAGMA wal_checkpoint(TRUNCATE)')
  for (let n = 0; n < 12; n += 1) db.exec('INSERT INTO record VALUES (zeroblob(3000))')
  log = join(dir, 'copy')
  copyFileSync(join(dir, 'a.db-wal'), log)
})
afterEach(() => {
  db.close()
  rmSync(dir, { recursive: true })
})
const flip = (at: number): void => {
  const bytes = readFileSync(log)
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(log, bytes)
}

test('a whole log, an empty one and none at all are in order', () => {
  expect(statSync(log).size).toBeGreaterThan(12 * FRAME)
  expect(framesBehindBreak(log)).toBe(0)
  truncateSync(log, 0)
  expect(framesBehindBreak(log)).toBe(0)
  expect(framesBehindBreak(join(dir, 'none'))).toBe(0)
})

test('a log that was begun anew over an older one is in order', () => {
  db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  db.exec('INSERT INTO record VALUES (zeroblob(3000))')
  expect(framesBehindBreak(join(dir, 'a.db-wal'))).toBe(0)
})

test('a log whose end was cut off in a frame, as a kill leaves it, is in order', () => {
  truncateSync(log, statSync(log).size - 100)
  expect(framesBehindBreak(log)).toBe(0)
})

test('a flipped bit in the middle costs the frames behind it, which is said', () => {
  const frames = (statSync(log).size - 32) / FRAME
  flip(32 + 4 * FRAME + 1000)
  expect(framesBehindBreak(log)).toBe(frames - 4)
})

test('a flipped bit in the header costs the whole log', () => {
  const frames = (statSync(log).size - 32) / FRAME
  flip(17)
  expect(framesBehindBreak(log)).toBe(frames)
})

test('what a transaction left that was given up, as on a full disk, is no loss', () => {
  db.exec('PRAGMA cache_size = 1; BEGIN')
  for (let n = 0; n < 40; n += 1) db.exec('INSERT INTO record VALUES (zeroblob(3000))')
  db.exec('ROLLBACK')
  db.exec('INSERT INTO record VALUES (zeroblob(3000))')
  const live = join(dir, 'a.db-wal')
  expect(statSync(live).size).toBeGreaterThan(40 * FRAME)
  expect(framesBehindBreak(live)).toBe(0)
})
