import type { DiskGuard } from '../store/disk-guard.ts'
import type { JournalReader, JournalWriter } from '../store/journal/port.ts'
import { pruneLane } from '../store/journal/prune.ts'
import type { Views } from '../store/state/views-port.ts'

const MS_PER_DAY = 86_400_000
/** What people did is in events and audit for good; the commands themselves are kept to be looked at and replayed. */
const KEEP_DAYS = 90
/** Room inside the file for a dispatcher's clicks on a full disk: some thousand. */
const SPARE_BYTES = 2 * 1024 * 1024
const SPARE_SHARE_OF_LINE = 1 / 64
const SLACK_BYTES = 2 * 1024 * 1024

export interface OperatorUpkeepParts {
  readonly writer: JournalWriter
  readonly reader: JournalReader
  readonly views: Pick<Views, 'cursors'>
  readonly disk: DiskGuard
  readonly now: () => number
}

/** The operator lane's upkeep, by its only writer. */
export async function tidyOperatorLane({ writer, reader, views, disk, now }: OperatorUpkeepParts): Promise<void> {
  const read = (await views.cursors()).filter(({ lane }) => lane === 'operator').map(({ seq }) => seq)
  const cutoff = now() - KEEP_DAYS * MS_PER_DAY
  if (read.length > 0)
    await pruneLane(
      { reader, writer },
      { readThrough: Math.min(...read), cutoff, maxBytes: Number.POSITIVE_INFINITY, leastCutoff: cutoff },
    )
  const spare = Math.min(SPARE_BYTES, (disk.space?.line ?? 0) * SPARE_SHARE_OF_LINE)
  const room = { least: disk.engaged ? 0 : spare, most: spare + SLACK_BYTES }
  while (await writer.tidy(room));
}
