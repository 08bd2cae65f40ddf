import { writeFileSync } from 'node:fs'
import { userPath } from '../config.ts'
import { EXIT_FAILED } from '../mistake.ts'
import { print } from '../print.ts'
import { csvLine } from './csv.ts'

/** A row that was not imported. `row` counts the rows below the header from 1, `line` the lines of the file. */
export interface RowFault {
  readonly row: number
  readonly line: number
  readonly column: string
  readonly reason: string
}

/** Faults shown on the screen; all of them are in the file. */
const SHOWN = 10
/** What a spreadsheet needs to know that a file is UTF-8. */
const BYTE_ORDER_MARK = '\ufeff'

export const countRows = (faults: readonly RowFault[]): number => new Set(faults.map((fault) => fault.row)).size

/** Shows the first faults, writes all of them to `file`, and makes the command fail. */
export function reportFaults(file: string, env: NodeJS.ProcessEnv, faults: readonly RowFault[]): void {
  for (const { line, column, reason } of faults.slice(0, SHOWN))
    print(`  line ${line}${column === '' ? '' : `, ${column}`}: ${reason}`)
  if (faults.length > SHOWN) print(`  … and ${faults.length - SHOWN} more`)
  const path = userPath(file, env)
  const lines = faults.map(({ row, line, column, reason }) => csvLine([row, line, column, reason]))
  writeFileSync(path, `${BYTE_ORDER_MARK}${csvLine(['row', 'line', 'column', 'reason'])}${lines.join('')}`)
  print(`All of them are in ${path}. Correct them and import the same file again.`)
  process.exitCode = EXIT_FAILED
}
