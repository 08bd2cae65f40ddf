import { readFileSync } from 'node:fs'
import type { Columns } from '../../store/import/header.ts'
import { readTable, type Table, UnreadableTable } from '../../store/import/table.ts'
import { userPath } from '../config.ts'
import { Mistake } from '../mistake.ts'

/** A person's table in a file. Throws Mistake where it cannot be read at all. */
export async function readTableFile<Known extends Columns>(
  file: string,
  env: NodeJS.ProcessEnv,
  columns: Known,
  needed: readonly (keyof Known & string)[],
): Promise<Table<keyof Known & string>> {
  try {
    return await readTable(readUserFile(file, env), file, columns, needed)
  } catch (error) {
    throw error instanceof UnreadableTable ? new Mistake(error.message) : error
  }
}

/** A file that a person has named. Throws Mistake where it cannot be read. */
export function readUserFile(file: string, env: NodeJS.ProcessEnv): Uint8Array {
  const path = userPath(file, env)
  try {
    return readFileSync(path)
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const why = error instanceof Error ? error.message : String(error)
    throw new Mistake(absent ? `There is no file ${path}.` : `${path} cannot be read: ${why}.`)
  }
}
