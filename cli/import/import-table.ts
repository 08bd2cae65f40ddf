import { basename } from 'node:path'
import type { Command } from 'commander'
import type { ImportPlan } from '../../store/import/outcome.ts'
import { countRows } from '../../store/import/row-fault.ts'
import { UnreadableTable } from '../../store/import/table.ts'
import type { Run } from '../commands/run.ts'
import { Mistake } from '../mistake.ts'
import { print } from '../print.ts'
import type { Session } from '../session.ts'
import { readUserFile } from './read-table.ts'
import { reportFaults } from './report-faults.ts'

export interface TableCommand {
  /** Stands in the audit. */
  readonly action: string
  readonly description: string
  readonly columns: readonly string[]
  /** What a person has to know about the columns. */
  readonly help: string
  readonly plan: (session: Session, bytes: Uint8Array, name: string) => Promise<ImportPlan>
}

/** `… import FILE`: the same for every table that the console takes too. */
export function addTableImport(parent: Command, run: Run, table: TableCommand): void {
  parent
    .command('import')
    .argument('<file>', 'a table (CSV) with a first line of column names; UTF-8 or GB18030')
    .option('--dry-run', 'only say what would happen')
    .option('--all-or-nothing', 'write nothing where any row is wrong')
    .option('--errors <file>', 'where rows that cannot be imported are listed', 'errors.csv')
    .description(table.description)
    .addHelpText(
      'after',
      `
Columns: ${table.columns.join(', ')}.
${table.help}
A table without a column leaves what is known of it. One bad row costs that row only, or with --all-or-nothing the table; the exit code is then 1.`,
    )
    .action(run((session: Session, file: string, options: ImportOptions) => importTable(session, file, options, table)))
}

interface ImportOptions {
  readonly dryRun?: true
  readonly allOrNothing?: true
  readonly errors: string
}

async function importTable(session: Session, file: string, options: ImportOptions, table: TableCommand): Promise<void> {
  const plan = await table.plan(session, readUserFile(file, session.env), file).catch((error: unknown) => {
    throw error instanceof UnreadableTable ? new Mistake(error.message) : error
  })
  const refused = options.allOrNothing === true && plan.faults.length > 0
  const dry = options.dryRun === true || refused
  if (!dry) {
    await plan.apply()
    await session.audit(table.action, basename(file), `${plan.added} added, ${plan.changed} changed`)
  }
  for (const title of plan.ignored) print(`Ignored the column "${title}".`)
  print(
    `${dry ? 'Would be: ' : ''}${plan.added} added, ${plan.changed} changed, ${plan.unchanged} as they were, ${countRows(plan.faults)} not imported.`,
  )
  if (refused) print('Nothing was written.')
  if (plan.faults.length > 0) reportFaults(options.errors, session.env, plan.faults)
}
