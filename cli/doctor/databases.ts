import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { megabytes } from '../../store/disk-guard.ts'
import { stateFile } from '../../store/files.ts'
import { openDatabase } from '../../store/sqlite.ts'
import { STATE_SCHEMA } from '../../store/state/schema.ts'
import { bad, type Check, good } from './check.ts'

/** Above this a full look at a database takes longer than a person waits. */
const LARGEST_LOOKED_THROUGH = 500e6

/** Every database of the data folder: can it be opened, and is it whole? */
export function checkDatabases(dataDir: string): readonly Check[] {
  if (!existsSync(dataDir)) return []
  return readdirSync(dataDir)
    .filter((name) => name.endsWith('.db'))
    .map((name) => checkDatabase(join(dataDir, name), stateFile(dataDir)))
}

function checkDatabase(file: string, state: string): Check {
  const name = basename(file)
  try {
    const { size } = statSync(file)
    const db = openDatabase(file, { durability: 'NORMAL', readOnly: true })
    try {
      const { user_version: schema } = db.prepare('PRAGMA user_version').get() as { user_version: number }
      if (file === state && schema > STATE_SCHEMA.length)
        return bad(name, `schema ${schema}, written by a newer Hydrant`, 'Start the newer version.')
      const small = size <= LARGEST_LOOKED_THROUGH
      const damage = small ? db.prepare('PRAGMA quick_check(1)').get()?.quick_check : 'ok'
      if (damage !== 'ok') return bad(name, `is damaged: ${damage}`, 'Stop Hydrant and restore it from a backup.')
      return good(name, `schema ${schema}, ${megabytes(size)}${small ? ', whole' : ', too large to look through'}`)
    } finally {
      db.close()
    }
  } catch (error) {
    return bad(
      name,
      error instanceof Error ? error.message : String(error),
      'Is the file readable for this user, and is it a Hydrant database? Otherwise restore it from a backup.',
    )
  }
}
