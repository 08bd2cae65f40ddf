import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../sqlite.ts'
import { journalSuite } from './port.suite.ts'
import { JournalDamaged, type JournalWriter } from './port.ts'
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

describe('a disk that refuses', () => {
  let dir: string
  let file: string
  let writer: JournalWriter
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'hydrant-journal-'))
    file = join(dir, 'journal.db')
    writer = await openJournalWriter(file)
  })
  afterEach(async () => {
    await writer.close()
    rmSync(dir, { recursive: true })
  })
  const append = (text: string): Promise<void> =>
    new Promise((resolve, reject) =>
      writer.append('telemetry', 'm', '', 1, Buffer.from(text), (error) => (error ? reject(error) : resolve())),
    )

  test('what cannot be stored is not acknowledged, and when there is room again the next one is', async () => {
    await append('before')
    const db = openDatabase(file, { durability: 'FULL' })
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON batch BEGIN SELECT raise(ABORT, 'database or disk is full'); END`)
    const refused = await Promise.allSettled([append('lost 1'), append('lost 2')])
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(writer.pendingBytes).toBe(0)
    db.exec('DROP TRIGGER full')
    db.close()
    await append('after')
    const reader = openJournalReader(file)
    const stored = await reader.readAfter(0, 10)
    expect(stored.map(({ seq, payload }) => `${seq} ${Buffer.from(payload)}`)).toEqual(['1 before', '2 after'])
    await reader.close()
  })

  test('a writer that meets a record of another one is refused once, then goes on behind it', async () => {
    const other = await openJournalWriter(file)
    await append('mine')
    const appendToOther = (text: string): Promise<void> =>
      new Promise((resolve, reject) =>
        other.append('telemetry', 'm', '', 1, Buffer.from(text), (error) => (error ? reject(error) : resolve())),
      )
    await expect(appendToOther('refused')).rejects.toThrow(/UNIQUE/)
    await appendToOther('behind')
    await other.close()
    const reader = openJournalReader(file)
    const stored = await reader.readAfter(0, 10)
    expect(stored.map(({ seq, payload }) => `${seq} ${Buffer.from(payload)}`)).toEqual(['1 mine', '2 behind'])
    await reader.close()
  })

  test('when the writer dies everything that waits is refused at once, and nothing counts as waiting', async () => {
    const waiting = [append('a'), append('b')]
    await workerOf(writer).terminate()
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(writer.pendingBytes).toBe(0)
    await expect(append('later')).rejects.toThrow(/stopped/)
    await expect(writer.prune(1)).rejects.toThrow(/stopped/)
  })
})

/** The thread behind a writer: only a test ends it. */
const workerOf = (writer: JournalWriter): Worker => (writer as unknown as { readonly worker: Worker }).worker
