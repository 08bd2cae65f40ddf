import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'

/** What is known of the home or dwelling; undefined until it is here, and where nothing can be had. */
export const useHome = (premisesId: string | null): HomeDetail | undefined =>
  useAnswer(premisesId === null ? null : `home ${premisesId}`, (signal) =>
    get<HomeDetail>(`/api/homes/${encodeURIComponent(premisesId ?? '')}`, signal),
  ).data
