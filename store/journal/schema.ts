/**
 * `batch`: one row per commit group; `last` is the number of its last record, so that "after n" is one index seek.
 * `mark`: the highest number that pruning has removed. `spare`: see `spare-room.ts`.
 */
export const JOURNAL_SCHEMA = [
  `CREATE TABLE batch (last INTEGER PRIMARY KEY, count INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
   CREATE TABLE mark (pruned_through INTEGER NOT NULL) STRICT;
   INSERT INTO mark VALUES (0);`,
  'CREATE TABLE spare (room BLOB) STRICT;',
]
