import { writeFileSync } from 'node:fs'
import { faultsCsv, type RowFault } from '../../store/import/row-fault.ts'
import { userPath } from '../config.ts'
import { EXIT_FAILED } from '../mistake.ts'
import { print } from '../print.ts'

/** Faults shown on the screen; all of them are in the file. */
const SHOWN = 10

/** Shows the first faults, writes all of them to `file`, and makes the command fail. */
export function reportFaults(file: string, env: NodeJS.ProcessEnv, faults: readonly RowFault[]): void {
  for (const { line, column, reason } of faults.slice(0, SHOWN))
    print(`  line ${line}${column === '' ? '' : `, ${column}`}: ${reason}`)
  if (faults.length > SHOWN) print(`  … and ${faults.length - SHOWN} more`)
  const path = userPath(file, env)
  writeFileSync(path, faultsCsv(faults))
  print(`All of them are in ${path}. Correct them and import the same file again.`)
  process.exitCode = EXIT_FAILED
}
