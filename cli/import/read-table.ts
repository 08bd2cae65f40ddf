import { readFileSync } from 'node:fs'
import { userPath } from '../config.ts'
import { Mistake } from '../mistake.ts'
import { type Columns, type Header, readHeader } from './columns.ts'
import { type CsvRow, parseCsv } from './csv.ts'
import { decodeText } from './decode-text.ts'

/** A person's table, its first line read as column names. Throws Mistake where it cannot be read at all. */
export function readTable<Table extends Columns>(
  file: string,
  env: NodeJS.ProcessEnv,
  columns: Table,
  needed: readonly (keyof Table & string)[],
): { readonly header: Header<keyof Table & string>; readonly rows: readonly CsvRow[] } {
  const [head, ...rows] = parseCsv(decodeText(bytesOf(userPath(file, env))))
  if (head === undefined) throw new Mistake(`${file} is empty.`)
  const header = readHeader(head.cells, columns, needed)
  if (header.faults.length > 0)
    throw new Mistake(
      `${file} cannot be imported: ${header.faults.join('; ')}. The columns are ${Object.keys(columns).join(', ')}; ${needed.join(' and ')} must be there.`,
    )
  return { header, rows }
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const why = error instanceof Error ? error.message : String(error)
    throw new Mistake(absent ? `There is no file ${path}.` : `${path} cannot be read: ${why}.`)
  }
}
