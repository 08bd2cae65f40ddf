import type { Command } from 'commander'
import { RESPONDER_KIND_NAMES } from '../../contract/homes.ts'
import { planResponders, RESPONDER_COLUMNS } from '../../store/import/responders.ts'
import { addTableImport } from '../import/import-table.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

async function listResponders(session: Session, options: { readonly json?: true }): Promise<void> {
  const responders = await session.homes.responders()
  if (options.json === true) return printJson(responders)
  if (responders.length === 0) return print('There is no responder yet.')
  printTable(
    ['id', 'kind', 'name', 'phone', 'serves', 'engines'],
    responders.map(({ id, kind, name, phone, serves, engines }) => [id, kind, name, phone, serves ?? '', `${engines}`]),
  )
}

export function addResponderCommands(parent: Command, run: Run): void {
  const responder = parent.command('responder').description('posts, stations, teams, neighbours: who can be sent')
  addTableImport(responder, run, {
    action: 'responder.import',
    description: 'enter the responders of a table; importing it again changes only what has changed',
    columns: Object.keys(RESPONDER_COLUMNS),
    help: `Needed: id, kind and name. kind is one of ${RESPONDER_KIND_NAMES.join(', ')} (or in Chinese).
Either a position (lon and lat in degrees, datum wgs84, gcj02 or bd09) or the one place that is served.`,
    plan: (session, bytes, name) => planResponders(session.homes, session.registry, bytes, name),
  })
  responder
    .command('list')
    .option('--json', 'as JSON')
    .description('everybody who is entered')
    .action(run(listResponders))
}
