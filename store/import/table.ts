import { type CsvRow, parseCsv } from './csv.ts'
import { decodeText } from './decode-text.ts'
import { type Columns, type Header, readHeader } from './header.ts'

export interface Table<Column extends string> {
  readonly header: Header<Column>
  readonly rows: readonly CsvRow[]
}

/** The table cannot be read at all. The message says what it should hold. */
export class UnreadableTable extends Error {
  override name = 'UnreadableTable'
}

/**
 * A person's table, its first line read as column names.
 * @param name what the message calls it
 * @throws UnreadableTable
 */
export function readTable<Known extends Columns>(
  bytes: Uint8Array,
  name: string,
  columns: Known,
  needed: readonly (keyof Known & string)[],
): Table<keyof Known & string> {
  const [head, ...rows] = parseCsv(decodeText(bytes))
  if (head === undefined) throw new UnreadableTable(`${name} is empty.`)
  const header = readHeader(head.cells, columns, needed)
  if (header.faults.length > 0)
    throw new UnreadableTable(
      `${name} cannot be imported: ${header.faults.join('; ')}. The columns are ${Object.keys(columns).join(', ')}; ${needed.join(' and ')} must be there.`,
    )
  return { header, rows }
}
