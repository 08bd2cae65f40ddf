import { type RefObject, useEffect, useState } from 'react'
import { useReload } from '../api/use-reload.ts'
import type { ConsoleState } from '../store/console-state.ts'

/** Accounts grow at most every five seconds; what is opened and closed is in the events. */
const GATHER_MS = 2000
/** A mouse left lying on the list does not hold it back for longer. */
const HELD_AT_MOST_MS = 20_000

/** What the water pages show has changed: accounts, nights, alarms. */
const waterNews = ({ water, seq }: ConsoleState): number => water + seq

/** Asks again when there is news, but not while the mouse is over `host`: nothing moves under a finger about to click. */
export function useCalmReload(host: RefObject<HTMLElement | null>, reload: () => void): void {
  const [held, setHeld] = useState(false)
  useReload(waterNews, GATHER_MS, () => {
    if (host.current?.matches(':hover')) setHeld(true)
    else reload()
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `reload` is a fresh closure each time and asks for the same
  useEffect(() => {
    const element = host.current
    if (!held || element === null) return
    const release = (): void => {
      setHeld(false)
      reload()
    }
    const timer = setTimeout(release, HELD_AT_MOST_MS)
    element.addEventListener('pointerleave', release)
    return () => {
      clearTimeout(timer)
      element.removeEventListener('pointerleave', release)
    }
  }, [held, host])
}
