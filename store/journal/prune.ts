import type { JournalReader, JournalWriter } from './port.ts'

/** Records removed at once: one short transaction, because the journal's writer waits for it. */
const MAX_STEP = 50_000

export interface PruneSource {
  /** Of one lane. */
  readonly reader: Pick<JournalReader, 'tail' | 'readAfter' | 'usedBytes'>
  readonly writer: Pick<JournalWriter, 'prune'>
}

export interface Keep {
  /** The slowest cursor's position in this lane: what is behind it stays, whatever else is said. */
  readonly readThrough: number
  /** Ms since 1970: records that arrived before it may go. */
  readonly cutoff: number
  /** Bytes that the lane may take. When it takes more, younger records go too … */
  readonly maxBytes: number
  /** … but none that arrived after this, ms since 1970: after a power cut a cursor may fall back a little. */
  readonly leastCutoff: number
}

/**
 * Removes what every cursor has read and what is old, or more of it than the lane may keep. Kept until then, a record can
 * be looked at and replayed.
 * @returns how many were removed
 */
export async function pruneLane(source: PruneSource, keep: Keep): Promise<number> {
  const { reader, writer } = source
  const tail = await reader.tail()
  if (tail === 0 || tail > keep.readThrough) return 0
  let removed = 0
  let step = tail - 1
  const old = await lastBefore(reader, tail, keep.readThrough, keep.cutoff)
  while (step < old) {
    step = Math.min(step + MAX_STEP, old)
    removed += await writer.prune(step)
  }
  if ((await reader.usedBytes()) <= keep.maxBytes) return removed
  const most = await lastBefore(reader, step + 1, keep.readThrough, keep.leastCutoff)
  while (step < most && (await reader.usedBytes()) > keep.maxBytes) {
    step = Math.min(step + MAX_STEP, most)
    removed += await writer.prune(step)
  }
  return removed
}

/**
 * The last record in `[from, to]` that arrived before `cutoff`, `from - 1` when there is none. A search by halves: a lane
 * holds days of records, and arrival times grow along it (where the clock was set back, the older ones stay a while longer).
 */
async function lastBefore(
  reader: Pick<JournalReader, 'readAfter'>,
  from: number,
  to: number,
  cutoff: number,
): Promise<number> {
  let known = from - 1
  let low = from
  let high = to
  while (low <= high) {
    const middle = Math.floor((low + high) / 2)
    const record = (await reader.readAfter(middle - 1, 1))[0]
    if (record === undefined || record.arrivedAt >= cutoff) high = middle - 1
    else {
      known = middle
      low = middle + 1
    }
  }
  return known
}
