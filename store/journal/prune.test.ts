import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JournalReader, JournalWriter } from './port.ts'
import { type Keep, pruneLane } from './prune.ts'
import { openJournalReader, openJournalWriter } from './sqlite.ts'

const HOUR = 3_600_000
/** Each a few pages of its own, so that what is taken away is seen. */
const RECORD_BYTES = 20_000
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
      writer.append('telemetry', 'meter-1', '', hour * HOUR, Buffer.alloc(RECORD_BYTES), () => resolve()),
    )
  reader = openJournalReader(file)
})
afterEach(async () => {
  await reader.close()
  await writer.close()
  rmSync(dir, { recursive: true })
})

const prune = (readThrough: number, cutoffHour: number, more: Partial<Keep> = {}): Promise<number> =>
  pruneLane(
    { reader, writer },
    { readThrough, cutoff: cutoffHour * HOUR, maxBytes: Number.POSITIVE_INFINITY, leastCutoff: 0, ...more },
  )

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

test('a lane over its size gives up what was read, however young, but not the last hour', async () => {
  expect(await prune(15, 3, { maxBytes: 50 * RECORD_BYTES, leastCutoff: 19 * HOUR })).toBe(2)
  expect(await prune(15, 3, { maxBytes: 0, leastCutoff: 10 * HOUR })).toBe(7)
  expect(await reader.tail()).toBe(10)
  expect(await prune(15, 3, { maxBytes: 0, leastCutoff: 19 * HOUR })).toBe(6)
  expect(await reader.tail()).toBe(16)
})
