import { useEffect } from 'react'
import type { IncidentDetail } from '../../../../contract/incident-api.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import type { ApiFailure } from '../api/request.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useConsole } from '../store/console.ts'

/** Forty alarms in ten seconds are a few questions to the server, not eighty. */
const GATHER_MS = 300

export interface IncidentAnswer {
  /** As the live stream has it, which is ahead of the answer. */
  readonly incident: Incident | undefined
  readonly detail: IncidentDetail | undefined
  readonly failure: ApiFailure | undefined
}

/** One incident in full, asked for again whenever something about it has happened. */
export function useIncident(id: string): IncidentAnswer {
  const live = useConsole((s) => s.incidents.get(id))
  const seq = useConsole((s) => s.incidentSeq.get(id) ?? 0)
  const watch = useConsole((s) => s.watchModes)
  const answer = useAnswer(`incident ${id}`, (signal) =>
    get<IncidentDetail>(`/api/incidents/${encodeURIComponent(id)}`, signal),
  )
  const { reload } = answer
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these is news about the incident
  useEffect(() => {
    const timer = setTimeout(reload, GATHER_MS)
    return () => clearTimeout(timer)
  }, [seq, watch, reload])
  return { incident: live ?? answer.data?.incident, detail: answer.data, failure: answer.failure }
}
