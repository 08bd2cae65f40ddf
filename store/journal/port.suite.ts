import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalReader, JournalRecord, JournalWriter } from './port.ts'

export interface JournalUnderTest {
  openWriter(): Promise<JournalWriter>
  openReader(): JournalReader
  remove(): Promise<void>
}

/** What every journal adapter must hold. `make` gives a new, empty journal. */
export function journalSuite(name: string, make: () => JournalUnderTest): void {
  describe(`the journal keeps its promise (${name})`, () => {
    let journal: JournalUnderTest
    beforeEach(() => {
      journal = make()
    })
    afterEach(() => journal.remove())

    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    const append = (writer: JournalWriter, deviceId: string, text: string): Promise<void> =>
      new Promise((resolve, reject) =>
        writer.append('telemetry', deviceId, '', 1_000, bytes(text), (error) => (error ? reject(error) : resolve())),
      )
    const brief = (records: readonly JournalRecord[]): string[] =>
      records.map(
        (r) => `${r.seq} ${r.kind} ${r.deviceId} ${r.arg} ${r.arrivedAt} ${new TextDecoder().decode(r.payload)}`,
      )

    test('a reader that starts before the first publish finds an empty journal', async () => {
      const reader = journal.openReader()
      expect(await reader.readAfter(0, 10)).toEqual([])
      expect(await reader.head()).toBe(0)
      await reader.close()
    })

    test('what was acknowledged is read back whole, in order, by number', async () => {
      const writer = await journal.openWriter()
      await Promise.all([append(writer, 'meter-1', '{"volume":1}'), append(writer, 'meter-2', '{"volume":2}')])
      await new Promise<void>((resolve) =>
        writer.append('raw', 'meter-3', 'cjt188', 2_000, new Uint8Array([0x68, 0xff, 0]), () => resolve()),
      )
      const reader = journal.openReader()
      const records = await reader.readAfter(0, 10)
      expect(brief(records.slice(0, 2))).toEqual([
        '1 telemetry meter-1  1000 {"volume":1}',
        '2 telemetry meter-2  1000 {"volume":2}',
      ])
      expect(records[2]).toMatchObject({ seq: 3, kind: 'raw', deviceId: 'meter-3', arg: 'cjt188', arrivedAt: 2000 })
      expect([...(records[2] as JournalRecord).payload]).toEqual([0x68, 0xff, 0])
      await reader.close()
      await writer.close()
    })

    test('a reader goes on from its cursor, also in the middle of a commit group', async () => {
      const writer = await journal.openWriter()
      await Promise.all(Array.from({ length: 50 }, (_, i) => append(writer, `meter-${i}`, `${i}`)))
      const reader = journal.openReader()
      expect((await reader.readAfter(17, 1000)).map((r) => r.seq)).toEqual(Array.from({ length: 33 }, (_, i) => i + 18))
      expect(await reader.readAfter(50, 1000)).toEqual([])
      await append(writer, 'meter-50', 'later')
      expect((await reader.readAfter(50, 1000)).map((r) => r.deviceId)).toEqual(['meter-50'])
      await reader.close()
      await writer.close()
    })

    test('acknowledgements come in the order of the publishes', async () => {
      const writer = await journal.openWriter()
      const order: number[] = []
      await Promise.all(
        Array.from({ length: 500 }, (_, i) =>
          append(writer, 'm', 'x'.repeat(i % 7 === 0 ? 60_000 : 10)).then(() => order.push(i)),
        ),
      )
      expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i))
      expect(writer.pendingBytes).toBe(0)
      await writer.close()
      const reader = journal.openReader()
      const first = await reader.readAfter(0, 10_000)
      expect(first).toHaveLength(500)
      await reader.close()
    })

    test('numbers go on after a restart, and after everything has been pruned', async () => {
      const first = await journal.openWriter()
      await append(first, 'm', 'a')
      await append(first, 'm', 'b')
      expect(await first.prune(2)).toBe(2)
      await first.close()
      const second = await journal.openWriter()
      await append(second, 'm', 'c')
      const reader = journal.openReader()
      expect(brief(await reader.readAfter(2, 10))).toEqual(['3 telemetry m  1000 c'])
      expect(await reader.head()).toBe(3)
      expect(await reader.tail()).toBe(3)
      await reader.close()
      await second.close()
    })

    test('closing stores what is still pending', async () => {
      const writer = await journal.openWriter()
      const pending = Array.from({ length: 20 }, (_, i) => append(writer, 'm', `${i}`))
      await writer.close()
      await Promise.all(pending)
      const reader = journal.openReader()
      expect(await reader.head()).toBe(20)
      await reader.close()
    })

    test('after closing nothing is accepted any more', async () => {
      const writer = await journal.openWriter()
      await writer.close()
      await expect(append(writer, 'm', 'late')).rejects.toThrow(/closed|stopped/)
    })

    test('what comes while it closes is stored or refused, never left without an answer', async () => {
      const writer = await journal.openWriter()
      const before = append(writer, 'm', 'before')
      const closing = Promise.all([writer.close(), writer.close()])
      const after = append(writer, 'm', 'after').then(
        () => 'stored',
        () => 'refused',
      )
      await Promise.all([before, closing])
      const reader = journal.openReader()
      expect(await reader.head()).toBe((await after) === 'stored' ? 2 : 1)
      await reader.close()
    })

    test('a reader in the middle of a lane is not disturbed when what it has read is pruned', async () => {
      const writer = await journal.openWriter()
      for (let i = 1; i <= 6; i++) await append(writer, 'm', `${i}`)
      const reader = journal.openReader()
      expect((await reader.readAfter(0, 3)).map((r) => r.seq)).toEqual([1, 2, 3])
      const [read, pruned] = await Promise.all([reader.readAfter(3, 10), writer.prune(3)])
      expect(read.map((r) => r.seq)).toEqual([4, 5, 6])
      expect(pruned).toBe(3)
      expect((await reader.readAfter(3, 10)).map((r) => r.seq)).toEqual([4, 5, 6])
      expect(await reader.tail()).toBe(4)
      await reader.close()
      await writer.close()
    })
  })
}
