import { setImmediate } from 'node:timers/promises'
import { BeyondTable, type CsvRow, csvRows, isWritten } from './csv.ts'
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

/** Rows read before others have their turn: the console's alarms do not wait for a city's list of beds. */
const AT_ONCE = 2000

async function rowsOf(text: string, name: string): Promise<readonly CsvRow[]> {
  const rows: CsvRow[] = []
  try {
    let looked = 0
    for (const row of csvRows(text)) {
      if (isWritten(row)) rows.push(row)
      looked += 1
      if (looked % AT_ONCE === 0) await setImmediate()
    }
  } catch (error) {
    throw error instanceof BeyondTable ? new UnreadableTable(`${name} cannot be imported: ${error.message}.`) : error
  }
  return rows
}

/**
 * A person's table, its first line read as column names.
 * @param name what the message calls it
 * @throws UnreadableTable
 */
export async function readTable<Known extends Columns>(
  bytes: Uint8Array,
  name: string,
  columns: Known,
  needed: readonly (keyof Known & string)[],
): Promise<Table<keyof Known & string>> {
  const [head, ...rows] = await rowsOf(decodeText(bytes), name)
  if (head === undefined) throw new UnreadableTable(`${name} is empty.`)
  const header = readHeader(head.cells, columns, needed)
  if (header.faults.length > 0)
    throw new UnreadableTable(
      `${name} cannot be imported: ${header.faults.join('; ')}. The columns are ${Object.keys(columns).join(', ')}; ${needed.join(' and ')} must be there.`,
    )
  return { header, rows }
}
