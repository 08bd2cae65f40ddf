import type { JournalReader } from '../store/journal/port.ts'

/** Records removed at once: one short transaction, because the journal's writer waits for it. */
const MAX_STEP = 50_000

export interface PruneSource {
  /** Of one lane. */
  readonly reader: Pick<JournalReader, 'tail' | 'readAfter'>
  readonly prune: (throughSeq: number) => Promise<number>
}

/**
 * Removes what every cursor has read and what is older than `cutoff`. Kept until then, a record can be looked at and
 * replayed.
 * @param readThrough the slowest cursor's position in this lane
 * @param cutoff ms since 1970: records that arrived before it may go
 * @returns how many were removed
 */
export async function pruneLane(source: PruneSource, readThrough: number, cutoff: number): Promise<number> {
  let removed = 0
  for (;;) {
    const tail = await source.reader.tail()
    if (tail === 0 || tail > readThrough) return removed
    const through = await lastBefore(source.reader, tail, readThrough, cutoff)
    if (through < tail) return removed
    for (let step = Math.min(tail + MAX_STEP - 1, through); ; step = Math.min(step + MAX_STEP, through)) {
      removed += await source.prune(step)
      if (step === through) return removed
    }
  }
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
