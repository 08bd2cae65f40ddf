import { useCallback, useEffect, useState } from 'react'
import type { ApiFailure } from './request.ts'

export interface Answer<T> {
  readonly data: T | undefined
  readonly failure: ApiFailure | undefined
  readonly loading: boolean
  reload(): void
}

/**
 * What the server says to `ask`, asked again whenever `key` changes. The last answer stays visible while a newer one is
 * on its way, unless `key` has changed. `key` null asks nothing.
 */
export function useAnswer<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; failure?: ApiFailure; loading: boolean }>({
    key: null,
    loading: false,
  })
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ask` is a fresh closure each time; `key` says when it differs
  useEffect(() => {
    if (key === null) return
    const abort = new AbortController()
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, loading: true }))
    ask(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ key, data, loading: false })
      },
      (failure: ApiFailure) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, key, failure, loading: false }))
      },
    )
    return () => abort.abort()
  }, [key, round])
  const reload = useCallback(() => setRound((n) => n + 1), [])
  const current = state.key === key
  return {
    data: current ? state.data : undefined,
    failure: current ? state.failure : undefined,
    loading: key !== null && (!current || state.loading),
    reload,
  }
}
