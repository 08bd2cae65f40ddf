import type { Schedule } from './store.ts'

/** A hidden or throttled tab gets no frames; after this long the change is shown without one. */
const WITHOUT_FRAME_MS = 120

/** The very next animation frame, or soon without one. */
export const nextFrame: Schedule = (flush) => {
  let done = false
  const once = (): void => {
    if (done) return
    done = true
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    flush()
  }
  const frame = requestAnimationFrame(once)
  const timer = setTimeout(once, WITHOUT_FRAME_MS)
}
