/**
 * The map follows the queue by this much. Drawing it takes a frame or several where there is no graphics processor, and
 * nobody should read a fire later because of its mark. ms.
 */
const AFTER_MS = 60

/** `work`, soon after it is asked for, once for all that asked meanwhile. */
export function afterTheWords(work: () => void): { ask(): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  return {
    ask: () => {
      timer ??= setTimeout(() => {
        timer = undefined
        work()
      }, AFTER_MS)
    },
    cancel: () => clearTimeout(timer),
  }
}
