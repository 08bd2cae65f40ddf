import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JournalReader, JournalWriter } from '../store/journal/port.ts'
import { openJournalReader, openJournalWriter } from '../store/journal/sqlite.ts'
import { pruneLane } from './prune.ts'

const HOUR = 3_600_000
let dir: string
let writer: JournalWriter
let reader: JournalReader

/** Twenty hours of a journal, one record an hour: record n arrived at n hours. */
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hydrant-prune-'))
  const file = join(dir, 'journal.db')
  writer = await openJournalWriter(file)
  for (let hour = 1; hour <= 20; hour++)
    await new Promise<void>((resolve) =>
      writer.append('telemetry', 'meter-1', '', hour * HOUR, Buffer.from('{}'), () => resolve()),
    )
  reader = openJournalReader(file)
})
afterEach(async () => {
  await reader.close()
  await writer.close()
  rmSync(dir, { recursive: true })
})

const prune = (readThrough: number, cutoffHour: number): Promise<number> =>
  pruneLane({ reader, prune: (seq) => writer.prune(seq) }, readThrough, cutoffHour * HOUR)

test('goes as far as it is old and every cursor has read', async () => {
  expect(await prune(20, 8)).toBe(7)
  expect(await reader.tail()).toBe(8)
  expect(await prune(10, 100)).toBe(3)
  expect(await reader.tail()).toBe(11)
})

test('what the slower cursor has not read stays, however old', async () => {
  expect(await prune(0, 100)).toBe(0)
  expect(await reader.tail()).toBe(1)
})

test('what is young stays, however often it was read', async () => {
  expect(await prune(20, 1)).toBe(0)
  expect(await reader.tail()).toBe(1)
})

test('everything may go, and then there is nothing to do', async () => {
  expect(await prune(20, 100)).toBe(20)
  expect(await prune(20, 100)).toBe(0)
  expect(await reader.head()).toBe(20)
})
