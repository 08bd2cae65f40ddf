/** Days that the index of blocks is divided into: UTC, ms. Also written out in the index below; never change it. */
const DAY_MS = 86_400_000

/**
 * Forward-only, as in state/schema.ts.
 *
 * `block`: rows in the order of writing, so that a city's day is appended at the end of the file whatever order the
 * meters call in. Its index begins with the day, so that a day's entries lie together too: keyed by device first, every
 * meter's message would touch a page of its own (297,000 × 4 KiB a day). A device's blocks never overlap in time, and none
 * spans more than MAX_SPAN_MS: whoever looks for a time looks that far back.
 * `device`: `first_day` bounds how far back a search goes, `quantities` (bits, see quantity-codes.ts) what to search for.
 */
export const HISTORY_SCHEMA = [
  `
CREATE TABLE device (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first_day INTEGER NOT NULL, quantities INTEGER NOT NULL
) STRICT;
CREATE TABLE block (
  id INTEGER PRIMARY KEY, device INTEGER NOT NULL, start_at INTEGER NOT NULL, end_at INTEGER NOT NULL,
  count INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX block_by_day ON block (start_at / 86400000, device, start_at);
`,
]

/** The longest time that one block spans: what a reader must look back. A week of daily readings still shares a row. */
export const MAX_SPAN_MS = 7 * DAY_MS

/** The day that a block starting at `at` is indexed under; SQLite's integer division truncates. */
export const dayOf = (at: number): number => Math.trunc(at / DAY_MS)

/** The newest day that any device has a block in; undefined in an empty history. */
export const NEWEST_DAY = 'SELECT start_at / 86400000 AS day FROM block ORDER BY start_at / 86400000 DESC LIMIT 1'

/**
 * Blocks of device ?3 that start on the days ?1 to ?2, before ?4, and end at or after ?5, ascending: one index seek a day.
 * CROSS JOIN keeps SQLite from turning the loops around, which is also what makes the order.
 */
export const BLOCKS_OF_DAYS = `
WITH RECURSIVE span (day) AS (VALUES (?1) UNION ALL SELECT day + 1 FROM span WHERE day < ?2)
SELECT id, start_at AS start, end_at AS "end", count, body
FROM span CROSS JOIN block ON start_at / 86400000 = span.day AND device = ?3
WHERE start_at < ?4 AND end_at >= ?5`

/** The same without the bounds of time, newest day first; within a day ascending. */
export const BLOCKS_BACKWARDS = `
WITH RECURSIVE span (day) AS (VALUES (?1) UNION ALL SELECT day - 1 FROM span WHERE day > ?2)
SELECT span.day AS day, id, start_at AS start, end_at AS "end", count, body
FROM span CROSS JOIN block ON start_at / 86400000 = span.day AND device = ?3`

export interface BlockRow {
  readonly id: number
  readonly start: number
  readonly end: number
  readonly count: number
  readonly body: Uint8Array
}
