import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CITY_TIME_ZONE } from '../../contract/city-time.ts'
import { PlaceTree } from '../../contract/place-tree.ts'
import { isOrderOverdue, lostM3, m3AYear, ORDER_STATES, savedM3h, type WorkOrder } from '../../contract/work-orders.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import { userPath } from '../config.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** Orders read in one go. */
const PAGE = 1000
const STATES = [...ORDER_STATES, 'unclosed', 'all'] as const
const M3_DECIMALS = 3

interface Which {
  readonly state: string
  readonly zone?: string
  readonly overdue?: true
}

const LOCAL_DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: CITY_TIME_ZONE, dateStyle: 'short' })
const day = (at: number | null): string => (at === null ? '' : LOCAL_DAY.format(at))

async function found(session: Session, { state: word, zone, overdue }: Which, now: number): Promise<WorkOrder[]> {
  const state = STATES.find((name) => name === word)
  if (state === undefined) throw new Mistake(`There is no state "${word}"; the states are ${STATES.join(', ')}.`)
  const places = new PlaceTree()
  places.replace(await session.registry.places())
  if (zone !== undefined && places.get(zone) === undefined) throw new Mistake(`There is no place ${zone}.`)
  const filter = {
    state,
    ...(zone === undefined ? {} : { placeIds: places.below(zone) }),
    ...(overdue === true ? { overdueAt: now } : {}),
  }
  const orders: WorkOrder[] = []
  let cursor: string | undefined
  do {
    const page = await session.workOrders.list({ ...filter, limit: PAGE, cursor })
    orders.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return orders
}

async function listOrders(session: Session, options: Which & { readonly json?: true }): Promise<void> {
  const now = Date.now()
  const orders = await found(session, options, now)
  if (options.json === true) return printJson(orders)
  if (orders.length === 0) return print('There is no such work order.')
  printTable(
    ['id', 'state', 'due', 'what', 'm³/h', 'lost m³', 'by', 'not confirmed'],
    orders.map((one) => [
      one.id,
      one.state,
      day(one.dueAt) + (isOrderOverdue(one, now) ? ' overdue' : ''),
      `${one.subject} ${one.subjectId}`,
      String(one.m3h),
      lostM3(one, now).toFixed(0),
      one.assignee ?? '',
      one.refusals === 0 ? '' : String(one.refusals),
    ]),
  )
}

const COLUMNS = [
  'id',
  'subject',
  'subject_id',
  'state',
  'opened',
  'assignee',
  'due',
  'm3h',
  'lost_m3',
  'repaired',
  'done',
  'before_m3h',
  'after_m3h',
  'saved_m3_year',
  'not_confirmed',
  'closed',
  'note',
]

async function exportOrders(session: Session, file: string, options: Which): Promise<void> {
  const now = Date.now()
  const orders = await found(session, options, now)
  const figure = (value: number | null): string => (value === null ? '' : value.toFixed(M3_DECIMALS))
  const rows = orders.map((one) =>
    csvLine([
      one.id,
      one.subject,
      one.subjectId,
      one.state,
      day(one.openedAt),
      one.assignee ?? '',
      day(one.dueAt),
      figure(one.m3h),
      figure(lostM3(one, now)),
      day(one.claim?.repairedAt ?? null),
      one.claim?.done ?? '',
      figure(one.beforeM3h),
      figure(one.afterM3h),
      m3AYear(savedM3h(one)).toFixed(0),
      one.refusals,
      day(one.closedAt),
      one.note,
    ]),
  )
  await writeFile(userPath(file, session.env), csvHead(COLUMNS) + rows.join(''))
  await session.audit('order.export', 'orders', JSON.stringify(options))
  print(`Wrote ${orders.length} work orders to ${file}.`)
}

export function addWorkOrderCommands(parent: Command, run: Run): void {
  const order = parent.command('work-order').description('repairs: by whom, until when, confirmed by the water')
  const which = (command: Command, state: string): Command =>
    command
      .option('--state <state>', STATES.join(', '), state)
      .option('--zone <id>', 'only of this zone and what lies in it')
      .option('--overdue', 'only those past their day')
  which(order.command('list'), 'unclosed')
    .option('--json', 'as JSON')
    .description('what is to be repaired by its day, then what waits for the water')
    .action(run(listOrders))
  which(order.command('export').argument('<file>'), 'all')
    .description('as a table (CSV) for a spreadsheet')
    .action(run(exportOrders))
}
