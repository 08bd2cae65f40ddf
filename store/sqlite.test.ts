import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolder } from './files.ts'
import { openDatabase, transaction } from './sqlite.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-store-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('a commit that the disk or a rule refuses leaves the way open for the next', () => {
  const db = openDatabase(join(dir, 'a.db'), { durability: 'FULL' })
  // A deferred rule is looked at by COMMIT itself, which then fails with the transaction still open.
  db.exec(`CREATE TABLE home (id INTEGER PRIMARY KEY);
    CREATE TABLE meter (home INTEGER REFERENCES home (id) DEFERRABLE INITIALLY DEFERRED)`)
  expect(() => transaction(db, () => db.exec('INSERT INTO meter VALUES (7)'))).toThrow(/FOREIGN KEY/)
  transaction(db, () => db.exec('INSERT INTO home VALUES (7); INSERT INTO meter VALUES (7)'))
  expect(db.prepare('SELECT home FROM meter').all()).toEqual([{ home: 7 }])
  db.close()
})

test('the data folder is made with those above it, for its owner only', () => {
  makeFolder(join(dir, 'a', 'b'))
  makeFolder(join(dir, 'a', 'b'))
  for (const made of [join(dir, 'a'), join(dir, 'a', 'b')]) expect(statSync(made).mode & 0o777).toBe(0o700)
})

test('a data folder that cannot be made is said, not tried for ever', () => {
  writeFileSync(join(dir, 'file'), '')
  expect(() => makeFolder(join(dir, 'file', 'data'))).toThrow(/ENOTDIR|EEXIST/)
  expect(() => makeFolder('/proc/hydrant/data')).toThrow(/ENOENT/)
})
