import { useSyncExternalStore } from 'react'
import type { Alarm, Disposition } from '../../../../contract/alarms.ts'
import type { ActionAnswer } from '../../../../contract/live.ts'
import { may, type Right } from '../../../../contract/roles.ts'
import { refusalWords } from '../api/refusal-words.ts'
import { ApiFailure, NETWORK_FAILURE, request } from '../api/request.ts'
import { text } from '../i18n/text.ts'
import { connection } from '../shell/services.ts'
import { consoleStore } from '../store/console.ts'
import { isUnacknowledged } from '../store/queue.ts'
import { view } from '../store/view.ts'

/** What a person does to alarms. The outcome comes back as an event; here only the sending and what went wrong. */

/** The server takes 20 requests a second from one console; a fold of forty detectors keeps below that. */
const PACE_MS = 60

let pending: ReadonlySet<string> = new Set()
const listeners = new Set<() => void>()
function setPending(change: (ids: Set<string>) => void): void {
  const next = new Set(pending)
  change(next)
  pending = next
  for (const listener of listeners) listener()
}
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether an acknowledgement of any of these is on its way. */
export const usePending = (ids: readonly string[]): boolean =>
  useSyncExternalStore(subscribe, () => ids.some((id) => pending.has(id)))

export const mayAct = (right: Right = 'alarm.act'): boolean => {
  const role = consoleStore.get().session?.role
  return role !== undefined && may(role, right)
}

export function explain(code: string, message: string): string {
  if (code === 'offline' || code === NETWORK_FAILURE) return text('act.offline')
  return text('act.failed', { message: refusalWords(code, message) })
}

/** Sends one after the other what nobody is sending yet; says what went wrong, once. */
async function sendEach(
  ids: readonly string[],
  right: Right,
  send: (id: string) => Promise<ActionAnswer>,
): Promise<void> {
  const fresh = ids.filter((id) => !pending.has(id))
  if (fresh.length === 0) return
  if (!mayAct(right)) return view.say(text('act.notAllowed'), true)
  setPending((all) => {
    for (const id of fresh) all.add(id)
  })
  let failure: string | undefined
  for (const [i, id] of fresh.entries()) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, PACE_MS))
    const answer = await send(id)
    setPending((all) => all.delete(id))
    if (!answer.ok) failure = explain(answer.code, answer.message)
  }
  if (failure !== undefined) view.say(failure, true)
}

export const acknowledge = (alarms: readonly Alarm[], comment = ''): Promise<void> =>
  sendEach(
    alarms.filter(isUnacknowledged).map((alarm) => alarm.id),
    'alarm.act',
    (id) => connection.acknowledge(id, comment),
  )

/** A named person takes the incident: ringing and escalation stop. */
export const take = (incidentId: string): Promise<void> =>
  sendEach([incidentId], 'incident.act', (id) => connection.acknowledgeIncident(id, ''))

/** @returns whether it was accepted */
export async function comment(alarmId: string, words: string): Promise<boolean> {
  const answer = await connection.comment(alarmId, words)
  if (!answer.ok) view.say(explain(answer.code, answer.message), true)
  return answer.ok
}

/** @returns whether it was accepted */
export async function close(alarmId: string, disposition: Disposition, words: string): Promise<boolean> {
  try {
    await request('POST', `/api/alarms/${encodeURIComponent(alarmId)}/close`, { disposition, comment: words })
    return true
  } catch (failure) {
    if (failure instanceof ApiFailure) view.say(explain(failure.code, failure.message), true)
    return false
  }
}
