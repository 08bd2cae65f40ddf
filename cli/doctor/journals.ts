import { existsSync } from 'node:fs'
import { journalFile, stateFile } from '../../store/files.ts'
import type { JournalLane } from '../../store/journal/port.ts'
import { openJournalReader } from '../../store/journal/sqlite.ts'
import { openViews } from '../../store/state/sqlite.ts'
import { bad, type Check, good } from './check.ts'

const LANES: readonly JournalLane[] = ['urgent', 'bulk', 'operator']
/** The newest records of a lane are read and checked against their checksums. */
const LOOKED_AT = 10_000
/** Records that detection has not seen yet: seconds of work. More means that ingest does not run or cannot follow. */
const LONG_BACKLOG = 100_000

/** Every lane: does what is stored check, and has detection seen it? */
export async function checkJournals(dataDir: string): Promise<readonly Check[]> {
  const seen = await detectCursors(dataDir)
  const checks: Check[] = []
  for (const lane of LANES) {
    const file = journalFile(dataDir, lane)
    if (existsSync(file)) checks.push(await checkLane(lane, file, seen.get(lane) ?? 0))
  }
  return checks
}

async function checkLane(lane: JournalLane, file: string, seen: number): Promise<Check> {
  const name = `journal ${lane}`
  const reader = openJournalReader(file)
  try {
    const head = await reader.head()
    if (head === 0) return good(name, 'empty')
    const tail = await reader.tail()
    const records = await reader.readAfter(Math.max(head - LOOKED_AT, tail - 1), LOOKED_AT)
    const held = tail === 0 ? `nothing held, numbers go on from ${head}` : `records ${tail} to ${head}`
    const backlog = head - seen
    const found = `${held}; the newest ${records.length} check; ${backlog === 0 ? 'all seen' : `${backlog} not seen yet`}`
    if (seen > head)
      return bad(
        name,
        `detection has seen ${seen}, but the journal ends at ${head}: the journal has been exchanged`,
        'Restore journal and state from the same backup.',
      )
    if (backlog > LONG_BACKLOG)
      return bad(name, found, 'Start Hydrant, or look at logs/ingest.log: detection does not follow.')
    return good(name, found)
  } catch (error) {
    const todo = 'Restore it from a backup. What is before and behind the damage can still be read.'
    return bad(name, error instanceof Error ? error.message : String(error), todo)
  } finally {
    await reader.close()
  }
}

async function detectCursors(dataDir: string): Promise<ReadonlyMap<JournalLane, number>> {
  if (!existsSync(stateFile(dataDir))) return new Map()
  const views = openViews(stateFile(dataDir))
  try {
    const cursors = await views.cursors()
    return new Map(cursors.filter(({ cursor }) => cursor === 'detect').map(({ lane, seq }) => [lane, seq]))
  } finally {
    await views.close()
  }
}
