import type { Schedule } from './store.ts'

/** A hidden or throttled tab gets no frames; after this long the change is shown without one. */
const WITHOUT_FRAME_MS = 120

/** Calls back with the very next animation frame, or soon without one. */
function onFrame(then: () => void): void {
  let done = false
  const once = (): void => {
    if (done) return
    done = true
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    then()
  }
  const frame = requestAnimationFrame(once)
  const timer = setTimeout(once, WITHOUT_FRAME_MS)
}

/**
 * The first change after a quiet frame is shown at once, what follows it within the same frame together with the next:
 * a lone fire does not wait for a frame to begin, and a flood is still drawn once per frame.
 */
export function promptly(): Schedule {
  let frameTaken = false
  return (flush) => {
    if (frameTaken) {
      onFrame(flush)
      return
    }
    frameTaken = true
    onFrame(() => {
      frameTaken = false
    })
    flush()
  }
}
