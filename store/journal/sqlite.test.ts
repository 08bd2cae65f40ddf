import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../sqlite.ts'
import { journalSuite } from './port.suite.ts'
import { JournalDamaged } from './port.ts'
import { openJournalReader, openJournalWriter } from './sqlite.ts'

journalSuite('SQLite', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-journal-'))
  const file = join(dir, 'journal.db')
  return {
    openWriter: () => openJournalWriter(file),
    openReader: () => openJournalReader(file),
    remove: async () => rmSync(dir, { recursive: true }),
  }
})

test('a flipped bit in the journal is named, never read as a reading', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydrant-journal-'))
  const file = join(dir, 'journal.db')
  const writer = await openJournalWriter(file)
  const append = (text: string): Promise<void> =>
    new Promise((resolve) => writer.append('telemetry', 'm', '', 1, new TextEncoder().encode(text), () => resolve()))
  await append('good')
  await append('{"smoke":3.1}')
  await append('good again')
  await writer.close()
  const db = openDatabase(file, { durability: 'FULL' })
  db.exec("UPDATE batch SET body = cast(replace(cast(body AS TEXT), '3.1', '0.1') AS BLOB) WHERE last = 2")
  db.exec('UPDATE batch SET crc = crc + 1 WHERE last = 2')
  db.close()
  const reader = openJournalReader(file)
  expect(await reader.readAfter(0, 10)).toHaveLength(1)
  const damage = await reader.readAfter(1, 10).catch((error: unknown) => error)
  expect(damage).toBeInstanceOf(JournalDamaged)
  expect((damage as JournalDamaged).resumeAfter).toBe(2)
  expect(await reader.readAfter(2, 10)).toHaveLength(1)
  await reader.close()
  rmSync(dir, { recursive: true })
})
