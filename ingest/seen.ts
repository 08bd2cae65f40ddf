/**
 * Which times are known already, as runs "every `step` ms from `from`, `count` times": a meter's whole year of
 * quarter-hours is one run. Flat triples, because it is stored as JSON with every device.
 */
export type Seen = readonly number[]

/** Remembered runs; the oldest is forgotten first. 32 irregular pairs: what a detector reports in half an hour. */
const MAX_RUNS = 32
const TRIPLE = 3

export function hasSeen(runs: Seen, time: number): boolean {
  for (let i = runs.length - TRIPLE; i >= 0; i -= TRIPLE) {
    const since = time - (runs[i] as number)
    if (since < 0) continue
    const step = runs[i + 1] as number
    const count = runs[i + 2] as number
    if (since === 0) return true
    if (count > 1 && since <= step * (count - 1) && since % step === 0) return true
  }
  return false
}

export function newestSeen(runs: Seen): number {
  let newest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < runs.length; i += TRIPLE) {
    const end = (runs[i] as number) + (runs[i + 1] as number) * ((runs[i + 2] as number) - 1)
    if (end > newest) newest = end
  }
  return newest
}

/** Adds `times` (ascending) to a copy. */
export function addSeen(runs: Seen, times: readonly number[]): Seen {
  const grown = runs.slice()
  for (const time of times) {
    if (extend(grown, time)) continue
    grown.push(time, 0, 1)
  }
  const excess = grown.length - MAX_RUNS * TRIPLE
  return excess > 0 ? grown.slice(excess) : grown
}

function extend(runs: number[], time: number): boolean {
  const last = runs.length - TRIPLE
  for (let i = last; i >= 0; i -= TRIPLE) {
    const from = runs[i] as number
    const step = runs[i + 1] as number
    const count = runs[i + 2] as number
    if (i === last && time === from + step * (count - 1)) return true
    if (count > 1 && time === from + step * count) {
      runs[i + 2] = count + 1
      return true
    }
    if (i === last && count === 1 && time > from) {
      runs[i + 1] = time - from
      runs[i + 2] = 2
      return true
    }
  }
  return false
}

/** Without the times after `last`. */
export function seenThrough(runs: Seen, last: number): Seen {
  const kept: number[] = []
  for (let i = 0; i < runs.length; i += TRIPLE) {
    const from = runs[i] as number
    const step = runs[i + 1] as number
    const count = runs[i + 2] as number
    if (from > last) continue
    const through = step === 0 ? 1 : Math.min(count, Math.floor((last - from) / step) + 1)
    kept.push(from, step, through)
  }
  return kept
}
