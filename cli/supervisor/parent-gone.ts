const LOOK_EVERY_MS = 500

/**
 * npm does not pass a SIGTERM on: it ends, and what it has started goes on and holds its ports. Calls `gone` once when
 * whoever started this process is no longer there. Only asked where npm did: elsewhere a parent may leave on purpose (nohup).
 * @returns ends the watch
 */
export function whenParentIsGone(parent: () => number, gone: () => void, everyMs = LOOK_EVERY_MS): () => void {
  const first = parent()
  const timer = setInterval(() => {
    if (parent() === first) return
    clearInterval(timer)
    gone()
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
