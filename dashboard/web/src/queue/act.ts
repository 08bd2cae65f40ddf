import { useSyncExternalStore } from 'react'
import type { Alarm, Disposition } from '../../../../contract/alarms.ts'
import { may } from '../../../../contract/roles.ts'
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

export const mayAct = (): boolean => {
  const role = consoleStore.get().session?.role
  return role !== undefined && may(role, 'alarm.act')
}

function explain(code: string, message: string): string {
  if (code === 'offline' || code === NETWORK_FAILURE) return text('act.offline')
  return text('act.failed', { message: message || text('error.unknown', { code }) })
}

export async function acknowledge(alarms: readonly Alarm[], comment = ''): Promise<void> {
  const waiting = alarms.filter((alarm) => isUnacknowledged(alarm) && !pending.has(alarm.id))
  if (waiting.length === 0) return
  if (!mayAct()) return view.say(text('act.notAllowed'), true)
  setPending((ids) => {
    for (const alarm of waiting) ids.add(alarm.id)
  })
  let failure: string | undefined
  for (const [i, alarm] of waiting.entries()) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, PACE_MS))
    const answer = await connection.acknowledge(alarm.id, comment)
    setPending((ids) => ids.delete(alarm.id))
    if (!answer.ok) failure = explain(answer.code, answer.message)
  }
  if (failure !== undefined) view.say(failure, true)
}

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
