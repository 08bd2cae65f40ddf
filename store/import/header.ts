/** Columns of a table, and the names that people give them besides. */
export type Columns = Readonly<Record<string, readonly string[]>>

export interface Header<Column extends string> {
  /** Where each known column stands. */
  readonly at: ReadonlyMap<Column, number>
  readonly ignored: readonly string[]
  /** Why the table cannot be read at all. */
  readonly faults: readonly string[]
}

export function readHeader<Table extends Columns>(
  cells: readonly string[],
  columns: Table,
  needed: readonly (keyof Table & string)[],
): Header<keyof Table & string> {
  const at = new Map<keyof Table & string, number>()
  const ignored: string[] = []
  const faults: string[] = []
  for (const [i, title] of cells.entries()) {
    const column = columnOf(title, columns)
    if (column === undefined) {
      if (title !== '') ignored.push(title)
    } else if (at.has(column)) faults.push(`the column "${column}" is there twice`)
    else at.set(column, i)
  }
  for (const column of needed) if (!at.has(column)) faults.push(`the first line must name a column "${column}"`)
  return { at, ignored, faults }
}

function columnOf<Table extends Columns>(title: string, columns: Table): (keyof Table & string) | undefined {
  const plain = title.trim().toLowerCase()
  for (const [column, names] of Object.entries(columns)) if (plain === column || names.includes(plain)) return column
  return undefined
}
