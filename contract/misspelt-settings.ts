import { SETTINGS } from './settings.ts'

const OURS = /^HYDRANT_[A-Z0-9_]+$/
/** What the benches tell each other; no setting. */
const OF_BENCHES = 'HYDRANT_BENCH_'
/** A slip of the finger: letters swapped, one forgotten, a plural. */
const FARTHEST_SLIP = 3

/** One sentence for every variable that looks like a setting and is none: nothing reads it, so it does not do what was meant. */
export function misspeltSettings(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = Object.keys(SETTINGS)
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !name.startsWith(OF_BENCHES) && !known.includes(name))
    .toSorted()
    .map((name) => {
      const [nearest] = known.toSorted((a, b) => distance(name, a) - distance(name, b))
      return nearest !== undefined && distance(name, nearest) <= FARTHEST_SLIP
        ? `${name} is no setting of Hydrant and does nothing. Did you mean ${nearest}?`
        : `${name} is no setting of Hydrant and does nothing.`
    })
}

/** Levenshtein: how many letters have to be added, left out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
