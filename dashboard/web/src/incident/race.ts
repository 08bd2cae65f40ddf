import { type Incident, RESPONSE_NAMES, RESPONSES, type Response } from '../../../../contract/incidents.ts'

/** The race of 1-3-5 as clocks: from the message's arrival until somebody is there. Pure. */

const MINUTE_MS = 60_000

export interface Clock {
  readonly response: Response
  readonly limitMs: number
  /** From the arrival of the message until they were there, or until now; of a closed incident until its end. */
  readonly tookMs: number
  /** `never`: it was closed without them. */
  readonly state: 'running' | 'late' | 'in-time' | 'came-late' | 'never'
}

export const clocksOf = (
  incident: Pick<Incident, 'noticedAt' | 'arrivals' | 'closedAt'>,
  now: number,
): readonly Clock[] =>
  RESPONSE_NAMES.map((response): Clock => {
    const limitMs = RESPONSES[response].minutes * MINUTE_MS
    const there = incident.arrivals[response]
    const tookMs = Math.max(0, (there ?? incident.closedAt ?? now) - incident.noticedAt)
    const inTime = tookMs <= limitMs
    if (there !== undefined) return { response, limitMs, tookMs, state: inTime ? 'in-time' : 'came-late' }
    if (incident.closedAt !== null) return { response, limitMs, tookMs, state: 'never' }
    return { response, limitMs, tookMs, state: inTime ? 'running' : 'late' }
  })

/** "1:07": whole seconds that have passed. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  const minutes = Math.floor(seconds / 60)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`
}
