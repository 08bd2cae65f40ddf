import type { Alarm } from '../../../../contract/alarms.ts'
import { consoleStore } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { foldQueue, passes, type QueueRow } from '../store/queue.ts'
import { type View, view, viewStore } from '../store/view.ts'
import { acknowledge } from './act.ts'

/** The rows as the queue shows them, for the panel and for the keys. Computed once per change. */

let last:
  | {
      readonly alarms: ConsoleState['alarms']
      readonly devices: ConsoleState['devices']
      readonly places: ConsoleState['places']
      readonly filter: View['filter']
      readonly rows: readonly QueueRow[]
    }
  | undefined

export function queueRows(state: ConsoleState, filter: View['filter']): readonly QueueRow[] {
  const { alarms, devices, places } = state
  if (last && last.alarms === alarms && last.devices === devices && last.places === places && last.filter === filter)
    return last.rows
  const wanted = [...alarms.values()].filter((alarm) =>
    passes(alarm, { group: filter.group, activeOnly: filter.state === 'active' }),
  )
  const rows = foldQueue(wanted, devices, places)
  last = { alarms, devices, places, filter, rows }
  return rows
}

/** What J and K walk over: each row's first alarm, and the others where a row is unfolded. */
function walk(): readonly Alarm[] {
  const { filter, unfolded } = viewStore.get()
  return queueRows(consoleStore.get(), filter).flatMap((row) => (unfolded.has(row.key) ? row.members : [row.lead]))
}

export function moveCursor(step: 1 | -1): void {
  const alarms = walk()
  if (alarms.length === 0) return
  const { cursor, openAlarm } = viewStore.get()
  const at = alarms.findIndex((alarm) => alarm.id === cursor)
  const next =
    alarms[at === -1 ? (step === 1 ? 0 : alarms.length - 1) : Math.max(0, Math.min(alarms.length - 1, at + step))]
  if (!next) return
  view.change({ cursor: next.id, ...(openAlarm === null ? {} : { openAlarm: next.id }) })
  document.querySelector(`[data-alarm-id="${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: 'nearest' })
}

/** The alarms that A acknowledges: the whole row while it is folded. */
function underCursor(): readonly Alarm[] {
  const { filter, unfolded, cursor, openAlarm } = viewStore.get()
  const id = openAlarm ?? cursor
  const row = queueRows(consoleStore.get(), filter).find((r) => r.members.some((alarm) => alarm.id === id))
  if (!row) return []
  return unfolded.has(row.key) ? row.members.filter((alarm) => alarm.id === id) : row.members
}

/** What A does: acknowledges, and moves on to the next row that waits, so that A, A, A works through a flood. */
export function acknowledgeUnderCursor(): void {
  const alarms = underCursor()
  if (alarms.length === 0) return
  const { filter, openAlarm } = viewStore.get()
  const rows = queueRows(consoleStore.get(), filter)
  const at = rows.findIndex((row) => row.members.some((alarm) => alarm.id === alarms[0]?.id))
  const next = [...rows.slice(at + 1), ...rows.slice(0, at)].find((row) => row.unacknowledged > 0)
  void acknowledge(alarms)
  // An open drawer stays with its alarm: the person is reading it.
  if (openAlarm === null && next) view.change({ cursor: next.lead.id })
}
