import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { cityDate, cityDayOf } from '../../contract/city-time.ts'
import { newestNight } from '../../contract/losses.ts'
import { PlaceTree } from '../../contract/place-tree.ts'
import type { OrderAnswer } from '../../contract/work-order-api.ts'
import { ORDER_COLUMNS, orderCells } from '../../contract/work-order-table.ts'
import { ORDER_STATES } from '../../contract/work-orders.ts'
import { csvHead, csvLine } from '../../store/import/csv.ts'
import { lostByOrder } from '../../store/state/lost-so-far.ts'
import { type OrderSurroundings, orderAnswer } from '../../store/state/order-answer.ts'
import { userPath } from '../config.ts'
import { Mistake } from '../mistake.ts'
import { print, printJson, printTable } from '../print.ts'
import type { Session } from '../session.ts'
import type { Run } from './run.ts'

/** Orders read in one go. */
const PAGE = 1000
const STATES = [...ORDER_STATES, 'unclosed', 'all'] as const

interface Which {
  readonly state: string
  readonly zone?: string
  readonly overdue?: true
}

async function found(session: Session, { state: word, zone, overdue }: Which): Promise<OrderAnswer[]> {
  const state = STATES.find((name) => name === word)
  if (state === undefined) throw new Mistake(`There is no state "${word}"; the states are ${STATES.join(', ')}.`)
  const places = new PlaceTree()
  places.replace(await session.registry.places())
  if (zone !== undefined && places.get(zone) === undefined) throw new Mistake(`There is no place ${zone}.`)
  const filter = {
    state,
    ...(zone === undefined ? {} : { placeIds: places.below(zone) }),
    ...(overdue === true ? { overdueAt: Date.now() } : {}),
  }
  const around = await surroundings(session, places)
  const orders: OrderAnswer[] = []
  let cursor: string | undefined
  do {
    const page = await session.workOrders.list({ ...filter, limit: PAGE, cursor })
    for (const order of page.items) orders.push(await orderAnswer(around, order))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return orders
}

async function surroundings(
  { config, registry, views, zones }: Session,
  places: PlaceTree,
): Promise<OrderSurroundings> {
  const now = Date.now()
  const newestDay = newestNight((await zones.lastNights()).values(), cityDayOf(now))
  const stores = { views, zones }
  return {
    stores,
    places,
    nameOf: async (deviceId) => (await registry.find(deviceId))?.name,
    openLoss: (order) => lostByOrder(stores, order, newestDay),
    yuanPerM3: config.yuanPerM3,
    now: () => now,
  }
}

async function listOrders(session: Session, options: Which & { readonly json?: true }): Promise<void> {
  const orders = await found(session, options)
  if (options.json === true) return printJson(orders)
  if (orders.length === 0)
    return print(
      `No work order${options.state === 'all' ? '' : ` is ${options.state}`}. They are opened in the console: on *Go here first*, a zone's page or a meter's.`,
    )
  printTable(
    ['id', 'state', 'due', 'what', 'm³/h', 'lost m³', 'by', 'not confirmed'],
    orders.map((one) => [
      one.id,
      one.state,
      (one.dueAt === null ? '' : cityDate(one.dueAt)) + (one.overdue ? ' overdue' : ''),
      `${one.subject} ${one.subjectId}`,
      String(one.m3h),
      one.lostM3.toFixed(0),
      one.assignee ?? '',
      one.refusals === 0 ? '' : String(one.refusals),
    ]),
  )
}

async function exportOrders(session: Session, file: string, options: Which): Promise<void> {
  const orders = await found(session, options)
  const rows = orders.map((one) => csvLine(orderCells(one)))
  await writeFile(userPath(file, session.env), csvHead(ORDER_COLUMNS) + rows.join(''))
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
