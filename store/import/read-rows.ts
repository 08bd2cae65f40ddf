import { setImmediate } from 'node:timers/promises'
import type { CsvRow } from './csv.ts'
import type { Field } from './fields.ts'
import { readTableId } from './fields.ts'
import type { RowFault } from './row-fault.ts'

/** One row, as the reader of a table sees it. */
export interface Cells<Column extends string> {
  /** '' where the column is not there. */
  text(column: Column): string
  /** The cell, or undefined where it is wrong: then the row is not imported. */
  take<T>(column: Column, field: Field<T>): T | undefined
  /** The same, but nothing where nothing is written. */
  given<T>(column: Column, read: (text: string) => Field<T>): T | undefined
  blame(column: Column, en: string, zh: string): void
}

export interface ReadRow<T> {
  readonly row: number
  readonly line: number
  readonly id: string
  readonly value: T
}

export interface ReadRows<T> {
  readonly rows: readonly ReadRow<T>[]
  readonly faults: readonly RowFault[]
}

/** Rows read before others have their turn: the console's alarms do not wait for a city's list of beds. */
const AT_ONCE = 500

/** Reads every row on its own: one bad row costs that row only. The column `id` tells the rows apart. */
export async function readRows<Column extends string, T>(
  rows: readonly CsvRow[],
  at: ReadonlyMap<Column | 'id', number>,
  read: (cells: Cells<Column>, id: string) => T,
): Promise<ReadRows<T>> {
  const faults: RowFault[] = []
  const good: ReadRow<T>[] = []
  const lineOfId = new Map<string, number>()
  for (const [i, { line, cells }] of rows.entries()) {
    if (i % AT_ONCE === AT_ONCE - 1) await setImmediate()
    const row = i + 1
    const before = faults.length
    const blame = (column: string, reason: string, reasonZh: string): void => {
      faults.push({ row, line, column, reason, reasonZh })
    }
    const text = (column: Column | 'id'): string => (cells[at.get(column) ?? -1] ?? '').trim()
    const take = <F>(column: string, field: Field<F>): F | undefined => {
      if (field.ok) return field.value
      blame(column, field.fault, field.faultZh)
      return undefined
    }
    const given = <F>(column: Column, readOne: (cell: string) => Field<F>): F | undefined => {
      const cell = text(column)
      return cell === '' ? undefined : take(column, readOne(cell))
    }
    const id = take('id', readTableId(text('id'))) ?? ''
    const known = lineOfId.get(id)
    if (known !== undefined) blame('id', `${id} stands already in line ${known}`, `${id} 在第 ${known} 行已经出现`)
    else if (id !== '') lineOfId.set(id, line)
    const value = read({ text, take, given, blame }, id)
    if (faults.length === before) good.push({ row, line, id, value })
  }
  return { rows: good, faults }
}
