import { useSyncExternalStore } from 'react'
import { serverNow } from '../store/console.ts'

/** One clock for every age on the screen: a component renders again only when its own words change. */
const TICK_MS = 1000
const listeners = new Set<() => void>()
let now = serverNow()

setInterval(() => {
  now = serverNow()
  for (const listener of [...listeners]) listener()
}, TICK_MS)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What `say` makes of the server's time, kept up to date. */
export const useTick = <T extends string | number | boolean>(say: (now: number) => T): T =>
  useSyncExternalStore(subscribe, () => say(now))
