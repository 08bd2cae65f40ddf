import { setTimeout as sleep } from 'node:timers/promises'
import { journalFile } from '../store/files.ts'
import { openJournalReader } from '../store/journal/sqlite.ts'
import type { Views } from '../store/state/views-port.ts'
import type { System } from './system.ts'

const POLL_MS = 50

/** Waits until both cursors have read what the journals hold; throws after `limitMs`. @returns seconds */
export async function caughtUp(system: System, views: Pick<Views, 'cursors'>, limitMs: number): Promise<number> {
  const began = performance.now()
  const lanes = ['urgent', 'bulk', 'operator'] as const
  const journals = lanes.map((lane) => openJournalReader(journalFile(system.dataDir, lane)))
  try {
    for (;;) {
      const heads = new Map<string, number>()
      for (const [i, lane] of lanes.entries()) heads.set(lane, (await journals[i]?.head()) ?? 0)
      const cursors = new Map((await views.cursors()).map(({ cursor, lane, seq }) => [`${cursor} ${lane}`, seq]))
      const behind = ['detect urgent', 'detect bulk', 'detect operator', 'archive urgent', 'archive bulk'].filter(
        (key) => (cursors.get(key) ?? 0) < (heads.get(key.split(' ')[1] as string) ?? 0),
      )
      const waited = performance.now() - began
      if (behind.length === 0) return Math.round(waited / 10) / 100
      if (waited > limitMs) {
        const where = behind.map((key) => `${key} ${cursors.get(key)} of ${heads.get(key.split(' ')[1] as string)}`)
        throw new Error(`ingest has not caught up: ${where.join(', ')}. It printed:\n${system.output('ingest')}`)
      }
      await sleep(POLL_MS)
    }
  } finally {
    for (const journal of journals) await journal.close()
  }
}
