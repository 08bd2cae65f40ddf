/**
 * A store outside React: changes are applied at once, listeners hear of them when the schedule says. `onChange` hears at once
 * and is for what must not wait for a frame: the bell of a console whose tab is in the background.
 */
export interface Store<T> {
  get(): T
  update(change: (state: T) => T): void
  subscribe(listener: () => void): () => void
  onChange(listener: (state: T) => void): () => void
}

/** Calls `flush` once, soon. */
export type Schedule = (flush: () => void) => void

export const immediately: Schedule = (flush) => flush()

export function createStore<T>(initial: T, schedule: Schedule): Store<T> {
  let state = initial
  let scheduled = false
  const listeners = new Set<() => void>()
  const watchers = new Set<(state: T) => void>()
  const flush = (): void => {
    scheduled = false
    for (const listener of [...listeners]) listener()
  }
  return {
    get: () => state,
    update(change) {
      const next = change(state)
      if (Object.is(next, state)) return
      state = next
      for (const watcher of [...watchers]) watcher(state)
      if (scheduled) return
      scheduled = true
      schedule(flush)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onChange(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
}
