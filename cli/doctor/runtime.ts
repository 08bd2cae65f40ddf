import { DatabaseSync } from 'node:sqlite'
import { bad, type Check, good } from './check.ts'

/** The release line that Hydrant is written and tested for (package.json pins it). */
const NODE_LINE = 24
/** See store/sqlite.ts: older ones have the WAL-reset defect. */
const SQLITE_LEAST = [3, 51, 3]

export function checkNode(version: string): Check {
  const major = Number(version.split('.')[0])
  if (major === NODE_LINE) return good('Node.js', version)
  return bad(
    'Node.js',
    `${version}, Hydrant is tested with ${NODE_LINE}`,
    'Start through npm (npm start, npm run hydrant): it uses the Node.js that npm ci installed.',
  )
}

export function checkSqlite(): Check {
  const db = new DatabaseSync(':memory:')
  const { v } = db.prepare('SELECT sqlite_version() AS v').get() as { v: string }
  db.close()
  const parts = v.split('.').map(Number)
  const differing = SQLITE_LEAST.findIndex((least, i) => parts[i] !== least)
  if (differing === -1 || (parts[differing] ?? 0) > (SQLITE_LEAST[differing] ?? 0)) return good('SQLite', v)
  return bad('SQLite', `${v} can damage a database`, 'Start with the Node.js that npm ci installed.')
}
