import { cityDate } from './city-time.ts'
import type { OrderAnswer } from './work-order-api.ts'

/** m³/h and m³ in a table: to the litre. */
const M3_DECIMALS = 3
const figure = (value: number | null): string => (value === null ? '' : value.toFixed(M3_DECIMALS))
const day = (at: number | null | undefined): string => (at === null || at === undefined ? '' : cityDate(at))

/** Repair work orders as a table for a spreadsheet, column by column. */
const COLUMNS: readonly (readonly [name: string, cell: (order: OrderAnswer) => string | number])[] = [
  ['id', ({ id }) => id],
  ['place', ({ path }) => path.join(' / ')],
  ['name', ({ name }) => name],
  ['subject', ({ subject }) => subject],
  ['subject_id', ({ subjectId }) => subjectId],
  ['state', ({ state }) => state],
  ['opened', ({ openedAt }) => day(openedAt)],
  ['assignee', ({ assignee }) => assignee ?? ''],
  ['due', ({ dueAt }) => day(dueAt)],
  ['overdue', ({ overdue }) => (overdue ? 'yes' : '')],
  ['m3h', ({ m3h }) => figure(m3h)],
  ['lost_m3', ({ lostM3 }) => figure(lostM3)],
  ['lost_yuan', ({ lostYuan }) => lostYuan.toFixed(2)],
  ['repaired', ({ claim }) => day(claim?.repairedAt)],
  ['done', ({ claim }) => claim?.done ?? ''],
  ['before_m3h', ({ beforeM3h }) => figure(beforeM3h)],
  ['after_m3h', ({ afterM3h }) => figure(afterM3h)],
  ['saved_m3_year', ({ savedM3Year }) => savedM3Year.toFixed(0)],
  ['saved_yuan_year', ({ savedYuanYear }) => savedYuanYear.toFixed(0)],
  ['not_confirmed', ({ refusals }) => refusals],
  ['closed', ({ closedAt }) => day(closedAt)],
  ['note', ({ note }) => note],
]

export const ORDER_COLUMNS: readonly string[] = COLUMNS.map(([name]) => name)
export const orderCells = (order: OrderAnswer): (string | number)[] => COLUMNS.map(([, cell]) => cell(order))
