/** How many letters two ids may differ in to be told as near, and how many are told. */
const MOST_CHANGES = 2
const MOST_IDS = 6

/** Ids of the same letters but one or two, the nearest first: what somebody may have meant. */
export const nearIds = (typed: string, ids: readonly string[]): readonly string[] =>
  ids
    .map((id) => ({ id, changes: changesBetween(typed.toLowerCase(), id.toLowerCase()) }))
    .filter(({ changes }) => changes <= MOST_CHANGES)
    .sort((a, b) => a.changes - b.changes)
    .slice(0, MOST_IDS)
    .map(({ id }) => id)

/** Letters to be put in, taken out or replaced (Levenshtein). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
