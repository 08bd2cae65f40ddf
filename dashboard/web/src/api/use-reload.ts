import { useEffect, useRef } from 'react'

/** Asks again when `news` has changed: after `gatherMs`, so that a flood of events is a few questions to the server. */
export function useReload(news: unknown, gatherMs: number, reload: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const seen = useRef(news)
  const latest = useRef(reload)
  latest.current = reload
  useEffect(() => {
    if (seen.current === news) return
    seen.current = news
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      latest.current()
    }, gatherMs)
  }, [news, gatherMs])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      timer.current = undefined
    },
    [],
  )
}
