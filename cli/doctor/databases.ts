import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { megabytes } from '../../store/disk-guard.ts'
import { journalFile, stateFile } from '../../store/files.ts'
import { DatabaseDamaged, openDatabase, schemaVersion } from '../../store/sqlite.ts'
import { DATABASES } from '../backup/manifest.ts'
import { bad, type Check, good } from './check.ts'

/** Above this a full look at a database takes longer than a person waits: some 2 s. */
const LARGEST_LOOKED_THROUGH = 500e6

/** Every database of the data folder: is it there, can it be opened, and is it whole? */
export function checkDatabases(dataDir: string): readonly Check[] {
  if (!existsSync(dataDir)) return []
  const names = readdirSync(dataDir)
  const checks = names.filter((name) => name.endsWith('.db')).map((name) => checkDatabase(join(dataDir, name)))
  const journals = names.filter((name) => /^journal-\w+\.db$/.test(name))
  const state = basename(stateFile(dataDir))
  if (!names.includes(state) && journals.length > 0)
    checks.push(
      bad(
        state,
        `is missing, but ${journals.join(', ')} are there`,
        'Put a backup in its place (hydrant restore), or move the journals away too to begin with an empty Hydrant.',
      ),
    )
  for (const lane of ['urgent', 'bulk'] as const) {
    const name = basename(journalFile(dataDir, lane))
    if (journals.length > 0 && !names.includes(name))
      checks.push(
        bad(
          name,
          'is missing',
          'What was stored in it and not yet read is lost, unless a backup has it. The broker makes a new one.',
        ),
      )
  }
  for (const name of names.filter((name) => /\.damaged-\d+$/.test(name)))
    checks.push(
      bad(
        name,
        'is a damaged journal that the broker has put aside; a new one was begun',
        'What was not yet read of it is lost for detection; sqlite3 can often recover rows (.recover). Check the disk, then delete it.',
      ),
    )
  return checks
}

function checkDatabase(file: string): Check {
  const name = basename(file)
  const todo = 'Stop Hydrant and put a backup in its place: hydrant restore.'
  try {
    const { size } = statSync(file)
    if (size === 0) return bad(name, 'is empty', todo)
    const db = openDatabase(file, { durability: 'NORMAL', readOnly: true })
    try {
      const schema = schemaVersion(db)
      const known = DATABASES.find(({ path }) => path === name)?.steps ?? schema
      if (schema > known)
        return bad(
          name,
          `schema ${schema}, written by a newer Hydrant (this one knows ${known})`,
          'Start the newer version.',
        )
      if (schema === 0) return bad(name, 'holds nothing that Hydrant wrote', todo)
      const small = size <= LARGEST_LOOKED_THROUGH
      const damage = small ? db.prepare('PRAGMA quick_check(1)').get()?.quick_check : 'ok'
      if (damage !== 'ok') return bad(name, `is damaged: ${damage}`, todo)
      return good(name, `schema ${schema}, ${megabytes(size)}${small ? ', whole' : ', too large to look through'}`)
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof DatabaseDamaged) return bad(name, `is damaged: ${error.why}`, todo)
    return bad(
      name,
      error instanceof Error ? error.message : String(error),
      'Is the file readable for this user, and is it a Hydrant database? Otherwise restore it from a backup.',
    )
  }
}
