import type { IncidentAction } from '../../../../contract/incident-api.ts'
import { ApiFailure, request } from '../api/request.ts'
import { explain } from '../queue/act.ts'
import { view } from '../store/view.ts'

/** @returns whether it was accepted; says why where it was not */
export async function post(path: string, body: object): Promise<boolean> {
  try {
    await request('POST', path, body)
    return true
  } catch (failure) {
    if (failure instanceof ApiFailure) view.say(explain(failure.code, failure.message), true)
    return false
  }
}

/** What a person does to an incident. What has come of it arrives as an event. */
export const act = (id: string, action: IncidentAction, body: object = {}): Promise<boolean> =>
  post(`/api/incidents/${encodeURIComponent(id)}/${action}`, body)
