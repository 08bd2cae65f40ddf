import { currentRoute, go } from '../shell/route.ts'
import { consoleStore } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { type QueueRow, queueOf } from '../store/queue.ts'
import { type View, view, viewStore } from '../store/view.ts'
import { acknowledge, take } from './act.ts'

/** The rows as the queue shows them, for the panel and for the keys. Computed once per change. */

let last:
  | (Pick<ConsoleState, 'alarms' | 'incidents' | 'devices' | 'places'> & {
      readonly filter: View['filter']
      readonly rows: readonly QueueRow[]
    })
  | undefined

export function queueRows(state: ConsoleState, filter: View['filter']): readonly QueueRow[] {
  const { alarms, incidents, devices, places } = state
  if (
    last &&
    last.alarms === alarms &&
    last.incidents === incidents &&
    last.devices === devices &&
    last.places === places &&
    last.filter === filter
  )
    return last.rows
  const rows = queueOf(state, { group: filter.group, activeOnly: filter.state === 'active' })
  last = { alarms, incidents, devices, places, filter, rows }
  return rows
}

/** What stands under the J/K cursor: an incident's row, or an alarm. */
type Stop = { readonly cursor: string; readonly row: QueueRow }
const firstStop = (row: QueueRow): Stop => ({ cursor: row.type === 'incident' ? row.key : row.lead.id, row })

/** What J and K walk over: each incident, each row's first alarm, and the others where a row is unfolded. */
function walk(): readonly Stop[] {
  const { filter, unfolded } = viewStore.get()
  return queueRows(consoleStore.get(), filter).flatMap((row): Stop[] =>
    row.type === 'alarms' && unfolded.has(row.key)
      ? row.members.map((alarm) => ({ cursor: alarm.id, row }))
      : [firstStop(row)],
  )
}

export function moveCursor(step: 1 | -1): void {
  const stops = walk()
  if (stops.length === 0) return
  const { cursor, openAlarm } = viewStore.get()
  const at = stops.findIndex((stop) => stop.cursor === cursor)
  const next =
    stops[at === -1 ? (step === 1 ? 0 : stops.length - 1) : Math.max(0, Math.min(stops.length - 1, at + step))]
  if (!next) return
  // An open drawer follows the cursor; an incident has a page of its own.
  const follow = next.row.type === 'alarms' ? next.cursor : null
  view.change({ cursor: next.cursor, ...(openAlarm === null ? {} : { openAlarm: follow }) })
  document.querySelector(`[data-cursor="${CSS.escape(next.cursor)}"]`)?.scrollIntoView({ block: 'nearest' })
}

const holds = (row: QueueRow, cursor: string | null): boolean =>
  row.type === 'incident' ? row.key === cursor : row.members.some((alarm) => alarm.id === cursor)

/** What Enter does: an incident's page, an alarm's drawer. */
export function openUnderCursor(): void {
  const { filter, cursor } = viewStore.get()
  if (cursor === null) return
  const row = queueRows(consoleStore.get(), filter).find((one) => holds(one, cursor))
  if (row?.type === 'incident') go({ page: 'incident', id: row.incident.id })
  else view.openAlarm(cursor)
}

/** What A does: takes the incident or acknowledges the alarms, and moves on to the next row that waits, so that A, A, A works through a flood. */
export function acknowledgeUnderCursor(): void {
  const { filter, cursor, openAlarm, unfolded } = viewStore.get()
  const rows = queueRows(consoleStore.get(), filter)
  const id = openAlarm ?? cursor
  const at = rows.findIndex((row) => holds(row, id))
  const row = rows[at]
  if (row === undefined) return
  if (row.type === 'incident') {
    if (row.unacknowledged > 0) void take(row.incident.id)
  } else void acknowledge(unfolded.has(row.key) ? row.members.filter((alarm) => alarm.id === id) : row.members)
  const next = [...rows.slice(at + 1), ...rows.slice(0, at)].find((one) => one.unacknowledged > 0)
  // An open drawer stays with its alarm, an incident's page with its incident: the person is reading it.
  if (openAlarm === null && currentRoute().page !== 'incident' && next) view.change({ cursor: firstStop(next).cursor })
}
