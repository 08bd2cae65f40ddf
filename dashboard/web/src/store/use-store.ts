import { useRef, useSyncExternalStore } from 'react'
import type { Store } from './store.ts'

/** The part of a store that a component shows; it renders again only when that part changes. */
export function useStore<T, Part>(store: Store<T>, select: (state: T) => Part): Part {
  const last = useRef<{ readonly state: T; readonly select: (state: T) => Part; readonly part: Part } | null>(null)
  return useSyncExternalStore(store.subscribe, () => {
    const state = store.get()
    const before = last.current
    if (before && Object.is(before.state, state) && before.select === select) return before.part
    const part = select(state)
    last.current = { state, select, part: before && Object.is(before.part, part) ? before.part : part }
    return last.current.part
  })
}
