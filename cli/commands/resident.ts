import { basename } from 'node:path'
import type { Command } from 'commander'
import { HEALTH_NEED_NAMES, type Resident } from '../../contract/residents.ts'
import { countRows } from '../../store/import/row-fault.ts'
import { RESIDENT_COLUMNS, type ResidentColumn } from '../import/columns.ts'
import { readTableFile } from '../import/read-table.ts'
import { reportFaults } from '../import/report-faults.ts'
import { readResidentRows } from '../import/resident-rows.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** Residents written, and read, in one go. */
const BATCH = 1000

async function importResidents(
  session: Session,
  file: string,
  options: { readonly dryRun?: true; readonly errors: string },
): Promise<void> {
  const { header, rows } = await readTableFile(file, session.env, RESIDENT_COLUMNS, ['id', 'place', 'name'])
  const places = new Set((await session.registry.places()).map((place) => place.id))
  const { residents, faults } = readResidentRows(rows, header.at, (id) => places.has(id))
  const added: Resident[] = []
  const changed: Resident[] = []
  for (const read of residents) {
    const known = await session.residents.find(read.id)
    const resident = known === undefined ? read : merge(read, known, header.at)
    if (known === undefined) added.push(resident)
    else if (JSON.stringify(known) !== JSON.stringify(resident)) changed.push(resident)
  }
  const dry = options.dryRun === true
  if (!dry) {
    const all = [...added, ...changed]
    for (let i = 0; i < all.length; i += BATCH) await session.residents.put(all.slice(i, i + BATCH))
    await session.audit('resident.import', basename(file), `${added.length} added, ${changed.length} changed`)
  }
  for (const title of header.ignored) print(`Ignored the column "${title}".`)
  const unchanged = residents.length - added.length - changed.length
  print(
    `${dry ? 'Would be: ' : ''}${added.length} added, ${changed.length} changed, ${unchanged} as they were, ${countRows(faults)} not imported.`,
  )
  if (faults.length > 0) reportFaults(options.errors, session.env, faults)
}

/** A table without a column says nothing of it: a list of new rooms must not forget who needs oxygen. */
const merge = (read: Resident, known: Resident, at: ReadonlyMap<ResidentColumn, number>): Resident => ({
  ...read,
  room: at.has('room') ? read.room : known.room,
  relativePhone: at.has('relative_phone') ? read.relativePhone : known.relativePhone,
  health: at.has('health') ? read.health : known.health,
  note: at.has('note') ? read.note : known.note,
})

/** Who lives where; what a rescuer must know of them is shown in the console only, where reading it is in the audit. */
async function listResidents(
  session: Session,
  options: { readonly place?: string; readonly json?: true },
): Promise<void> {
  const places =
    options.place === undefined ? (await session.registry.places()).map((place) => place.id) : [options.place]
  const rows: Pick<Resident, 'id' | 'placeId' | 'room' | 'name'>[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: readonly Resident[] = await session.residents.at(places, after, BATCH)
    rows.push(...page.map(({ id, placeId, room, name }) => ({ id, placeId, room, name })))
    after = page.length < BATCH ? undefined : page.at(-1)?.id
  }
  await session.audit('resident.list', options.place ?? '', `${rows.length} names`)
  if (options.json === true) return printJson(rows)
  if (rows.length === 0) return print('Nobody is registered there.')
  printTable(
    ['id', 'place', 'room', 'name'],
    rows.map(({ id, placeId, room, name }) => [id, placeId, room, name]),
  )
}

async function removeResident(session: Session, id: string): Promise<void> {
  if (!(await session.residents.remove(id)))
    throw new Mistake(`There is no resident ${id}. \`resident list\` shows who there is.`)
  await session.audit('resident.remove', id)
  print(`Removed ${id} and what was known of their health.`)
}

export function addResidentCommands(parent: Command, run: Run): void {
  const resident = parent.command('resident').description('people who live where alarms come from')
  resident
    .command('import')
    .argument('<file>', 'a table (CSV) with a first line of column names; UTF-8 or GB18030')
    .option('--dry-run', 'only say what would happen')
    .option('--errors <file>', 'where rows that cannot be imported are listed', 'errors.csv')
    .description('register the residents of a table; importing it again changes only what has changed')
    .addHelpText(
      'after',
      `
Columns: ${Object.keys(RESIDENT_COLUMNS).join(', ')}. Needed: id, place and name.
health is a list of ${HEALTH_NEED_NAMES.join(', ')} (or their Chinese names),
separated by ; or 、. An empty cell empties; a column that is not there leaves things as they are. The place must be there (place add). One bad row costs that row only; the exit code is then 1.`,
    )
    .action(run(importResidents))
  resident
    .command('list')
    .option('--place <id>', 'only those registered at this place')
    .option('--json', 'as JSON')
    .description('who lives where, without health data')
    .action(run(listResidents))
  resident.command('remove').argument('<id>').description('forgets them').action(run(removeResident))
}
