import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../sqlite.ts'
import { frameSize, writeFrame } from './frame.ts'
import { journalSuite } from './port.suite.ts'
import { JournalDamaged, type JournalWriter } from './port.ts'
import { JOURNAL_SCHEMA } from './schema.ts'
import { openJournalReader, openJournalWriter } from './sqlite.ts'

const PAGE = 4096

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

  test('when the writer dies everything that waits is refused at once, and the next is stored again without a restart', async () => {
    await append('before')
    const waiting = [append('a'), append('b')]
    await workerOf(writer).terminate()
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(writer.pendingBytes).toBe(0)
    await expect(append('at once')).rejects.toThrow(/stopped/)
    await expect(writer.prune(1)).rejects.toThrow(/stopped/)
    while ((await append('again').catch((error: Error) => error)) !== undefined)
      await new Promise((resolve) => setTimeout(resolve, 5))
    const reader = openJournalReader(file)
    const stored = await reader.readAfter(0, 10)
    expect(stored[0]?.seq).toBe(1)
    expect(Buffer.from(stored.at(-1)?.payload ?? []).toString()).toBe('again')
    await reader.close()
  })
})

describe('a file that is not what it was', () => {
  let dir: string
  let file: string
  let lost: string[]
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'hydrant-journal-'))
    file = join(dir, 'journal.db')
    lost = []
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const open = (startAfter: number): Promise<JournalWriter> =>
    openJournalWriter(file, { startAfter: async () => startAfter, onLost: (what) => lost.push(what) })
  const append = (writer: JournalWriter, text: string): Promise<void> =>
    new Promise((resolve, reject) =>
      writer.append('telemetry', 'm', '', 1, Buffer.from(text), (error) => (error ? reject(error) : resolve())),
    )
  const texts = async (after: number): Promise<readonly string[]> => {
    const reader = openJournalReader(file)
    const records = await reader.readAfter(after, 100)
    await reader.close()
    return records.map(({ seq, payload }) => `${seq} ${Buffer.from(payload)}`)
  }

  test('a new journal beside a state that has read one goes on behind it: no cursor skips a fire', async () => {
    const writer = await open(500)
    await append(writer, 'fire')
    await writer.close()
    expect(await texts(500)).toEqual(['501 fire'])
    expect(lost).toEqual([expect.stringMatching(/ends at record 0, but 500 was read already/)])
  })

  test('a file of garbage is put aside under another name, and nothing of it is deleted', async () => {
    writeFileSync(file, Buffer.alloc(8192, 'garbage '))
    const writer = await open(7)
    await append(writer, 'fire')
    await writer.close()
    expect(await texts(7)).toEqual(['8 fire'])
    expect(readFileSync(`${file}.damaged-1`).length).toBe(8192)
    expect(lost).toEqual([expect.stringMatching(/is damaged.*lies in .*damaged-1 now/)])
  })

  test('a file that breaks while it is written is put aside too, and a reader follows to the new one', async () => {
    const writer = await open(0)
    await append(writer, 'before')
    const reader = openJournalReader(file)
    expect(await reader.readAfter(0, 10)).toHaveLength(1)
    // Every page but the first; what the writer has in memory does not save it.
    const db = openDatabase(file, { durability: 'FULL' })
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xff, PAGE))
    // Touches the first page only; the writer then trusts nothing that it has in memory.
    db.exec('PRAGMA user_version = 2')
    db.close()
    await append(writer, 'fire')
    expect(lost).toEqual([expect.stringMatching(/damaged.*a new one has been begun behind record 1/)])
    await writer.close()
    expect(await texts(1)).toEqual(['2 fire'])
    const giveUpAt = performance.now() + 5000
    let read: readonly unknown[] = []
    while (read.length === 0 && performance.now() < giveUpAt) {
      // What it has open is the broken file, which it says until it looks again.
      read = await reader.readAfter(1, 10).catch(() => [])
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(read).toHaveLength(1)
    await reader.close()
  })

  test('a page that breaks in the middle is named, and what lies behind it is read', async () => {
    const writer = await open(0)
    for (let n = 1; n <= 60; n += 1) await append(writer, `${n} ${'x'.repeat(3000)}`)
    await writer.close()
    const bytes = readFileSync(file)
    const at = bytes.indexOf(Buffer.from('30 xxx'))
    const page = Math.floor(at / PAGE) * PAGE
    bytes.fill(0xff, page, page + 16)
    writeFileSync(file, bytes)
    const reader = openJournalReader(file)
    const seen: number[] = []
    let damage: JournalDamaged | undefined
    for (let after = 0; after < 60; ) {
      const records = await reader.readAfter(after, 1).catch((error: JournalDamaged) => {
        damage = error
        return error
      })
      if (records instanceof JournalDamaged) after = records.resumeAfter
      else {
        seen.push(...records.map(({ seq }) => seq))
        after = seen.at(-1) ?? 60
      }
    }
    expect(damage?.message).toMatch(/do not check/)
    expect(seen.at(0)).toBe(1)
    expect(seen.at(-1)).toBe(60)
    expect(seen.length).toBeGreaterThan(50)
    await reader.close()
  })

  test('what a newer Hydrant wrote is left alone, with a sentence', async () => {
    await (await open(0)).close()
    const db = openDatabase(file, { durability: 'FULL' })
    db.exec('PRAGMA user_version = 99')
    db.close()
    await expect(open(0)).rejects.toThrow(/written by a newer Hydrant.*Start the newer version/)
    expect(readdirSync(dir).some((name) => name.includes('damaged'))).toBe(false)
  })

  test('a journal of the first release goes on, and can be made shorter', async () => {
    const db = openDatabase(file, { durability: 'FULL' })
    db.exec(JOURNAL_SCHEMA[0] as string)
    db.exec('PRAGMA user_version = 1')
    const body = Buffer.alloc(frameSize('m', '', Buffer.from('old')))
    writeFrame(body, 0, 'telemetry', 'm', '', 1, Buffer.from('old'))
    db.prepare('INSERT INTO batch VALUES (1, 1, ?, ?)').run(crc32(body), body)
    db.close()
    const writer = await open(0)
    await append(writer, 'new')
    while (await writer.tidy({ least: 2 ** 20, most: 2 ** 21 }));
    await writer.close()
    expect(await texts(0)).toEqual(['1 old', '2 new'])
    expect(lost).toEqual([])
  })
})

/** The thread behind a writer: only a test ends it. */
const workerOf = (writer: JournalWriter): Worker => (writer as unknown as { readonly worker: Worker }).worker
