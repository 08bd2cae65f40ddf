import type { ReplayAnswer } from '../../../../contract/api.ts'
import { request } from '../api/request.ts'

/** What a person is told while a replay runs and when it is done. */
export interface Tally {
  readonly records: number
  readonly understood: number
  readonly notUnderstood: number
  readonly gone: number
  readonly pending: number
  readonly readings: number
}

export const NOTHING: Tally = { records: 0, understood: 0, notUnderstood: 0, gone: 0, pending: 0, readings: 0 }

const add = (a: Tally, b: Tally): Tally => ({
  records: a.records + b.records,
  understood: a.understood + b.understood,
  notUnderstood: a.notUnderstood + b.notUnderstood,
  gone: a.gone + b.gone,
  pending: a.pending + b.pending,
  readings: a.readings + b.readings,
})

export const replayOne = (id: number, dryRun: boolean): Promise<ReplayAnswer> =>
  request<ReplayAnswer>('POST', `/api/quarantine/${id}/replay`, { dryRun })

/** A request carries a thousand records: goes on until all are through or `signal` says stop. */
export async function replayAll(
  filter: object,
  dryRun: boolean,
  signal: AbortSignal,
  progress: (tally: Tally) => void,
): Promise<Tally> {
  let tally = NOTHING
  let cursor: string | null = null
  do {
    const body: object = { ...filter, dryRun, ...(cursor === null ? {} : { cursor }) }
    const answer: ReplayAnswer = await request<ReplayAnswer>('POST', '/api/quarantine/replay', body)
    tally = add(tally, answer)
    progress(tally)
    cursor = answer.next
  } while (cursor !== null && !signal.aborted)
  return tally
}
