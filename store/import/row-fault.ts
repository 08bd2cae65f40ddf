import { csvHead, csvLine } from './csv.ts'

/** A row that was not imported. `row` counts the rows below the header from 1, `line` the lines of the file. */
export interface RowFault {
  readonly row: number
  readonly line: number
  readonly column: string
  readonly reason: string
  /** For tables that the console takes too. */
  readonly reasonZh?: string
}

export const countRows = (faults: readonly RowFault[]): number => new Set(faults.map((fault) => fault.row)).size

/** errors.csv: what is wrong with which row, for the person who corrects the table. */
export function faultsCsv(faults: readonly RowFault[]): string {
  const inChinese = faults.some((fault) => fault.reasonZh !== undefined)
  const head = ['row', 'line', 'column', 'reason', ...(inChinese ? ['reason_zh'] : [])]
  const lines = faults.map(({ row, line, column, reason, reasonZh }) =>
    csvLine([row, line, column, reason, ...(inChinese ? [reasonZh ?? ''] : [])]),
  )
  return csvHead(head) + lines.join('')
}
