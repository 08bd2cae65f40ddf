import { useEffect, useRef } from 'react'
import { consoleStore } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'

/** The last event and the last change of a device: together they grow with everything that happens. */
export const anyNews = ({ seq, rev }: ConsoleState): number => seq + rev
export const lastEvent = ({ seq }: ConsoleState): number => seq

/**
 * Asks again when what is `newsOf` the console has grown: after `gatherMs`, so that a flood of events is a few questions
 * to the server. Nothing is drawn anew because of the news alone.
 */
export function useReload(newsOf: (state: ConsoleState) => number, gatherMs: number, reload: () => void): void {
  const latest = useRef(reload)
  latest.current = reload
  useEffect(() => {
    let seen = newsOf(consoleStore.get())
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = consoleStore.subscribe(() => {
      const news = newsOf(consoleStore.get())
      if (news === seen) return
      seen = news
      timer ??= setTimeout(() => {
        timer = undefined
        latest.current()
      }, gatherMs)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [newsOf, gatherMs])
}
