import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepSpareRoom, letItShrink, type SpareRoom, usedBytes } from './spare-room.ts'
import { openDatabase } from './sqlite.ts'

const MIB = 1024 * 1024
let dir: string
let file: string
let db: DatabaseSync
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-room-'))
  file = join(dir, 'a.db')
  db = openDatabase(file, { durability: 'FULL' })
  letItShrink(db)
  db.exec('CREATE TABLE spare (room BLOB) STRICT; CREATE TABLE record (body BLOB) STRICT')
})
afterEach(() => {
  db.close()
  rmSync(dir, { recursive: true })
})

const tidy = (room: SpareRoom): number => {
  let steps = 1
  while (keepSpareRoom(db, room)) steps += 1
  return steps
}
const onDisk = (): number => {
  db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  return statSync(file).size + statSync(`${file}-wal`).size
}
const write = (mib: number): void => {
  const insert = db.prepare('INSERT INTO record VALUES (zeroblob(?))')
  for (let n = 0; n < mib; n += 1) insert.run(MIB)
}

test('what is written into spare room takes nothing more from the disk', () => {
  tidy({ least: 8 * MIB, most: 16 * MIB })
  const before = onDisk()
  expect(before).toBeGreaterThan(8 * MIB)
  for (let n = 0; n < 6; n += 1) write(1)
  expect(onDisk()).toBe(before)
})

test('room that was used is taken anew, a step at a time', () => {
  tidy({ least: 4 * MIB, most: 8 * MIB })
  write(3)
  expect(tidy({ least: 4 * MIB, most: 8 * MIB })).toBeGreaterThan(2)
  const before = onDisk()
  write(3)
  expect(onDisk()).toBe(before)
})

test('what pruning has freed goes back to the disk, but for what may lie fallow', () => {
  write(40)
  db.exec('DELETE FROM record')
  expect(usedBytes(db)).toBeLessThan(MIB)
  expect(tidy({ least: 0, most: 8 * MIB })).toBeGreaterThan(5)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  expect(statSync(file).size).toBeLessThan(9 * MIB)
})

test('a database of an earlier release is made one that can shrink, with all that is in it', () => {
  const old = join(dir, 'old.db')
  const before = new DatabaseSync(old)
  before.exec('CREATE TABLE record (body TEXT) STRICT')
  before.exec("INSERT INTO record VALUES ('kept')")
  before.close()
  const opened = openDatabase(old, { durability: 'FULL' })
  letItShrink(opened)
  expect(opened.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 })
  expect(opened.prepare('SELECT body FROM record').get()).toEqual({ body: 'kept' })
  opened.close()
})
