import type { Command } from 'commander'
import { DUTY_NAMES } from '../../contract/homes.ts'
import { planStaff, STAFF_COLUMNS } from '../../store/import/staff.ts'
import { addTableImport } from '../import/import-table.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

async function listStaff(session: Session, options: { readonly place?: string; readonly json?: true }): Promise<void> {
  const staff = await session.homes.staff(options.place === undefined ? undefined : [options.place])
  if (options.json === true) return printJson(staff)
  if (staff.length === 0) return print('Nobody is entered there.')
  printTable(
    ['id', 'place', 'name', 'duty', 'from', 'to', 'days', 'phone'],
    staff.map(({ id, placeId, name, duty, from, to, days, phone }) => [
      id,
      placeId,
      name,
      duty,
      from,
      to,
      days.length === 0 ? 'every day' : days.join(' '),
      phone,
    ]),
  )
}

export function addStaffCommands(parent: Command, run: Run): void {
  const staff = parent.command('staff').description('who is on duty in a home, and when')
  addTableImport(staff, run, {
    action: 'staff.import',
    description: 'enter the staff of a table; importing it again changes only what has changed',
    columns: Object.keys(STAFF_COLUMNS),
    help: `Needed: id, place, name, duty, from and to. duty is one of ${DUTY_NAMES.join(', ')} (or in Chinese).
from and to are times of day in the city, 20:00 to 08:00 runs over midnight; days are 1-5 or 6;7, nothing is every day.`,
    plan: (session, bytes, name) => planStaff(session.homes, session.registry, bytes, name),
  })
  staff
    .command('list')
    .option('--place <id>', 'only those of this home')
    .option('--json', 'as JSON')
    .description('everybody who is entered')
    .action(run(listStaff))
}
